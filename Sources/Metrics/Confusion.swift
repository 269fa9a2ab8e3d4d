/// What became of rows of which it is known what they were: counts, and the sums of their amounts.
package struct Confusion: Hashable {
  package private(set) var rows: Int64 = 0
  package private(set) var frauds: Int64 = 0
  package private(set) var flagged: Int64 = 0
  /// Frauds that were flagged.
  package private(set) var caught: Int64 = 0
  /// Of all rows, of the frauds, and of those that were flagged, in units of the amounts.
  package private(set) var value: Int128 = 0
  package private(set) var fraudValue: Int128 = 0
  package private(set) var caughtValue: Int128 = 0

  package init() {}

  package mutating func add(isFraud: Bool, isFlagged: Bool, amount: Int64) {
    rows += 1
    value += Int128(amount)
    if isFlagged { flagged += 1 }
    guard isFraud else { return }
    frauds += 1
    fraudValue += Int128(amount)
    guard isFlagged else { return }
    caught += 1
    caughtValue += Int128(amount)
  }

  /// Flagged rows that were no fraud.
  package var falsePositives: Int64 { flagged - caught }

  /// The share of the flagged rows that were fraud; nil where none was flagged.
  package var precision: Double? { flagged > 0 ? Double(caught) / Double(flagged) : nil }

  /// The share of the frauds that were flagged; nil where there were none.
  package var recall: Double? { frauds > 0 ? Double(caught) / Double(frauds) : nil }
}
