/// Card precision@k: of the k most suspicious cards of a day, those with fraud on that day; the mean over the days. A card
/// found by this is left out of the days after.
///
/// Follows Le Borgne et al., "Reproducible Machine Learning for Credit Card Fraud Detection", chapter 4: investigators look
/// at k cards a day, and a card that they find compromised is blocked.
package struct CardPrecision {
  package let k: Int
  private var day: Int64?
  private var today = CardTable()
  /// Cards that were found, with the days on which they were.
  private var blocked: Set<UInt64> = []
  private var sum = 0.0
  private var possible = 0.0
  private var days = 0

  package init(k: Int) { self.k = k }

  /// Goes on from a saved state.
  package init(k: Int, _ state: State) {
    self.k = k
    day = state.day
    for card in state.cards.joined() { today.add(card.key, card.score, isFraud: card.isFraud) }
    blocked = state.blocked
    (sum, possible, days) = (state.sum, state.possible, state.days)
  }

  /// What the days up to now leave for the measure. The cards are held as they are, and copied page by page where they change.
  package struct State {
    package var day: Int64?
    /// In the order in which they came.
    package var cards: [[CardTable.Card]]
    package var blocked: Set<UInt64>
    package var sum: Double
    package var possible: Double
    package var days: Int

    package init(
      day: Int64?,
      cards: [[CardTable.Card]],
      blocked: Set<UInt64>,
      sum: Double,
      possible: Double,
      days: Int
    ) {
      self.day = day
      self.cards = cards
      self.blocked = blocked
      self.sum = sum
      self.possible = possible
      self.days = days
    }
  }

  package var state: State {
    State(day: day, cards: today.pages, blocked: blocked, sum: sum, possible: possible, days: days)
  }

  /// Takes in rows, those without a card aside; they come day by day.
  package mutating func add(_ rows: Span<RatedRow>) {
    for index in rows.indices {
      let row = rows[index]
      guard let card = row.card else { continue }
      if row.day != day {
        closeDay()
        day = row.day
      }
      today.add(card, row.score, isFraud: row.isFraud)
    }
  }

  package struct Mean: Hashable {
    package let precision: Double
    /// What the best ranking would have given on the same days: there may be fewer than k compromised cards.
    package let possible: Double
    package let k: Int
    package let days: Int
  }

  /// Nil when there were no rows.
  package mutating func finish() -> Mean? {
    closeDay()
    guard days > 0 else { return nil }
    return Mean(precision: sum / Double(days), possible: possible / Double(days), k: k, days: days)
  }

  /// What investigators made of a day.
  package struct Day: Hashable {
    package let day: Int64
    /// Compromised cards among the k.
    package let found: Int
    /// Compromised cards on that day, those left out aside.
    package let compromised: Int
  }

  /// Ends the day of the last rows; nil where there were none since the day before ended.
  @discardableResult
  package mutating func closeDay() -> Day? {
    guard let day else { return nil }
    let found = suspects().filter(\.isFraud)
    let compromised = today.pages.reduce(0) { count, page in
      count + page.count { $0.isFraud && !blocked.contains($0.key) }
    }
    blocked.formUnion(found.map(\.key))
    sum += Double(found.count) / Double(k)
    possible += Double(min(compromised, k)) / Double(k)
    days += 1
    today.removeAll()
    self.day = nil
    return Day(day: day, found: found.count, compromised: compromised)
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
