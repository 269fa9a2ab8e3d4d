import Decisions
import TestSupport
import Testing
import WindowStage

/// Which rows a window holds, and where it begins and ends, against the naive model.
@Suite struct WindowRowsTests {
  private static let second: Int64 = 1_000_000

  @Test func windowsHoldWhatTheDefinitionSays() {
    for seed in Seeds.range(2000) {
      var random = SeededRandom(seed: seed)
      var time: Int64 = Int64.random(in: -50...50, using: &random) * Self.second
      let rows = (0..<Int.random(in: 1...40, using: &random)).map { ordinal in
        time += random.chance(oneIn: 3) ? 0 : Int64.random(in: 0...3, using: &random) * Self.second
        return Row(time: time, ordinal: UInt64(ordinal), values: [])
      }
      let newer = Int64.random(in: 0...5, using: &random) * Self.second + (random.chance(oneIn: 4) ? 1 : 0)
      let excludes = random.chance(oneIn: 3)
      let age =
        (excludes ? 0 : newer) + Int64.random(in: 1...20, using: &random) * Self.second
        + (random.chance(oneIn: 4) ? 1 : 0)
      let count = Int.random(in: 1...10, using: &random)
      let retention = age + Int64.random(in: 0...3, using: &random) * Self.second
      let kind = Int.random(in: 0..<3, using: &random)
      let aggregate = WindowAggregate(
        name: "a",
        function: .count,
        newer: excludes ? .beforeThisRow : .age(newer),
        older: kind == 0 ? .age(age) : kind == 1 ? .rows(count) : .unbounded
      )
      let definition = NaiveFeature(
        .count,
        newer: excludes ? .beforeThisRow : .age(newer),
        older: kind == 0 ? .age(age) : kind == 1 ? .rows(count) : .unbounded,
        retention: retention
      )
      let selection = WindowRows(times: rows.map(\.time), retention: retention)
      let range = selection.range(of: aggregate)
      #expect(Array(rows[range]) == definition.window(rows), "seed \(seed)")

      // The times say the same, but for rows that are left out by their number.
      let edges = selection.edges(of: aggregate)
      let inside = rows.indices.filter { row in
        let time = rows[row].time
        if let from = edges.from, time < from.time || time == from.time && !from.isIncluded { return false }
        if let to = edges.to { return time < to.time || time == to.time && to.isIncluded }
        return row < rows.count - 1
      }
      #expect(kind == 1 ? Set(inside).isSuperset(of: range) : inside == Array(range), "seed \(seed)")
    }
  }

  @Test func timesAtTheEndsOfAllTimeAreNoTrap() {
    let selection = WindowRows(times: [.min, 0, .max], retention: .max)
    for older in [WindowAggregate.Older.age(.max), .age(1), .rows(2), .unbounded] {
      for function in [WindowAggregate.Function.count, .decayedCount(halfLife: .max / 2)] {
        let aggregate = WindowAggregate(name: "a", function: function, newer: .age(0), older: older)
        #expect(selection.range(of: aggregate).upperBound == 3)
        _ = selection.edges(of: aggregate)
      }
    }
    let first = WindowRows(times: [.min], retention: .max)
    let aggregate = WindowAggregate(name: "a", function: .count, newer: .age(.max - 1), older: .age(.max))
    #expect(first.range(of: aggregate).isEmpty)
    #expect(first.edges(of: aggregate).from == nil)
  }
}
