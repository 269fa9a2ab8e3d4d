/// Counts frauds and others by score, for the measures that depend on nothing but the order of the scores.
///
/// Exact as long as there are no more than `mostScores` different scores; beyond that neighbours among them are merged, by
/// dropping low bits of their floating-point numbers, so that memory stays bounded.
struct ScoreRanking {
  private(set) var rows: Int64 = 0
  private(set) var frauds: Int64 = 0
  /// The first `sorted` in rising order of their keys, each key once; behind them those that came since.
  private var groups: [Group] = []
  private var sorted = 0
  private var droppedBits: UInt64 = 0

  private struct Group {
    /// Orders as the scores do.
    var key: UInt64
    var frauds: UInt32
    var others: UInt32
  }

  struct Quality: Hashable {
    /// The probability that a random fraud has a higher score than a random other row; ties count half.
    let areaUnderROC: Double
    /// The mean of the precision over the steps in recall, each score a threshold: sum of (R_n - R_n-1) P_n.
    let averagePrecision: Double
  }

  private static let mostScores = 1 << 19

  mutating func add(_ score: Double, isFraud: Bool) {
    rows += 1
    frauds += isFraud ? 1 : 0
    groups.append(Group(key: Self.key(score) >> droppedBits, frauds: isFraud ? 1 : 0, others: isFraud ? 0 : 1))
    if groups.count >= max(2 * sorted, 1 << 16) { compact() }
  }

  /// Nil when there are not both frauds and others.
  mutating func finish() -> Quality? {
    guard frauds > 0, frauds < rows else { return nil }
    compact()
    let (allFrauds, allOthers) = (Double(frauds), Double(rows - frauds))
    var (fraudsAbove, othersAbove) = (0.0, 0.0)
    var (area, precision) = (0.0, 0.0)
    for group in groups.reversed() {
      let (frauds, others) = (Double(group.frauds), Double(group.others))
      area += others * (fraudsAbove + frauds / 2)
      fraudsAbove += frauds
      othersAbove += others
      precision += frauds / allFrauds * (fraudsAbove / (fraudsAbove + othersAbove))
    }
    return Quality(areaUnderROC: area / (allFrauds * allOthers), averagePrecision: precision)
  }

  private mutating func compact() {
    groups.sort { $0.key < $1.key }
    merge()
    while groups.count > Self.mostScores {
      droppedBits += 1
      for index in groups.indices { groups[index].key >>= 1 }
      merge()
    }
    sorted = groups.count
  }

  /// Joins neighbours with the same key.
  private mutating func merge() {
    var last = 0
    for index in groups.indices.dropFirst() {
      let (frauds, others) = (groups[index].frauds, groups[index].others)
      let (sum, overflow) = groups[last].frauds.addingReportingOverflow(frauds)
      let (sumOfOthers, overflowOfOthers) = groups[last].others.addingReportingOverflow(others)
      if groups[index].key == groups[last].key && !overflow && !overflowOfOthers {
        groups[last].frauds = sum
        groups[last].others = sumOfOthers
      } else {
        last += 1
        groups[last] = groups[index]
      }
    }
    if !groups.isEmpty { groups.removeSubrange((last + 1)...) }
  }

  /// The bits of a number in an order that is that of the numbers.
  private static func key(_ score: Double) -> UInt64 {
    let bits = score.bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }
}
