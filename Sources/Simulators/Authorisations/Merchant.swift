/// What a merchant sells, and at what prices.
struct Merchant {
  let kind: Kind
  private let low: Double
  private let high: Double

  enum Kind: CaseIterable {
    case shop
    case downloads
    case charity
    case electronics
    case tickets
  }

  init(_ random: inout RandomNumbers) {
    let share = random.unit()
    kind =
      share < 0.6 ? .shop : share < 0.72 ? .downloads : share < 0.8 ? .charity : share < 0.92 ? .electronics : .tickets
    switch kind {
    case .shop: (low, high) = (random.uniform(2, 10), random.uniform(40, 120))
    case .downloads: (low, high) = (0.49, random.uniform(4, 12))
    case .charity: (low, high) = (1, random.uniform(10, 40))
    case .electronics: (low, high) = (random.uniform(10, 60), random.uniform(300, 900))
    case .tickets: (low, high) = (random.uniform(15, 30), random.uniform(60, 160))
    }
  }

  /// Cents; low prices are more usual than high ones.
  func price(_ random: inout RandomNumbers) -> Int64 {
    let share = random.unit() * random.unit()
    return Int64(((low + (high - low) * share) * 100).rounded())
  }
}

/// A card in use.
struct CardProfile {
  let number: CardNumber
  let purchasesPerDay: Double
  let merchants: [Int]

  init(_ random: inout RandomNumbers, merchants count: Int) {
    number = CardNumber(bin: random.element(of: CardNumber.bins), &random)
    purchasesPerDay = random.uniform(0.1, 1.1)
    merchants = random.sample(12, below: count)
  }
}
