/// Groups and the keys of single rows, all in rising order, on their way to become one.
///
/// There are many groups for each row, so that those between two rows are copied together; only where bits are dropped has
/// each to be looked at.
struct ScoreMerge {
  typealias Group = ScoreRanking.Group
  typealias Differences = InlineArray<65, Int>

  var groups: [Group]
  let bits: UInt64
  let frauds: [UInt64]
  let others: [UInt64]
  private var next = (group: 0, fraud: 0, other: 0)
  var merged: [Group]
  /// Of what is merged; where no bits are dropped, of that and of the groups that are left.
  private(set) var differences: Differences

  /// - Parameters:
  ///   - differences: of the groups.
  ///   - bits: to be dropped from the keys of the groups; the others have lost them already.
  init(
    _ groups: [Group],
    _ differences: Differences,
    droppedBits bits: UInt64,
    frauds: [UInt64],
    others: [UInt64],
    into target: consuming [Group]
  ) {
    self.groups = groups
    self.bits = bits
    self.frauds = frauds
    self.others = others
    self.differences = bits == 0 ? differences : Differences(repeating: 0)
    merged = target
    merged.reserveCapacity(groups.count + frauds.count + others.count)
  }

  var size: Int { groups.count + frauds.count + others.count }

  /// How many groups differ from the one before in no bit from each on.
  static func differences(_ groups: [Group]) -> Differences {
    var differences = Differences(repeating: 0)
    for index in groups.indices.dropFirst() where groups[index].key != groups[index - 1].key {
      differences[difference(groups[index].key, groups[index - 1].key)] += 1
    }
    return differences
  }

  /// The number of the highest bit in which two keys differ, counted from 1; 0: they are equal.
  @inline(__always)
  private static func difference(_ one: UInt64, _ other: UInt64) -> Int { 64 - (one ^ other).leadingZeroBitCount }

  /// Takes so many groups and rows at the most; true when all are taken.
  mutating func advance(_ steps: Int) -> Bool {
    var left = steps
    while left > 0 {
      let fraud = next.fraud < frauds.count ? frauds[next.fraud] : .max
      let other = next.other < others.count ? others[next.other] : .max
      let isFraud = next.fraud < frauds.count && fraud <= other
      let isLast = !isFraud && next.other == others.count
      let taken = takeGroups(through: min(fraud, other), atMost: left)
      left -= taken
      // A group that is not above the row goes before it.
      if left == 0 { break }
      if isLast { return true }
      insert(Group(key: min(fraud, other), frauds: isFraud ? 1 : 0, others: isFraud ? 0 : 1))
      if isFraud { next.fraud += 1 } else { next.other += 1 }
      left -= 1
    }
    return false
  }

  /// Moves the next groups up to those of a key.
  ///
  /// - Returns: how many they are.
  private mutating func takeGroups(through key: UInt64, atMost most: Int) -> Int {
    let groups = groups
    let start = next.group
    let most = min(most, groups.count - start)
    let rest = groups.span.extracting(start..<start + most)
    var count = 0
    while count < most, rest[count].key >> bits <= key { count += 1 }
    next.group += count
    let taken = groups[start..<start + count]
    if bits == 0 {
      merged.append(contentsOf: taken)
    } else {
      for group in taken { append(Group(key: group.key >> bits, frauds: group.frauds, others: group.others)) }
    }
    return count
  }

  /// Puts a row behind what is merged.
  private mutating func insert(_ row: Group) {
    if bits == 0, next.group < groups.count {
      // The group behind it, which is greater, has another neighbour now.
      let key = groups[next.group].key
      if let last = merged.last { differences[Self.difference(last.key, key)] -= 1 }
      differences[Self.difference(row.key, key)] += 1
    }
    append(row)
  }

  /// Adds a group behind the last one, or to it where it has the same key.
  @inline(__always)
  private mutating func append(_ group: Group) {
    let last = merged.count - 1
    if last >= 0 {
      if merged[last].key == group.key {
        let (frauds, overflow) = merged[last].frauds.addingReportingOverflow(group.frauds)
        let (others, overflowOfOthers) = merged[last].others.addingReportingOverflow(group.others)
        if !overflow && !overflowOfOthers {
          merged[last].frauds = frauds
          merged[last].others = others
          return
        }
      } else {
        differences[Self.difference(merged[last].key, group.key)] += 1
      }
    }
    merged.append(group)
  }
}
