/// How often scores occur, in bins of equal width.
package struct ScoreDistribution: Hashable {
  package let lowest: Double
  package let highest: Double
  package private(set) var frauds: [Int64]
  package private(set) var others: [Int64]

  /// The range is 0 to 1, or wider where scores are; those that no sensible model gives stand at its ends.
  package init(_ rows: [ThresholdCurve.Row], bins: Int) {
    lowest = max(rows.reduce(0) { $1.score < $0 ? $1.score : $0 }, -Self.farthest)
    highest = min(rows.reduce(1) { $1.score > $0 ? $1.score : $0 }, Self.farthest)
    frauds = Array(repeating: 0, count: bins)
    others = frauds
    for row in rows where !row.score.isNaN {
      let share = (min(max(row.score, lowest), highest) - lowest) / (highest - lowest)
      let bin = min(Int(share * Double(bins)), bins - 1)
      if row.isFraud { frauds[bin] += 1 } else { others[bin] += 1 }
    }
  }

  /// Small enough for the difference of two such numbers to be one.
  private static let farthest = 1e300
}
