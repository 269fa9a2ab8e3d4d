/// Who has an account at the bank, and whom they pay.
struct Holder {
  let kind: Kind
  /// The day on which the account was opened, counted from the start.
  let opened: Int32
  let salary: Double
  /// The day of a month of 30 days on which the employer pays.
  let payDay: Int
  let employer: Int
  let landlord: Int
  let shops: [Int]
  let friends: [Int]
  let paymentsPerDay: Double
  /// Whether the rent is paid on the day on which the salary comes.
  let paysAtOnce: Bool

  enum Kind {
    case person
    case business
    /// Takes money of others and passes it on.
    case mule
    /// Hires mules.
    case collector
  }

  /// The first accounts are the businesses', a twelfth of all.
  static func businesses(of accounts: Int) -> Int { max(accounts / 12, 1) }

  init(_ random: inout RandomNumbers, _ account: Int, of accounts: Int) {
    let businesses = Self.businesses(of: accounts)
    let share = random.unit()
    kind = account < businesses ? .business : share < 0.05 ? .mule : share < 0.06 ? .collector : .person
    let isNew = random.chance(kind == .mule ? 0.8 : 0.08)
    opened = Int32(isNew ? -random.integer(in: 2...60) : -random.integer(in: 61...4000))
    salary = random.uniform(1400, 4800)
    let month = 30
    employer = random.index(below: businesses)
    payDay = employer % 5 == 0 ? random.index(below: month) : (employer * 7) % month
    landlord = random.index(below: businesses)
    shops = (0..<5).map { _ in random.index(below: businesses) }
    friends = random.sample(5, below: accounts).filter { $0 != account }
    paymentsPerDay = random.uniform(0.05, 0.6)
    paysAtOnce = random.chance(0.4)
  }
}
