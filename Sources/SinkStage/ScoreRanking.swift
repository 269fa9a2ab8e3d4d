/// Counts frauds and others by score, for the measures that depend on nothing but the order of the scores.
///
/// Exact as long as there are no more than `mostScores` different scores; beyond that neighbours among them are merged, by
/// dropping low bits of their floating-point numbers, so that memory stays bounded.
struct ScoreRanking {
  private(set) var rows: Int64 = 0
  private(set) var frauds: Int64 = 0
  /// In rising order of their keys, each key once.
  private var groups: [Group] = []
  /// The keys of frauds and of others that came since, which are not among the groups yet.
  private var newFrauds: [UInt64] = []
  private var newOthers: [UInt64] = []
  private var droppedBits: UInt64 = 0
  private var sorter = RadixSorter()

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
  /// Rows that are gathered at least before they are merged.
  private static let fewestRows = 1 << 16

  mutating func add(_ score: Double, isFraud: Bool) {
    rows += 1
    let key = Self.key(score) >> droppedBits
    if isFraud {
      frauds += 1
      newFrauds.append(key)
    } else {
      newOthers.append(key)
    }
    if newFrauds.count + newOthers.count >= max(groups.count, Self.fewestRows) { compact() }
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
    sorter.sort(&newFrauds)
    sorter.sort(&newOthers)
    groups = Self.merge(groups, with: newFrauds) { Group(key: $0, frauds: 1, others: 0) }
    groups = Self.merge(groups, with: newOthers) { Group(key: $0, frauds: 0, others: 1) }
    newFrauds.removeAll(keepingCapacity: true)
    newOthers.removeAll(keepingCapacity: true)
    if groups.count > Self.mostScores { dropBits() }
  }

  /// Drops as many low bits of the keys as it takes to have no more than `mostScores` groups.
  private mutating func dropBits() {
    // How many neighbours become one when so many bits are dropped: all in which they differ.
    var joined = InlineArray<65, Int>(repeating: 0)
    for index in groups.indices.dropFirst() {
      joined[64 - (groups[index - 1].key ^ groups[index].key).leadingZeroBitCount] += 1
    }
    var bits = 0
    var count = groups.count
    while count > Self.mostScores && bits < 64 {
      bits += 1
      count -= joined[bits]
    }
    droppedBits += UInt64(bits)
    var fewer: [Group] = []
    fewer.reserveCapacity(groups.count)
    for group in groups {
      Self.append(Group(key: group.key >> UInt64(bits), frauds: group.frauds, others: group.others), to: &fewer)
    }
    groups = fewer
  }

  /// The groups and those of single rows, each of which `single` makes of its key; both are in rising order of keys.
  @inline(__always)
  private static func merge(_ groups: [Group], with keys: [UInt64], _ single: (UInt64) -> Group) -> [Group] {
    var merged: [Group] = []
    merged.reserveCapacity(groups.count + keys.count)
    var next = 0
    for group in groups {
      while next < keys.count, keys[next] < group.key {
        append(single(keys[next]), to: &merged)
        next += 1
      }
      append(group, to: &merged)
    }
    for key in keys[next...] { append(single(key), to: &merged) }
    return merged
  }

  /// Adds a group behind the last one, or to it where it has the same key.
  @inline(__always)
  private static func append(_ group: Group, to groups: inout [Group]) {
    let last = groups.count - 1
    if last >= 0, groups[last].key == group.key {
      let (frauds, overflow) = groups[last].frauds.addingReportingOverflow(group.frauds)
      let (others, overflowOfOthers) = groups[last].others.addingReportingOverflow(group.others)
      if !overflow && !overflowOfOthers {
        groups[last].frauds = frauds
        groups[last].others = others
        return
      }
    }
    groups.append(group)
  }

  /// The bits of a number in an order that is that of the numbers.
  private static func key(_ score: Double) -> UInt64 {
    let bits = score.bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }
}
