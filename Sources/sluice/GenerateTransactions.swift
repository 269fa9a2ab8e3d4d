internal import ArgumentParser
internal import Simulators

/// `sluice generate transactions`: the Fraud Detection Handbook's simulation.
struct GenerateTransactions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transactions",
    abstract: "Simulates card transactions with three kinds of fraud, as CSV on stdout.",
    discussion: """
      The simulation of the Fraud Detection Handbook (Le Borgne et al., chapter 3): amounts above 220; terminals that are \
      compromised for 28 days; customers that are compromised for 14 days, a third of whose amounts are five times as \
      large. The same numbers and seed give the same bytes on every machine.
      """
  )

  @Option(help: "Customers, each with a place, a usual amount and a number of purchases a day.")
  var customers: Int = 5000

  @Option(help: "Terminals, each with a place; customers use those near them.")
  var terminals: Int = 10_000

  @Option(help: "Days, from 2018-04-01.")
  var days: Int = 183

  @Option(help: "Of the random numbers.")
  var seed: UInt64 = 0

  func validate() throws {
    try GenerateCommand.check([
      "--customers": (customers, TransactionSimulator.most), "--terminals": (terminals, TransactionSimulator.most),
      "--days": (days, TransactionSimulator.mostDays),
    ])
    try GenerateCommand.check(
      product: customers * days,
      of: "--customers times --days",
      most: TransactionSimulator.mostCustomerDays,
      rows: "40 million transactions in 3 GB"
    )
  }

  func run() throws {
    let simulator = TransactionSimulator(customers: customers, terminals: terminals, days: days, seed: seed)
    try GenerateCommand.write(simulator.transactions(), from: Transaction.handbookStart)
  }
}
