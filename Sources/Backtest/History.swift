internal import Metrics
package import Records

/// What a pipeline made of every row of a history, in the order of the rows' positions.
package struct History {
  package struct Row {
    /// Without the bits that only the pipeline's own graph has put there: the same row has the same in another pipeline.
    package let position: Position
    /// nil where the score is null.
    package let score: Double?
    /// nil where it is not known.
    package let isFraud: Bool?
    package internal(set) var isFlagged: Bool
    /// Of a flagged row, among the history's lists of reasons.
    package let reasons: Int32
    /// A stable hash of the card; nil where there is none.
    package let card: UInt64?
    /// In units of the history's amounts; 0 where there is none.
    package let amount: Int64

    package init(
      position: Position,
      score: Double?,
      isFraud: Bool?,
      isFlagged: Bool,
      reasons: Int32 = 0,
      card: UInt64? = nil,
      amount: Int64 = 0
    ) {
      self.position = position
      self.score = score
      self.isFraud = isFraud
      self.isFlagged = isFlagged
      self.reasons = reasons
      self.card = card
      self.amount = amount
    }

    /// Whole days from 1970-01-01.
    var day: Int64 { Timestamp.day(of: position.time) }
  }

  package internal(set) var rows: [Row]
  /// The lists of reasons that occur; none is the first.
  package internal(set) var reasons: [[String]]
  /// Decimal places of the amounts; nil where there are none.
  package let scale: Int?
  package let hasCards: Bool

  package init(rows: [Row] = [], reasons: [[String]] = [[]], scale: Int?, hasCards: Bool) {
    self.rows = rows
    self.reasons = reasons
    self.scale = scale
    self.hasCards = hasCards
  }

  /// How many units of the amounts are one of the currency.
  var unitsPerOne: Double { (0..<(scale ?? 0)).reduce(1) { units, _ in units * 10 } }
}
