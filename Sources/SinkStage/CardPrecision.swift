/// Card precision@k: of the k most suspicious cards of a day, those with fraud on that day; the mean over the days. A card
/// found by this is left out of the days after.
///
/// Follows Le Borgne et al., "Reproducible Machine Learning for Credit Card Fraud Detection", chapter 4: investigators look
/// at k cards a day, and a card that they find compromised is blocked.
struct CardPrecision {
  private let k: Int
  private var day: Int64?
  private var today = CardTable()
  /// Cards that were found, with the days on which they were.
  private var blocked: Set<UInt64> = []
  private var sum = 0.0
  private var possible = 0.0
  private var days = 0

  init(k: Int) { self.k = k }

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
    let compromised = today.cards.count { $0.isFraud && !blocked.contains($0.key) }
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
    for card in today.cards {
      if best.count == k, card.score <= best[k - 1].score { continue }
      if blocked.contains(card.key) { continue }
      let place = best.lastIndex { $0.score >= card.score }.map { $0 + 1 } ?? 0
      best.insert(card, at: place)
      if best.count > k { best.removeLast() }
    }
    return best
  }
}

/// The cards of a day, in the order in which they came, found by open addressing with linear probing.
struct CardTable {
  struct Card {
    /// A stable hash: its lower bits say where the search begins.
    let key: UInt64
    /// The highest of the day.
    var score: Double
    /// Whether any row was one.
    var isFraud: Bool
  }

  private(set) var cards: [Card] = []
  /// An index into `cards` + 1; 0 is an empty place. A power of two of them, at most half of them taken.
  private var places: [UInt32] = Array(repeating: 0, count: 1024)

  mutating func add(_ key: UInt64, _ score: Double, isFraud: Bool) {
    var place = firstPlace(key)
    while places[place] != 0 {
      let index = Int(places[place]) - 1
      if cards[index].key == key {
        if score > cards[index].score { cards[index].score = score }
        if isFraud { cards[index].isFraud = true }
        return
      }
      place = (place &+ 1) & (places.count &- 1)
    }
    cards.append(Card(key: key, score: score, isFraud: isFraud))
    places[place] = UInt32(cards.count)
    if cards.count * 2 > places.count { grow() }
  }

  mutating func removeAll() {
    cards.removeAll(keepingCapacity: true)
    for place in places.indices { places[place] = 0 }
  }

  private mutating func grow() {
    places = Array(repeating: 0, count: places.count * 2)
    for (index, card) in cards.enumerated() {
      var place = firstPlace(card.key)
      while places[place] != 0 { place = (place + 1) & (places.count - 1) }
      places[place] = UInt32(index + 1)
    }
  }

  @inline(__always)
  private func firstPlace(_ key: UInt64) -> Int { Int(truncatingIfNeeded: key) & (places.count &- 1) }
}
