import Metrics
import TestSupport
import Testing

/// Groups of scores against a merge that looks at all of them each time.
@Suite struct ScoreRankingTests {
  /// What `ScoreRanking` is to come to, whatever way its merging goes.
  private struct Naive {
    var groups: [UInt64: (frauds: UInt32, others: UInt32)] = [:]
    var droppedBits: UInt64 = 0
    private var waiting: [RatedRow] = []

    mutating func add(_ row: RatedRow) {
      waiting.append(row)
      if waiting.count == 1 << 15 { merge() }
    }

    mutating func merge() {
      let keys = groups.keys.sorted()
      var bits: UInt64 = 0
      while Self.count(keys, droppedBits: bits) > 1 << 19 { bits += 1 }
      droppedBits += bits
      if bits > 0 {
        groups = groups.reduce(into: [:]) { result, group in
          result[group.key >> bits, default: (0, 0)].frauds += group.value.frauds
          result[group.key >> bits, default: (0, 0)].others += group.value.others
        }
      }
      for row in waiting {
        let key = ScoreKey.of(row.score) >> droppedBits
        if row.isFraud { groups[key, default: (0, 0)].frauds += 1 } else { groups[key, default: (0, 0)].others += 1 }
      }
      waiting = []
    }

    /// How many keys in rising order are left of some.
    private static func count(_ keys: [UInt64], droppedBits bits: UInt64) -> Int {
      var count = 0
      var last: UInt64?
      for key in keys where key >> bits != last {
        count += 1
        last = key >> bits
      }
      return count
    }
  }

  /// More different scores than are kept apart, some of them often, in batches of any size.
  @Test func comesToTheSameGroups() {
    for seed in Seeds.range(2) {
      var random = SeededRandom(seed: seed)
      var ranking = ScoreRanking()
      var naive = Naive()
      var left = 800_000
      while left > 0 {
        let count = min(Int.random(in: 1...5000, using: &random), left)
        left -= count
        let rows = (0..<count).map { _ in
          let isCommon = random.chance(oneIn: 5)
          return RatedRow(
            score: isCommon ? Double(Int.random(in: -3...3, using: &random)) : .random(in: -1...1, using: &random),
            isFraud: random.chance(oneIn: 8),
            card: nil,
            day: 0
          )
        }
        ranking.add(rows.span)
        ranking.settle(rows: count)
        // As a checkpoint in between has it.
        if random.chance(oneIn: 40) { ranking = ScoreRanking(ranking.state) }
        for row in rows { naive.add(row) }
      }
      _ = ranking.finish()
      naive.merge()
      let groups = ranking.state.groups
      #expect(naive.droppedBits > 0, "seed \(seed)")
      #expect(ranking.state.droppedBits == naive.droppedBits, "seed \(seed)")
      #expect(groups.map(\.key) == naive.groups.keys.sorted(), "seed \(seed)")
      let differing = groups.count {
        naive.groups[$0.key]?.frauds != $0.frauds || naive.groups[$0.key]?.others != $0.others
      }
      #expect(differing == 0, "seed \(seed)")
    }
  }
}
