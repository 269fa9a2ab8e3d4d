internal import ArgumentParser
internal import Simulators

/// `sluice generate transfers`: the bookings of a bank with mules among its customers.
struct GenerateTransfers: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfers",
    abstract: "Simulates transfers between accounts with money mules, as CSV on stdout.",
    discussion: """
      Two rows for a transfer, as a ledger has them: what one account pays, and what the other gets. A mule's account, often \
      a new one, gets the money of people who were cheated and passes nearly all of it on within hours. Salaries leave as \
      rent and friends collect for presents in the same way, but honestly. The columns is_mule and role say which row is \
      whose. The same numbers and seed give the same bytes on every machine.
      """
  )

  @Option(help: "Accounts: of people, of businesses, of mules and of those who hire them.")
  var accounts: Int = 2000

  @Option(help: "Days, from 2026-03-02.")
  var days: Int = 60

  @Option(help: "Of the random numbers.")
  var seed: UInt64 = 0

  func validate() throws {
    try GenerateCommand.check([
      "--accounts": (accounts, TransferSimulator.most), "--days": (days, TransferSimulator.mostDays),
    ])
    try GenerateCommand.check(
      product: accounts * days,
      of: "--accounts times --days",
      most: TransferSimulator.mostAccountDays,
      rows: "20 million bookings in 2 GB"
    )
  }

  func run() throws {
    let bookings = TransferSimulator(accounts: accounts, days: days, seed: seed).bookings()
    try GenerateCommand.write(bookings, from: SimulatedTime.start)
  }
}
