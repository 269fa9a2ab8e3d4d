/// Honest crowds: many cards at one merchant within minutes.
struct MerchantRushes {
  private let market: [Merchant]
  /// Those of the merchants to whom people come all at once.
  private let places: [Int]
  private let cards: [CardNumber]
  private let seed: UInt64

  private static let perDay = 1 / 1000.0

  init(market: [Merchant], cards: [CardNumber], seed: UInt64) {
    self.market = market
    places = market.indices.filter { [.tickets, .charity].contains(market[$0].kind) }
    self.cards = cards
    self.seed = seed
  }

  func appendDay(_ day: Int, to rows: inout [Authorisation]) {
    guard !places.isEmpty else { return }
    var random = RandomNumbers(seed: seed, purpose: .rushes, index: day)
    for _ in 0..<SimulatedTime.count(on: day, Double(cards.count) * Self.perDay) {
      let merchant = random.element(of: places)
      let start = random.integer(in: 8 * SimulatedTime.hour...22 * SimulatedTime.hour)
      let minutes = random.integer(in: 10...25)
      for card in random.sample(random.integer(in: 20...60), below: cards.count) {
        let time = day * SimulatedTime.day + start + random.index(below: minutes * SimulatedTime.minute)
        let cents = market[merchant].price(&random)
        let isApproved = !random.chance(0.05)
        rows.append(
          Authorisation(
            time: Int64(time),
            merchant: Int32(merchant),
            card: cards[card],
            cents: cents,
            isApproved: isApproved,
            attack: nil
          )
        )
      }
    }
  }
}
