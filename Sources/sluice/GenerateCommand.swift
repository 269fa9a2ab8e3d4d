internal import ArgumentParser
internal import Records
internal import TransactionSimulator

/// `sluice generate`: data to try things with.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Makes data sets.",
    subcommands: [TransactionsCommand.self]
  )
}

/// `sluice generate transactions`: the Fraud Detection Handbook's simulation.
struct TransactionsCommand: ParsableCommand {
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
    for (name, value, most) in [
      ("--customers", customers, TransactionSimulator.most), ("--terminals", terminals, TransactionSimulator.most),
      ("--days", days, TransactionSimulator.mostDays),
    ] where !(1...most).contains(value) {
      throw ValidationError("\(name) is \(value): give it 1 to \(most).")
    }
    guard customers * days <= TransactionSimulator.mostCustomerDays else {
      throw ValidationError(
        "--customers times --days is \(customers * days), and all their transactions are held in memory: give them a product "
          + "of at most \(TransactionSimulator.mostCustomerDays), which makes some 40 million transactions in 3 GB."
      )
    }
  }

  func run() throws {
    let simulator = TransactionSimulator(customers: customers, terminals: terminals, days: days, seed: seed)
    var text = TextBuffer(capacity: 1 << 16)
    Transaction.appendHeader(to: &text)
    for (id, transaction) in simulator.transactions().enumerated() {
      transaction.append(id: id, start: Transaction.handbookStart, to: &text)
      if text.count > 1 << 16 { try flush(&text) }
    }
    try flush(&text)
  }

  private func flush(_ text: inout TextBuffer) throws {
    try StandardOutput.write(text.bytes)
    text.removeAll()
  }
}
