import Simulators
import Testing

@Suite struct TransferSimulatorTests {
  static let rows = TransferSimulator(accounts: 1000, days: 40, seed: 3).bookings()

  @Test func theSameSeedGivesTheSameBytesOnEveryMachine() {
    let hash = { csvHash(TransferSimulator(accounts: 150, days: 20, seed: $0).bookings()) }
    #expect(hash(1) == 7_445_008_497_165_767_268)
    #expect(hash(1) != hash(2))
  }

  @Test func moreDaysChangeNothingAboutTheEarlierOnes() {
    let long = TransferSimulator(accounts: 300, days: 30, seed: 9).bookings()
    #expect(long.filter { $0.time < 12 * 86_400 } == TransferSimulator(accounts: 300, days: 12, seed: 9).bookings())
  }

  @Test func aTransferIsTwoBookingsThatAgree() {
    #expect(Self.rows.count.isMultiple(of: 2))
    for index in stride(from: 0, to: Self.rows.count, by: 2) {
      let (paid, got) = (Self.rows[index], Self.rows[index + 1])
      #expect(paid.isOutgoing && !got.isOutgoing && paid.time == got.time && paid.cents == got.cents && paid.cents > 0)
      #expect(paid.account == got.counterparty && got.account == paid.counterparty && paid.account != got.account)
      #expect(paid.transfer == got.transfer && Int(paid.transfer) == index / 2)
    }
    #expect(zip(Self.rows, Self.rows.dropFirst()).allSatisfy { $0.time <= $1.time })
    #expect(Self.rows.allSatisfy { 0..<40 * 86_400 ~= $0.time && $0.opened <= 0 })
  }

  @Test func aMulePassesOnLessThanItGot() {
    let mules = Self.rows.filter { $0.role == .mule }.grouped(by: \.account)
    #expect(20...80 ~= mules.count)
    for (account, rows) in mules {
      var balance: Int64 = 0
      for row in rows {
        balance += row.isOutgoing ? -row.cents : row.cents
        #expect(balance >= 0, "account \(account) at \(row.time)")
      }
    }
    #expect(0.02...0.1 ~= Double(Self.rows.count { $0.role == .mule }) / Double(Self.rows.count))
    // Four in five have a new account, of others one in twelve.
    let young = { (accounts: [Booking]) in Double(accounts.count { $0.opened >= -60 }) / Double(accounts.count) }
    #expect(young(mules.values.map { $0[0] }) > 0.6)
    #expect(
      young(Self.rows.grouped(by: \.account).values.filter { $0.allSatisfy { $0.role == nil } }.map { $0[0] }) < 0.15
    )
  }
}
