/// A row whose score can be compared with what it turned out to be.
public struct RatedRow {
  public var score: Double
  public var isFraud: Bool
  /// A stable hash of its card; nil where it has none.
  public var card: UInt64?
  /// Whole days from 1970-01-01.
  public var day: Int64

  @inlinable
  public init(score: Double, isFraud: Bool, card: UInt64?, day: Int64) {
    self.score = score
    self.isFraud = isFraud
    self.card = card
    self.day = day
  }
}
