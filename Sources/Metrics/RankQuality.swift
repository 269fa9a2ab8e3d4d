/// How well scores order rows: what depends on nothing but which of them are higher.
package struct RankQuality: Hashable {
  /// The probability that a random fraud has a higher score than a random other row; ties count half.
  package let areaUnderROC: Double
  /// The mean of the precision over the steps in recall, each score a threshold: sum of (R_n - R_n-1) P_n.
  package let averagePrecision: Double

  /// The sums behind both, from the highest score to the lowest.
  package struct Sum {
    private let frauds: Double
    private let others: Double
    private var fraudsAbove = 0.0
    private var othersAbove = 0.0
    private var area = 0.0
    private var precision = 0.0

    /// - Parameters:
    ///   - frauds: all that there are.
    ///   - others: all other rows.
    package init(frauds: Int64, others: Int64) {
      self.frauds = Double(frauds)
      self.others = Double(others)
    }

    /// Adds the rows of the next lower score.
    package mutating func add(frauds: Int64, others: Int64) {
      let (frauds, others) = (Double(frauds), Double(others))
      area += others * (fraudsAbove + frauds / 2)
      fraudsAbove += frauds
      othersAbove += others
      precision += frauds / self.frauds * (fraudsAbove / (fraudsAbove + othersAbove))
    }

    /// Nil when there are not both frauds and others.
    package var quality: RankQuality? {
      guard frauds > 0, others > 0 else { return nil }
      return RankQuality(areaUnderROC: area / (frauds * others), averagePrecision: precision)
    }
  }
}
