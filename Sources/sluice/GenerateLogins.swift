internal import ArgumentParser
internal import Simulators

/// `sluice generate logins`: accounts, their owners, and others who would like to be.
struct GenerateLogins: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logins",
    abstract: "Simulates logins with three kinds of account takeover, as CSV on stdout.",
    discussion: """
      Owners log in from home and on the way, mistype, travel, buy new devices; some use a tunnel that ends in another \
      country. Others come with a stolen password, guess one (failures, seconds apart, then perhaps a success), or try a \
      list of names and passwords from one address. The columns is_attack and attack say which row is whose. The same \
      numbers and seed give the same bytes on every machine.
      """
  )

  @Option(help: "Accounts, each with a home, some devices and a number of logins a day.")
  var accounts: Int = 1000

  @Option(help: "Days, from 2026-03-02.")
  var days: Int = 60

  @Option(help: "Of the random numbers.")
  var seed: UInt64 = 0

  func validate() throws {
    try GenerateCommand.check([
      "--accounts": (accounts, LoginSimulator.most), "--days": (days, LoginSimulator.mostDays),
    ])
    try GenerateCommand.check(
      product: accounts * days,
      of: "--accounts times --days",
      most: LoginSimulator.mostAccountDays,
      rows: "25 million logins in 2 GB"
    )
  }

  func run() throws {
    let logins = LoginSimulator(accounts: accounts, days: days, seed: seed).logins()
    try GenerateCommand.write(logins, from: SimulatedTime.start)
  }
}
