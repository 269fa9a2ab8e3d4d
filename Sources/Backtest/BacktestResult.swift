internal import Metrics
internal import Records

/// A history as two pipelines, or one, have rated it.
package struct BacktestResult {
  package let scope: Scope
  /// nil where there is only one pipeline.
  package let old: Side?
  package let new: Side
  /// nil where there is only one pipeline.
  package let comparison: Comparison?
  /// By reason, in the order of their names; "" stands for none.
  package let reasons: [Comparison.Reason]

  /// One of the pipelines.
  package struct Side {
    /// Of its file.
    package let name: String
    package let rating: Rating
    /// Rows that are not rated: they only fill windows, or their cards are known to be compromised.
    package let before: Int64
    package let blocked: Int64
    /// Rows that are rated.
    package var rows: Int64 { rating.days.reduce(0) { $0 + $1.rows } }
    /// Decimal places of its amounts; nil where it names none.
    package let scale: Int?
    /// How many units of its amounts are one of the currency.
    let unitsPerOne: Double

    /// A sum of its amounts in the currency; nil where it names none.
    package func value(_ units: Int128) -> Double? { scale == nil ? nil : Double(units) / unitsPerOne }
  }

  package init(old: (name: String, history: History)?, new: (name: String, history: History), _ scope: Scope) {
    self.scope = scope
    let newParts = scope.parts(new.history)
    self.new = Side(new.name, new.history, newParts, scope)
    if let old {
      let parts = scope.parts(old.history)
      self.old = Side(old.name, old.history, parts, scope)
      let comparison = Comparison(old.history, parts, new.history, newParts)
      self.comparison = comparison
      reasons = comparison.reasons
    } else {
      (self.old, comparison) = (nil, nil)
      let nothing = History(scale: new.history.scale, hasCards: new.history.hasCards)
      reasons = Comparison(nothing, [], new.history, newParts).reasons
    }
  }

  /// Both, the old one first.
  package var sides: [Side] { (old.map { [$0] } ?? []) + [new] }
}

extension BacktestResult.Side {
  fileprivate init(_ name: String, _ history: History, _ parts: [RowPart], _ scope: Scope) {
    self.name = name
    rating = Rating(history, parts, scope)
    before = Int64(parts.count { $0 == .before })
    blocked = Int64(parts.count { $0 == .blocked })
    scale = history.scale
    unitsPerOne = history.unitsPerOne
  }
}

extension BacktestResult {
  /// What was rated, a line each.
  package var facts: [(name: String, value: String)] {
    var facts: [(name: String, value: String)] = []
    if let old {
      facts.append(("old", old.name))
      facts.append(("new", new.name))
    } else {
      facts.append(("pipeline", new.name))
    }
    let days = sides.flatMap { $0.rating.days.map(\.day) }
    if let first = days.min(), let last = days.max() {
      facts.append(("days", "\(Words.date(first)) to \(Words.date(last))"))
    }
    let confusion = new.rating.confusion
    facts.append(
      (
        "rows",
        "\(new.rows.grouped), \(confusion.rows.grouped) of them with a label, \(confusion.frauds.grouped) fraud"
      )
    )
    if new.before > 0 { facts.append(("before them", "\(Words.rows(new.before)) that only fill windows")) }
    if let blocking = scope.blocking {
      let from = blocking.firstDay.map { " from \(Words.date($0)) on" } ?? ""
      facts.append(
        (
          "left out",
          "\(Words.rows(new.blocked)) of cards with a fraud\(from) that was known (\(blocking.delay)d after it)"
        )
      )
    }
    if let comparison, comparison.onlyOld + comparison.onlyNew > 0 {
      facts.append(
        (
          "not matched",
          "\(Words.rows(comparison.onlyOld)) of the old alone, \(Words.rows(comparison.onlyNew)) of the new alone"
        )
      )
    }
    if let comparison {
      facts.append(("newly flagged", Self.words(comparison.newly)))
      facts.append(("no longer flagged", Self.words(comparison.noLonger)))
    }
    if new.scale != nil { facts.append(("review cost", "\(scope.reviewCost.grouped(2)) a flagged row")) }
    return facts
  }

  private static func words(_ change: Comparison.Change) -> String {
    "\(Words.rows(change.rows)), \(change.frauds.grouped) of them fraud"
  }
}
