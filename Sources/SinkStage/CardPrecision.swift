/// Card precision@k: of the k most suspicious cards of a day, those with fraud on that day; the mean over the days. A card
/// found by this is left out of the days after.
///
/// Follows Le Borgne et al., "Reproducible Machine Learning for Credit Card Fraud Detection", chapter 4: investigators look
/// at k cards a day, and a card that they find compromised is blocked.
struct CardPrecision {
  let k: Int
  private var day: Int64?
  private var today = CardTable()
  /// Cards that were found, with the days on which they were.
  private var blocked: Set<UInt64> = []
  private var sum = 0.0
  private var possible = 0.0
  private var days = 0

  init(k: Int) { self.k = k }

  /// Goes on from a saved state.
  init(k: Int, _ state: State) {
    self.k = k
    day = state.day
    for card in state.cards.joined() { today.add(card.key, card.score, isFraud: card.isFraud) }
    blocked = state.blocked
    (sum, possible, days) = (state.sum, state.possible, state.days)
  }

  /// What the days up to now leave for the measure. The cards are held as they are, and copied page by page where they change.
  struct State {
    var day: Int64?
    /// In the order in which they came.
    var cards: [[CardTable.Card]]
    var blocked: Set<UInt64>
    var sum: Double
    var possible: Double
    var days: Int
  }

  var state: State {
    State(day: day, cards: today.pages, blocked: blocked, sum: sum, possible: possible, days: days)
  }

  /// Takes in a row; rows come day by day.
  mutating func add(_ card: UInt64, _ score: Double, isFraud: Bool, day: Int64) {
    if day != self.day {
      closeDay()
      self.day = day
    }
    today.add(card, score, isFraud: isFraud)
  }

  struct Mean: Hashable {
    let precision: Double
    /// What the best ranking would have given on the same days: there may be fewer than k compromised cards.
    let possible: Double
    let k: Int
    let days: Int
  }

  /// Nil when there were no rows.
  mutating func finish() -> Mean? {
    closeDay()
    guard days > 0 else { return nil }
    return Mean(precision: sum / Double(days), possible: possible / Double(days), k: k, days: days)
  }

  private mutating func closeDay() {
    guard day != nil else { return }
    let found = suspects().filter(\.isFraud)
    let compromised = today.pages.reduce(0) { count, page in
      count + page.count { $0.isFraud && !blocked.contains($0.key) }
    }
    blocked.formUnion(found.map(\.key))
    sum += Double(found.count) / Double(k)
    possible += Double(min(compromised, k)) / Double(k)
    days += 1
    today.removeAll()
  }

  /// The k cards with the highest scores, highest first, of those that are not blocked; among equals those that came first.
  private func suspects() -> [CardTable.Card] {
    var best: [CardTable.Card] = []
    best.reserveCapacity(k + 1)
    for card in today.pages.joined() {
      if best.count == k, card.score <= best[k - 1].score { continue }
      if blocked.contains(card.key) { continue }
      let place = best.lastIndex { $0.score >= card.score }.map { $0 + 1 } ?? 0
      best.insert(card, at: place)
      if best.count > k { best.removeLast() }
    }
    return best
  }
}
