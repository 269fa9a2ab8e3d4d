import Metrics
import TestSupport
import Testing

/// The riskiest keys against all rows sorted.
@Suite struct RiskiestKeysTests {
  @Test func theyAreThoseOfAllRowsSorted() {
    for seed in Seeds.range(200) {
      var random = SeededRandom(seed: seed)
      let k = [1, 2, 10, 500].randomElement(using: &random) ?? 1
      let keys = [1, 5, 1000].randomElement(using: &random) ?? 1
      let levels = [1, 3, 1 << 30].randomElement(using: &random) ?? 1
      let rows = (0..<Int.random(in: 0...400, using: &random)).map { _ in
        (
          key: random.chance(oneIn: 4) ? nil : UInt64.random(in: 0..<UInt64(keys), using: &random),
          score: Double(Int.random(in: -levels...levels, using: &random))
        )
      }
      var riskiest = RiskiestKeys<Int>(k: k)
      var leftOut = 0
      for (number, row) in rows.enumerated() where riskiest.add(key: row.key, score: row.score, row: { number }) {
        leftOut += 1
      }
      // Of each key the row that no other is ahead of; then the first k.
      let sorted = rows.indices.sorted {
        rows[$0].score > rows[$1].score || (rows[$0].score == rows[$1].score && $0 < $1)
      }
      var seen: Set<UInt64> = []
      let expected = sorted.filter { row in rows[row].key.map { seen.insert($0).inserted } ?? true }.prefix(k)
      #expect(riskiest.entries.map(\.row) == Array(expected), "seed \(seed)")
      #expect(leftOut == rows.count - expected.count, "seed \(seed)")
      #expect(RiskiestKeys.isSound(riskiest.entries, k: k), "seed \(seed)")
    }
  }
}
