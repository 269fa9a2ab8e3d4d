/// Thieves who find out which card numbers are good, and what becomes of those.
struct CardTesting {
  let market: [Merchant]
  /// The cards in use.
  let cards: [CardNumber]
  let seed: UInt64

  private static let perDay = 1 / 1000.0
  /// Of the numbers that a thief tries, those of cards in use; the others are guessed, and none of them is good.
  private static let shareInUse = 0.25

  /// The attacks that begin on `day`.
  func appendDay(_ day: Int, to rows: inout [Authorisation]) {
    var random = RandomNumbers(seed: seed, purpose: .cardTesting, index: day)
    for _ in 0..<SimulatedTime.count(on: day, Double(cards.count) * Self.perDay) {
      appendAttack(day, &random, to: &rows)
    }
  }

  private func appendAttack(_ day: Int, _ random: inout RandomNumbers, to rows: inout [Authorisation]) {
    let bin = random.element(of: CardNumber.bins)
    let inUse = cards.filter { $0.bin == bin }
    let merchant = random.index(below: market.count)
    // One thief in four takes his time.
    let longestGap = random.chance(0.25) ? 90 : 12
    var time = Int64(day * SimulatedTime.day + random.integer(in: 0...SimulatedTime.day - 1))
    for _ in 0..<random.integer(in: 25...110) {
      let isInUse = random.chance(Self.shareInUse) && !inUse.isEmpty
      let card = isInUse ? random.element(of: inUse) : CardNumber(bin: bin, &random)
      // Some cards in use are declined all the same: stopped, or without money.
      let isApproved = isInUse && random.chance(0.8)
      rows.append(
        Authorisation(
          time: time,
          merchant: Int32(merchant),
          card: card,
          cents: Int64(random.integer(in: 50...499)),
          isApproved: isApproved,
          attack: .testing
        )
      )
      if isApproved, random.chance(0.5) { appendCashOut(card, after: time, &random, to: &rows) }
      time += Int64(random.integer(in: 2...longestGap))
    }
  }

  /// One or two large purchases elsewhere, minutes to a day and a half later.
  private func appendCashOut(
    _ card: CardNumber,
    after time: Int64,
    _ random: inout RandomNumbers,
    to rows: inout [Authorisation]
  ) {
    var time = time
    for _ in 0..<random.integer(in: 1...2) {
      time += Int64(random.integer(in: 20 * SimulatedTime.minute...18 * SimulatedTime.hour))
      rows.append(
        Authorisation(
          time: time,
          merchant: Int32(random.index(below: market.count)),
          card: card,
          cents: Int64(random.integer(in: 120_00...900_00)),
          isApproved: random.chance(0.85),
          attack: .cashOut
        )
      )
    }
  }
}
