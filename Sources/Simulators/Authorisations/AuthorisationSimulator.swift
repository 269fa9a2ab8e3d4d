/// Authorisations of made-up cards at made-up merchants, with thieves who test cards among them.
///
/// A thief asks for small amounts at one merchant, with one number after another of one issuer, most of which are no good; with
/// those that are, somebody soon buys something large. Honest crowds look alike: when tickets go on sale, or after an appeal
/// for donations. The number of attacks grows with the cards and the days.
package struct AuthorisationSimulator {
  private let cards: Int
  private let merchants: Int
  private let days: Int
  private let seed: UInt64

  package static let most = 1_000_000
  package static let mostDays = 3650
  /// Cards times days: all authorisations, some two of each card in three days, are held until the last one is known.
  package static let mostCardDays = 20_000_000

  /// - Parameters: each 1 or more; `cards` and `merchants` at most `most`, `days` at most `mostDays`, `cards` times `days` at
  ///   most `mostCardDays`.
  package init(cards: Int, merchants: Int, days: Int, seed: UInt64) {
    precondition(1...Self.most ~= cards && 1...Self.most ~= merchants && 1...Self.mostDays ~= days)
    precondition(cards * days <= Self.mostCardDays)
    self.cards = cards
    self.merchants = merchants
    self.days = days
    self.seed = seed
  }

  /// All authorisations by time; those of one second by card.
  package func authorisations() -> [Authorisation] {
    let market = (0..<merchants).map { index in
      var random = RandomNumbers(seed: seed, purpose: .merchant, index: index)
      return Merchant(&random)
    }
    var rows: [Authorisation] = []
    var numbers: [CardNumber] = []
    for card in 0..<cards {
      var random = RandomNumbers(seed: seed, purpose: .card, index: card)
      let profile = CardProfile(&random, merchants: merchants)
      numbers.append(profile.number)
      random = RandomNumbers(seed: seed, purpose: .authorisations, index: card)
      for day in 0..<days { appendDay(day, profile, market, &random, to: &rows) }
    }
    let rushes = MerchantRushes(market: market, cards: numbers, seed: seed)
    let attacks = CardTesting(market: market, cards: numbers, seed: seed)
    for day in 0..<days {
      rushes.appendDay(day, to: &rows)
      attacks.appendDay(day, to: &rows)
    }
    rows.removeAll { $0.time >= Int64(days * SimulatedTime.day) }
    rows.sort { ($0.time, $0.card, $0.merchant) < ($1.time, $1.card, $1.merchant) }
    return rows
  }

  private func appendDay(
    _ day: Int,
    _ card: CardProfile,
    _ market: [Merchant],
    _ random: inout RandomNumbers,
    to rows: inout [Authorisation]
  ) {
    for _ in 0..<random.poisson(mean: card.purchasesPerDay) {
      let time = Int(random.normal(mean: 14 * 3600, deviation: 4 * 3600))
      let merchant = random.element(of: card.merchants)
      let cents = market[merchant].price(&random)
      let isApproved = !random.chance(0.04)
      guard 0..<SimulatedTime.day ~= time else { continue }
      let row = Authorisation(
        time: Int64(day * SimulatedTime.day + time),
        merchant: Int32(merchant),
        card: card.number,
        cents: cents,
        isApproved: isApproved,
        attack: nil
      )
      rows.append(row)
      // Half of those who are declined try once more.
      if !isApproved, random.chance(0.5) {
        rows.append(row.again(after: random.integer(in: 15...90), isApproved: random.chance(0.4)))
      }
    }
  }
}

extension Authorisation {
  func again(after seconds: Int, isApproved: Bool) -> Authorisation {
    Authorisation(
      time: time + Int64(seconds),
      merchant: merchant,
      card: card,
      cents: cents,
      isApproved: isApproved,
      attack: attack
    )
  }
}
