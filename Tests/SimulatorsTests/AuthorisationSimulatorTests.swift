import Simulators
import Testing

@Suite struct AuthorisationSimulatorTests {
  static let rows = AuthorisationSimulator(cards: 2000, merchants: 200, days: 20, seed: 3).authorisations()

  @Test func theSameSeedGivesTheSameBytesOnEveryMachine() {
    let hash = { csvHash(AuthorisationSimulator(cards: 100, merchants: 30, days: 30, seed: $0).authorisations()) }
    #expect(hash(1) == 8_950_923_151_042_583_536)
    #expect(hash(1) != hash(2))
  }

  @Test func moreDaysChangeNothingAboutTheEarlierOnes() {
    let long = AuthorisationSimulator(cards: 1000, merchants: 60, days: 20, seed: 9).authorisations()
    let short = AuthorisationSimulator(cards: 1000, merchants: 60, days: 8, seed: 9).authorisations()
    #expect(long.filter { $0.time < 8 * 86_400 } == short)
  }

  @Test func rowsAreInTheOrderOfTime() {
    #expect(zip(Self.rows, Self.rows.dropFirst()).allSatisfy { $0.time <= $1.time })
    #expect(Self.rows.allSatisfy { 0..<20 * 86_400 ~= $0.time && 0..<200 ~= $0.merchant && $0.cents > 0 })
  }

  @Test func aThiefTestsSmallAmountsAndMostAreDeclined() {
    let testing = Self.rows.filter { $0.attack == .testing }
    #expect(testing.allSatisfy { 50..<500 ~= $0.cents })
    #expect(0.7...0.9 ~= Double(testing.count { !$0.isApproved }) / Double(testing.count))
    let own = Self.rows.filter { $0.attack == nil }
    #expect(0.03...0.08 ~= Double(own.count { !$0.isApproved }) / Double(own.count))
    #expect(0.05...0.2 ~= Double(testing.count) / Double(Self.rows.count))
  }

  @Test func aCardIsCashedOutAfterItsTestWasApproved() {
    let cashOuts = Self.rows.filter { $0.attack == .cashOut }
    #expect(cashOuts.count > 50)
    let tests = Self.rows.filter { $0.attack == .testing && $0.isApproved }.grouped(by: \.card)
    for row in cashOuts {
      #expect(row.cents >= 120_00)
      #expect(tests[row.card]?.contains { 0..<36 * 3600 + 1 ~= row.time - $0.time } == true, "\(row)")
    }
  }
}
