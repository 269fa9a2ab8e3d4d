/// Logins by others than the owners of accounts.
struct LoginAttacks {
  /// The city of each account.
  private let homes: [Int]
  /// When the owner of each account logs in: seconds since the start.
  private var owners: [[Int64]]
  private let seed: UInt64

  private static let stolenPasswordsPerDay = 1 / 160.0
  private static let guessingPerDay = 1 / 220.0
  private static let stuffingPerDay = 1 / 1600.0

  /// - Parameters:
  ///   - homes: the city of each account.
  ///   - logins: of their owners.
  init(homes: [Int], logins: [Login], seed: UInt64) {
    self.homes = homes
    self.seed = seed
    owners = Array(repeating: [], count: homes.count)
    for login in logins { owners[Int(login.account)].append(login.time) }
  }

  /// Those that begin on `day`.
  func appendDay(_ day: Int, to logins: inout [Login]) {
    var random = RandomNumbers(seed: seed, purpose: .stolenPasswords, index: day)
    for account in victims(on: day, Self.stolenPasswordsPerDay, &random) {
      appendStolenPassword(begin(day, .stolenPassword, account, &random), &random, to: &logins)
    }
    random = RandomNumbers(seed: seed, purpose: .guessing, index: day)
    for account in victims(on: day, Self.guessingPerDay, &random) {
      appendGuessing(begin(day, .guessing, account, &random), &random, to: &logins)
    }
    random = RandomNumbers(seed: seed, purpose: .stuffing, index: day)
    for account in victims(on: day, Self.stuffingPerDay, &random) {
      appendStuffing(begin(day, .stuffing, account, &random), &random, to: &logins)
    }
  }

  private func victims(on day: Int, _ share: Double, _ random: inout RandomNumbers) -> [Int] {
    random.sample(SimulatedTime.count(on: day, Double(homes.count) * share), below: homes.count)
  }

  /// A first attempt with a device and an address of the attacker's own; one in four sits in the victim's city, or looks so.
  private func begin(_ day: Int, _ attack: Login.Attack, _ account: Int, _ random: inout RandomNumbers) -> Login {
    let isNear = attack != .stuffing && random.chance(0.25)
    let city = isNear ? homes[account] : random.index(below: GeoPoint.cities.count)
    var time = Int64(day * SimulatedTime.day + random.index(below: SimulatedTime.day))
    let logins = owners[account].filter { Int($0) / SimulatedTime.day == day }
    // A password is mostly used soon after its owner typed it into the wrong page.
    if attack == .stolenPassword, !logins.isEmpty, random.chance(0.7) {
      time = random.element(of: logins) + Int64(random.integer(in: 5...150) * SimulatedTime.minute)
    }
    return Login(
      time: time,
      account: Int32(account),
      device: AccountProfile.newDevice(&random),
      address: LoginAddress.any(&random),
      place: GeoPoint.cities[city].nearby(&random),
      isSuccess: false,
      attack: attack
    )
  }

  /// Comes back up to two times, some minutes or hours later.
  private func appendStolenPassword(_ first: Login, _ random: inout RandomNumbers, to logins: inout [Login]) {
    var time = first.time
    for _ in 0...random.index(below: 3) {
      logins.append(first.attempted(at: time, isSuccess: true))
      time += Int64(random.integer(in: 5 * SimulatedTime.minute...3 * SimulatedTime.hour))
    }
  }

  /// Three attempts in five find the password in the end.
  private func appendGuessing(_ first: Login, _ random: inout RandomNumbers, to logins: inout [Login]) {
    var time = first.time
    for _ in 0..<random.integer(in: 3...10) {
      logins.append(first.attempted(at: time, isSuccess: false))
      time += Int64(random.integer(in: 4...30))
    }
    if random.chance(0.6) { logins.append(first.attempted(at: time, isSuccess: true)) }
  }

  /// One password in twenty-five is right.
  private func appendStuffing(_ first: Login, _ random: inout RandomNumbers, to logins: inout [Login]) {
    var time = first.time
    for account in random.sample(random.integer(in: 40...100), below: homes.count) {
      logins.append(
        Login(
          time: time,
          account: Int32(account),
          device: first.device,
          address: first.address,
          place: first.place,
          isSuccess: random.chance(0.04),
          attack: .stuffing
        )
      )
      time += Int64(random.integer(in: 3...20))
    }
  }
}
