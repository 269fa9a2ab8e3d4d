import Simulators
import Testing

@Suite struct LoginSimulatorTests {
  static let logins = LoginSimulator(accounts: 600, days: 40, seed: 11).logins()

  @Test func theSameSeedGivesTheSameBytesOnEveryMachine() {
    let hash = { csvHash(LoginSimulator(accounts: 50, days: 30, seed: $0).logins()) }
    #expect(hash(1) == 17_346_845_520_296_364_165)
    #expect(hash(1) != hash(2))
  }

  @Test func moreDaysChangeNothingAboutTheEarlierOnes() {
    let long = LoginSimulator(accounts: 200, days: 30, seed: 9).logins()
    #expect(long.filter { $0.time < 12 * 86_400 } == LoginSimulator(accounts: 200, days: 12, seed: 9).logins())
  }

  @Test func rowsAreInTheOrderOfTime() {
    #expect(zip(Self.logins, Self.logins.dropFirst()).allSatisfy { $0.time <= $1.time })
    #expect(Self.logins.allSatisfy { 0..<40 * 86_400 ~= $0.time && 0..<600 ~= $0.account })
  }

  @Test func mostRowsAreTheOwners() {
    for attack in Login.Attack.allCases {
      let share = Double(Self.logins.count { $0.attack == attack }) / Double(Self.logins.count)
      #expect(0.003...0.06 ~= share, "\(attack): \(share)")
    }
    let own = Self.logins.filter { $0.attack == nil }
    #expect(0.04...0.12 ~= Double(own.count { !$0.isSuccess }) / Double(own.count))
  }

  @Test func anAttackerHasOneDeviceAndOneAddress() {
    let attacks = Self.logins.filter { $0.attack != nil }.grouped { $0.device }
    for (device, rows) in attacks {
      #expect(Set(rows.map(\.address)).count == 1 && Set(rows.map(\.place)).count == 1, "\(device)")
      let accounts = Set(rows.map(\.account))
      switch rows[0].attack {
      case .stolenPassword: #expect(accounts.count == 1 && rows.allSatisfy(\.isSuccess))
      // What comes after the last day is not there.
      case .guessing: #expect(accounts.count == 1 && !rows[0].isSuccess && rows.dropLast().allSatisfy { !$0.isSuccess })
      case .stuffing: #expect(accounts.count == rows.count && rows.count <= 100)
      case nil: Issue.record("the owner of an account attacks it with device \(device)")
      }
    }
  }

  @Test func ownersWithoutATunnelFlyNoFasterThanAnAeroplane() {
    // A tunnel's address is one of its own, neither the home's nor one that a city shares.
    let shared = { (login: Login) in login.address >> 16 == 172 << 8 | 16 }
    for (account, rows) in Self.logins.filter({ $0.attack == nil }).grouped(by: \.account) {
      let home = rows.filter { !shared($0) }.grouped(by: \.address).max {
        ($0.value.count, $0.key) < ($1.value.count, $1.key)
      }?.key
      let places = rows.filter { shared($0) || $0.address == home }
      for (a, b) in zip(places, places.dropFirst()) where abs(a.place.latitude - b.place.latitude) > 10_0000 {
        #expect(b.time - a.time >= 86_400 * 9 / 10, "account \(account) at \(b.time)")
      }
    }
  }
}
