import Simulators
import Testing

/// The simulation as its users see it: rows with the properties that the handbook describes.
@Suite struct TransactionSimulatorTests {
  static let transactions = TransactionSimulator(customers: 1000, terminals: 2000, days: 60, seed: 42).transactions()

  static func csv(seed: UInt64) -> UInt64 {
    let simulator = TransactionSimulator(customers: 50, terminals: 100, days: 30, seed: seed)
    return csvHash(simulator.transactions(), from: Transaction.handbookStart)
  }

  @Test func theSameSeedGivesTheSameBytesOnEveryMachine() {
    #expect(Self.csv(seed: 1) == 3_351_102_558_513_773_613)
    #expect(Self.csv(seed: 1) != Self.csv(seed: 2))
  }

  @Test func rowsAreInTheOrderOfTime() {
    #expect(zip(Self.transactions, Self.transactions.dropFirst()).allSatisfy { $0.time <= $1.time })
    #expect(Self.transactions.allSatisfy { $0.cents >= 0 && 0..<60 * 86_400 ~= $0.time })
  }

  @Test func customersBuyTwiceADayOnAverage() {
    // Poisson(2) a day, of which 3% fall out of the day, and all where no terminal is near.
    let perDay = Double(Self.transactions.count) / 60 / 1000
    #expect(1.75...2.05 ~= perDay, "\(perDay)")
    let noon = Self.transactions.filter { 6 * 3600..<18 * 3600 ~= $0.time % 86_400 }.count
    // Within 1.08 standard deviations of noon: 72% of all, 74% of those within the day.
    #expect(0.71...0.77 ~= Double(noon) / Double(Self.transactions.count))
  }

  @Test func eachKindOfFraudIsWhatItSays() {
    for transaction in Self.transactions where transaction.cents > 220_00 { #expect(transaction.scenario != 0) }
    for transaction in Self.transactions where transaction.scenario == 1 { #expect(transaction.cents > 220_00) }
    let share = { (scenario: UInt8) in
      Double(Self.transactions.filter { $0.scenario == scenario }.count) / Double(Self.transactions.count)
    }
    // The handbook's own data: 0.06%, 0.52% and 0.27%.
    #expect(0.0002...0.0015 ~= share(1), "\(share(1))")
    #expect(0.002...0.01 ~= share(2), "\(share(2))")
    #expect(0.001...0.005 ~= share(3), "\(share(3))")
  }

  @Test func aCompromisedTerminalIsSoForFourWeeks() {
    let frauds = Dictionary(grouping: Self.transactions.filter { $0.scenario == 2 }, by: \.terminal)
    #expect(!frauds.isEmpty)
    for (terminal, rows) in frauds {
      let first = rows[0].time / 86_400
      let during = Self.transactions.filter { $0.terminal == terminal && first..<first + 1 ~= $0.time / 86_400 }
      #expect(during.allSatisfy { $0.scenario != 0 }, "terminal \(terminal)")
    }
  }

  @Test func moreDaysChangeNothingAboutTheEarlierOnes() {
    let long = TransactionSimulator(customers: 200, terminals: 400, days: 40, seed: 9).transactions()
    let short = TransactionSimulator(customers: 200, terminals: 400, days: 20, seed: 9).transactions()
    let places = { (rows: [Transaction]) in rows.map { [$0.time, Int64($0.customer), Int64($0.terminal)] } }
    #expect(places(long.filter { $0.time < 20 * 86_400 }) == places(short))
  }
}
