/// A row whose score can be compared with what it turned out to be.
package struct RatedRow {
  package var score: Double
  package var isFraud: Bool
  /// A stable hash of its card; nil where it has none.
  package var card: UInt64?
  /// Whole days from 1970-01-01.
  package var day: Int64

  package init(score: Double, isFraud: Bool, card: UInt64?, day: Int64) {
    self.score = score
    self.isFraud = isFraud
    self.card = card
    self.day = day
  }
}
