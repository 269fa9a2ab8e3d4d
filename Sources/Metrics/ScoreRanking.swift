/// Counts frauds and others by score, for the measures that depend on nothing but the order of the scores.
///
/// Exact as long as there are no more than `mostScores` different scores; beyond that neighbours among them are merged, by
/// dropping low bits of their floating-point numbers, so that memory stays bounded.
package struct ScoreRanking {
  package private(set) var rows: Int64 = 0
  package private(set) var frauds: Int64 = 0
  /// In rising order of their keys, each key once; empty while they are being merged.
  private var groups: [Group] = []
  /// The keys of frauds and of others that came since, which are not among the groups yet.
  private var newFrauds: [UInt64] = []
  private var newOthers: [UInt64] = []
  private var droppedBits: UInt64 = 0
  private var merge: ScoreMerge?
  /// The memory of the groups before the last ones.
  private var spare: [Group] = []
  private var sorter = RadixSorter()

  /// All that the measures depend on, without how far a merge has come: begun anew it comes to the same groups. None of these
  /// arrays is ever written to again but the last two, which are short.
  package struct State {
    package var rows: Int64
    package var frauds: Int64
    package var droppedBits: UInt64
    package var groups: [Group]
    package var merging: Merging?
    package var newFrauds: [UInt64]
    package var newOthers: [UInt64]

    package init(
      rows: Int64,
      frauds: Int64,
      droppedBits: UInt64,
      groups: [Group],
      merging: Merging?,
      newFrauds: [UInt64],
      newOthers: [UInt64]
    ) {
      self.rows = rows
      self.frauds = frauds
      self.droppedBits = droppedBits
      self.groups = groups
      self.merging = merging
      self.newFrauds = newFrauds
      self.newOthers = newOthers
    }

    /// What is on its way into the groups.
    package struct Merging {
      package var droppedBits: UInt64
      package var frauds: [UInt64]
      package var others: [UInt64]

      package init(droppedBits: UInt64, frauds: [UInt64], others: [UInt64]) {
        self.droppedBits = droppedBits
        self.frauds = frauds
        self.others = others
      }
    }
  }

  package init() {}

  /// Goes on from a saved state, whose keys are in order.
  package init(_ state: State) {
    (rows, frauds, droppedBits) = (state.rows, state.frauds, state.droppedBits)
    (newFrauds, newOthers) = (state.newFrauds, state.newOthers)
    if let merging = state.merging {
      merge = ScoreMerge(
        state.groups,
        ScoreMerge.differences(state.groups),
        droppedBits: merging.droppedBits,
        frauds: merging.frauds,
        others: merging.others,
        into: []
      )
    } else {
      groups = state.groups
      differences = ScoreMerge.differences(state.groups)
    }
  }

  package var state: State {
    State(
      rows: rows,
      frauds: frauds,
      droppedBits: droppedBits,
      groups: merge?.groups ?? groups,
      merging: merge.map { State.Merging(droppedBits: $0.bits, frauds: $0.frauds, others: $0.others) },
      newFrauds: newFrauds,
      newOthers: newOthers
    )
  }

  private static let mostScores = 1 << 19
  /// Rows that are gathered before they are merged: few enough to be sorted in a millisecond.
  private static let newRows = 1 << 15

  package mutating func add(_ rows: Span<RatedRow>) {
    for index in rows.indices { add(rows[index].score, isFraud: rows[index].isFraud) }
  }

  @inline(__always)
  private mutating func add(_ score: Double, isFraud: Bool) {
    rows += 1
    let key = ScoreKey.of(score) >> droppedBits
    if isFraud {
      frauds += 1
      newFrauds.append(key)
    } else {
      newOthers.append(key)
    }
    if newFrauds.count + newOthers.count >= Self.newRows {
      finishMerge()
      startMerge()
    }
  }

  /// Does the part of the merging that falls to so many rows, so that no row waits for all of it.
  package mutating func settle(rows: Int) {
    guard let steps = merge.map({ ($0.size / Self.newRows + 1) * rows }) else { return }
    if merge?.advance(steps) == true { finishMerge() }
  }

  /// Nil when there are not both frauds and others.
  package mutating func finish() -> RankQuality? {
    guard frauds > 0, frauds < rows else { return nil }
    finishMerge()
    startMerge()
    finishMerge()
    var quality = RankQuality.Sum(frauds: frauds, others: rows - frauds)
    for group in groups.reversed() { quality.add(frauds: Int64(group.frauds), others: Int64(group.others)) }
    return quality.quality
  }

  /// Begins to merge what came since with the groups, fewer bits of each key where there are too many.
  private mutating func startMerge() {
    let bits = bitsToDrop
    for index in newFrauds.indices { newFrauds[index] >>= bits }
    for index in newOthers.indices { newOthers[index] >>= bits }
    droppedBits += bits
    sorter.sort(&newFrauds)
    sorter.sort(&newOthers)
    var target: [Group] = []
    swap(&target, &spare)
    merge = ScoreMerge(
      groups,
      differences,
      droppedBits: bits,
      frauds: newFrauds,
      others: newOthers,
      into: target
    )
    groups = []
    newFrauds.removeAll(keepingCapacity: true)
    newOthers.removeAll(keepingCapacity: true)
  }

  private mutating func finishMerge() {
    guard var merge = merge.take() else { return }
    _ = merge.advance(.max)
    differences = merge.differences
    swap(&groups, &merge.merged)
    swap(&spare, &merge.groups)
    spare.removeAll(keepingCapacity: true)
  }

  /// How many neighbours among the groups become one when so many bits are dropped: all in which they differ.
  private var differences = InlineArray<65, Int>(repeating: 0)

  /// The bits to drop so that no more than `mostScores` groups are left.
  private var bitsToDrop: UInt64 {
    var bits = 0
    var count = groups.count
    while count > Self.mostScores && bits < 63 {
      bits += 1
      count -= differences[bits]
    }
    return UInt64(bits)
  }
}

extension ScoreRanking {
  /// Rows of one score, or of neighbouring ones.
  package struct Group {
    /// Orders as the scores do.
    package var key: UInt64
    package var frauds: UInt32
    package var others: UInt32

    package init(key: UInt64, frauds: UInt32, others: UInt32) {
      self.key = key
      self.frauds = frauds
      self.others = others
    }
  }
}
