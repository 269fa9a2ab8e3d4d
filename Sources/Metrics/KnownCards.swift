/// The cards of which it is known that they are compromised, as days go by.
///
/// Follows Le Borgne et al., "Reproducible Machine Learning for Credit Card Fraud Detection", chapter 3: a fraud becomes known
/// a fixed number of days after its own; from the day behind that on, the card is blocked, and none of its rows counts.
package struct KnownCards {
  /// Days that pass until a fraud is known.
  package let delay: Int64
  /// The first day whose frauds become known; nil: all do.
  package let firstDay: Int64?
  private var firstFraud: [UInt64: Int64] = [:]

  package init(delay: Int64, firstDay: Int64?) {
    self.delay = delay
    self.firstDay = firstDay
  }

  /// Takes in a fraud; those of a card may come in any order.
  package mutating func add(_ card: UInt64, day: Int64) {
    guard firstDay.map({ $0 <= day }) ?? true else { return }
    firstFraud[card] = min(firstFraud[card] ?? day, day)
  }

  /// Whether a card is blocked on a day.
  package func isKnown(_ card: UInt64, on day: Int64) -> Bool {
    firstFraud[card].map { $0 < day - delay } ?? false
  }
}
