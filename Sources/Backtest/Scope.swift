internal import Metrics
internal import Records

/// Which rows of a history a backtest rates, and by what.
package struct Scope: Hashable, Sendable {
  /// The first day and the last, whole days from 1970-01-01; nil: of the history.
  package var firstDay: Int64?
  package var lastDay: Int64?
  /// Cards are blocked once a fraud of theirs is known; nil: none.
  package var blocking: Blocking?
  /// What the review of a row costs, in the currency of the amounts.
  package var reviewCost: Double
  /// Cards that are looked at a day.
  package var k: Int

  package struct Blocking: Hashable, Sendable {
    /// Days until a fraud is known.
    package let delay: Int64
    /// The first day whose frauds become known; nil: of the history.
    package let firstDay: Int64?

    package init(delay: Int64, firstDay: Int64?) {
      self.delay = delay
      self.firstDay = firstDay
    }
  }

  package init(reviewCost: Double, k: Int) {
    self.reviewCost = reviewCost
    self.k = k
  }

  private func holds(_ day: Int64) -> Bool { (firstDay ?? .min)...(lastDay ?? .max) ~= day }

  /// For each row of a history, whether it is rated.
  func parts(_ history: History) -> [RowPart] {
    let known = blocking.map { blocking in
      var known = KnownCards(delay: blocking.delay, firstDay: blocking.firstDay)
      for row in history.rows where row.isFraud == true {
        if let card = row.card { known.add(card, day: row.day) }
      }
      return known
    }
    return history.rows.map { row in
      let day = row.day
      guard holds(day) else { return firstDay.map { day < $0 } ?? false ? .before : .after }
      if let known, let card = row.card, known.isKnown(card, on: day) { return .blocked }
      return .rated
    }
  }
}

/// What a row is to a backtest.
enum RowPart {
  /// It only fills the windows of those behind it.
  case before
  case rated
  /// Its card is known to be compromised.
  case blocked
  case after
}
