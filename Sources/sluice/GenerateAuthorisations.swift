internal import ArgumentParser
internal import Simulators

/// `sluice generate authorisations`: purchases, and thieves who test cards.
struct GenerateAuthorisations: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "authorisations",
    abstract: "Simulates card authorisations with bursts of card testing, as CSV on stdout.",
    discussion: """
      A thief asks for small amounts at one merchant, with one number after another of one issuer (BIN), most of which are \
      declined; what is approved soon buys something large elsewhere. Sales of tickets and appeals for donations look \
      alike, but are honest. The columns is_attack and attack say which row is whose. The same numbers and seed give the \
      same bytes on every machine.
      """
  )

  @Option(help: "Cards, each with some merchants and a number of purchases a day.")
  var cards: Int = 5000

  @Option(help: "Merchants, each with what it sells and at what prices.")
  var merchants: Int = 500

  @Option(help: "Days, from 2026-03-02.")
  var days: Int = 60

  @Option(help: "Of the random numbers.")
  var seed: UInt64 = 0

  func validate() throws {
    try GenerateCommand.check([
      "--cards": (cards, AuthorisationSimulator.most), "--merchants": (merchants, AuthorisationSimulator.most),
      "--days": (days, AuthorisationSimulator.mostDays),
    ])
    try GenerateCommand.check(
      product: cards * days,
      of: "--cards times --days",
      most: AuthorisationSimulator.mostCardDays,
      rows: "15 million authorisations in 1 GB"
    )
  }

  func run() throws {
    let simulator = AuthorisationSimulator(cards: cards, merchants: merchants, days: days, seed: seed)
    try GenerateCommand.write(simulator.authorisations(), from: SimulatedTime.start)
  }
}
