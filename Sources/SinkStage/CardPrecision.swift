/// Card precision@k: of the k most suspicious cards of a day, those with fraud on that day; the mean over the days. A card
/// found by this is left out of the days after.
///
/// Follows Le Borgne et al., "Reproducible Machine Learning for Credit Card Fraud Detection", chapter 4: investigators look
/// at k cards a day, and a card that they find compromised is blocked.
struct CardPrecision {
  private let k: Int
  private var day: Int64?
  /// The highest score of each card today, and whether it had a fraud.
  private var today: [UInt64: Card] = [:]
  /// Cards that were found, with the days on which they were.
  private var blocked: Set<UInt64> = []
  private var sum = 0.0
  private var possible = 0.0
  private var days = 0

  private struct Card {
    var score: Double
    var isFraud: Bool
    /// Breaks ties: the card that came first.
    let order: Int
  }

  init(k: Int) { self.k = k }

  /// Takes in a row; rows come day by day.
  mutating func add(_ card: UInt64, _ score: Double, isFraud: Bool, day: Int64) {
    if day != self.day {
      closeDay()
      self.day = day
    }
    let order = today.count
    let known = today[card, default: Card(score: score, isFraud: false, order: order)]
    today[card] = Card(score: max(known.score, score), isFraud: known.isFraud || isFraud, order: known.order)
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
    let suspects = today.filter { !blocked.contains($0.key) }.sorted {
      ($1.value.score, $0.value.order) < ($0.value.score, $1.value.order)
    }
    let found = suspects.prefix(k).filter(\.value.isFraud)
    blocked.formUnion(found.map(\.key))
    sum += Double(found.count) / Double(k)
    possible += Double(min(suspects.count(where: \.value.isFraud), k)) / Double(k)
    days += 1
    today.removeAll(keepingCapacity: true)
  }
}
