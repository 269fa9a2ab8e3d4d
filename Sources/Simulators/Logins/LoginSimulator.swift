/// Logins of made-up accounts, most by their owners, some by others.
///
/// Owners mistype, forget, travel by aeroplane, buy new devices, share the address of an office or of a carrier, and some use
/// a tunnel that ends in another country: each looks like an attack to somebody who looks at one thing only. The number of
/// attacks grows with the accounts and the days.
package struct LoginSimulator {
  private let accounts: Int
  private let days: Int
  private let seed: UInt64

  package static let most = 1_000_000
  package static let mostDays = 3650
  /// Accounts times days: all logins, some one of each account a day, are held until the last one is known.
  package static let mostAccountDays = 20_000_000

  /// - Parameters: each 1 or more, and at most `most` and `mostDays`, their product at most `mostAccountDays`.
  package init(accounts: Int, days: Int, seed: UInt64) {
    precondition(1...Self.most ~= accounts && 1...Self.mostDays ~= days && accounts * days <= Self.mostAccountDays)
    self.accounts = accounts
    self.days = days
    self.seed = seed
  }

  /// All logins by time; those of one second by account.
  package func logins() -> [Login] {
    var logins: [Login] = []
    var homes: [Int] = []
    for account in 0..<accounts {
      var random = RandomNumbers(seed: seed, purpose: .account, index: account)
      var profile = AccountProfile(&random)
      homes.append(profile.city)
      random = RandomNumbers(seed: seed, purpose: .logins, index: account)
      var trip: (city: Int, days: Range<Int>) = (profile.city, 0..<0)
      for day in 0..<days {
        appendDay(day, Int32(account), &profile, &trip, &random, to: &logins)
      }
    }
    let attacks = LoginAttacks(homes: homes, logins: logins, seed: seed)
    for day in 0..<days { attacks.appendDay(day, to: &logins) }
    logins.removeAll { $0.time >= Int64(days * SimulatedTime.day) }
    logins.sort { ($0.time, $0.account, $0.device) < ($1.time, $1.account, $1.device) }
    return logins
  }

  private func appendDay(
    _ day: Int,
    _ account: Int32,
    _ profile: inout AccountProfile,
    _ trip: inout (city: Int, days: Range<Int>),
    _ random: inout RandomNumbers,
    to logins: inout [Login]
  ) {
    if random.chance(1 / 150.0) {
      profile.devices[random.index(below: profile.devices.count)] = AccountProfile.newDevice(&random)
    }
    if day >= trip.days.upperBound, random.chance(1 / 60.0) {
      trip = (random.index(below: GeoPoint.cities.count), day..<day + 3 + random.index(below: 5))
    }
    let times = (0..<random.poisson(mean: profile.loginsPerDay))
      .map { _ in Int(random.normal(mean: 14 * 3600, deviation: 4 * 3600)) }
      .filter { 0..<SimulatedTime.day ~= $0 }
    // On the first and the last day of a trip they sit in an aeroplane.
    if trip.days.first == day || trip.days.last == day { return }
    let city = trip.days.contains(day) ? trip.city : profile.city
    for time in times.sorted() {
      let login = ownLogin(Int64(day * SimulatedTime.day + time), account, profile, city, &random)
      appendMistakes(before: login, &random, to: &logins)
      if !random.chance(0.003) { logins.append(login) }
    }
  }

  private func ownLogin(
    _ time: Int64,
    _ account: Int32,
    _ profile: AccountProfile,
    _ city: Int,
    _ random: inout RandomNumbers
  ) -> Login {
    let device = random.index(below: profile.devices.count)
    let isCarried = device > 0 || city != profile.city
    var place = isCarried ? GeoPoint.cities[city].nearby(&random) : profile.home
    var address = isCarried ? LoginAddress.shared(inCity: city, random.index(below: 8)) : profile.homeAddress
    if profile.hasTunnel, random.chance(0.08) {
      place = GeoPoint.cities[random.index(below: GeoPoint.cities.count)]
      address = LoginAddress.any(&random)
    }
    return Login(
      time: time,
      account: account,
      device: profile.devices[isCarried && device == 0 ? profile.devices.count - 1 : device],
      address: address,
      place: place,
      isSuccess: true,
      attack: nil
    )
  }

  /// One login in sixteen takes a second attempt, or a third; one in 250 takes more.
  private func appendMistakes(before login: Login, _ random: inout RandomNumbers, to logins: inout [Login]) {
    var count = 0
    if random.chance(0.06) { count = random.integer(in: 1...2) }
    if random.chance(0.004) { count = random.integer(in: 3...5) }
    var time = login.time
    for _ in 0..<count {
      time -= Int64(random.integer(in: 8...45))
      // More days change nothing about the earlier ones.
      guard time / Int64(SimulatedTime.day) == login.time / Int64(SimulatedTime.day), time >= 0 else { return }
      logins.append(login.attempted(at: time, isSuccess: false))
    }
  }
}

extension Login {
  /// Another attempt from the same place.
  func attempted(at time: Int64, isSuccess: Bool) -> Login {
    Login(
      time: time,
      account: account,
      device: device,
      address: address,
      place: place,
      isSuccess: isSuccess,
      attack: attack
    )
  }
}
