/// Card transactions of made-up customers at made-up terminals, with three kinds of fraud: the simulation of the Fraud
/// Detection Handbook (Le Borgne, Siblini, Lebichot and Bontempi, "Reproducible Machine Learning for Credit Card Fraud
/// Detection", chapter 3), with a generator of our own.
///
/// There, 5,000 customers and 10,000 terminals have 3 of the one and 2 of the other compromised every day. Here the numbers
/// grow with the population, so that the share of fraud does not depend on the size.
package struct TransactionSimulator {
  private let customers: Int
  private let terminals: Int
  private let days: Int
  private let seed: UInt64

  /// The largest population and the longest time, which keep identifiers and memory within bounds.
  package static let most = 10_000_000
  package static let mostDays = 3650
  /// Customers times days: all transactions, some two of each customer a day, are held until the last one is known.
  package static let mostCustomerDays = 20_000_000

  private static let secondsPerDay = 86_400
  /// Cents above which every transaction is fraud (scenario 1).
  private static let suspiciousAmount: Int64 = 220_00
  /// Days for which a terminal (scenario 2) and a customer (scenario 3) stay compromised.
  private static let terminalDays = 28
  private static let customerDays = 14
  private static let compromisedTerminalsPerDay = 2.0 / 10_000
  private static let compromisedCustomersPerDay = 3.0 / 5_000

  /// - Parameters: each 1 or more, and `customers` and `terminals` at most `most`, `days` at most `mostDays`, `customers` times
  ///   `days` at most `mostCustomerDays`.
  package init(customers: Int, terminals: Int, days: Int, seed: UInt64) {
    precondition(1...Self.most ~= customers && 1...Self.most ~= terminals && 1...Self.mostDays ~= days)
    precondition(customers * days <= Self.mostCustomerDays)
    self.customers = customers
    self.terminals = terminals
    self.days = days
    self.seed = seed
  }

  /// All transactions, by time; those of one second by customer.
  package func transactions() -> [Transaction] {
    let map = TerminalMap(terminals: terminals, seed: seed)
    var transactions: [Transaction] = []
    for customer in 0..<customers {
      var random = RandomNumbers(seed: seed, purpose: .customer, index: customer)
      let profile = CustomerProfile(&random, map)
      random = RandomNumbers(seed: seed, purpose: .transactions, index: customer)
      for day in 0..<days { appendDay(day, Int32(customer), profile, &random, to: &transactions) }
    }
    transactions.sort { ($0.time, $0.customer) < ($1.time, $1.customer) }
    addFrauds(to: &transactions)
    return transactions
  }

  private func appendDay(
    _ day: Int,
    _ customer: Int32,
    _ profile: CustomerProfile,
    _ random: inout RandomNumbers,
    to transactions: inout [Transaction]
  ) {
    for _ in 0..<random.poisson(mean: profile.transactionsPerDay) {
      // Most people shop around noon; what falls out of the day does not happen.
      let second = Int(random.normal(mean: Double(Self.secondsPerDay) / 2, deviation: 20_000))
      guard second > 0, second < Self.secondsPerDay else { continue }
      var amount = random.normal(mean: profile.meanAmount, deviation: profile.deviation)
      if amount < 0 { amount = random.uniform(0, profile.meanAmount * 2) }
      guard !profile.terminals.isEmpty else { continue }
      let terminal = profile.terminals[random.index(below: profile.terminals.count)]
      transactions.append(
        Transaction(
          time: Int64(day * Self.secondsPerDay + second),
          customer: customer,
          terminal: terminal,
          cents: Int64((amount * 100).rounded()),
          scenario: 0
        )
      )
    }
  }

  /// The three scenarios one after the other; a later one takes the place of an earlier one.
  private func addFrauds(to transactions: inout [Transaction]) {
    for index in transactions.indices where transactions[index].cents > Self.suspiciousAmount {
      transactions[index].scenario = 1
    }
    let byTerminal = Self.groups(of: transactions, terminals) { Int($0.terminal) }
    let byCustomer = Self.groups(of: transactions, customers) { Int($0.customer) }
    for day in 0..<days {
      var random = RandomNumbers(seed: seed, purpose: .compromisedTerminals, index: day)
      let count = Self.compromised(on: day, Double(terminals) * Self.compromisedTerminalsPerDay)
      for terminal in random.sample(count, below: terminals) {
        for index in Self.within(byTerminal[terminal], transactions, day..<day + Self.terminalDays) {
          transactions[index].scenario = 2
        }
      }
    }
    for day in 0..<days {
      var random = RandomNumbers(seed: seed, purpose: .compromisedCustomers, index: day)
      let count = Self.compromised(on: day, Double(customers) * Self.compromisedCustomersPerDay)
      let candidates = random.sample(count, below: customers).flatMap {
        Self.within(byCustomer[$0], transactions, day..<day + Self.customerDays)
      }
      // A third of what the thief could have used the card for.
      for place in random.sample(candidates.count / 3, below: candidates.count) {
        transactions[candidates[place]].cents *= 5
        transactions[candidates[place]].scenario = 3
      }
    }
  }

  /// How many become compromised on a day, when there are `perDay` of them on average.
  private static func compromised(on day: Int, _ perDay: Double) -> Int {
    Int(Double(day + 1) * perDay) - Int(Double(day) * perDay)
  }

  /// The transactions of each customer, or terminal, by time.
  private static func groups(
    of transactions: [Transaction],
    _ count: Int,
    _ key: (Transaction) -> Int
  ) -> [[Int]] {
    var groups = Array(repeating: [Int](), count: count)
    for (index, transaction) in transactions.enumerated() { groups[key(transaction)].append(index) }
    return groups
  }

  private static func within(_ group: [Int], _ transactions: [Transaction], _ days: Range<Int>) -> [Int] {
    group.filter { days.contains(Int(transactions[$0].time) / secondsPerDay) }
  }
}
