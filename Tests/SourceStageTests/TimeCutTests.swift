import Records
import SourceStage
import TestSupport
import Testing

/// Barriers and ends by event time: all workers that share an input are cut before the same record, whatever they have read.
@Suite struct TimeCutTests {
  /// Steps until the barrier of checkpoint 1 or the end is there.
  private static func run(
    _ source: SteppedSource<CSVSource>,
    until isThere: (SteppedSource<CSVSource>) -> Bool,
    _ random: inout SeededRandom
  ) throws {
    for _ in 0..<100_000 where !isThere(source) && !source.isFinished {
      try source.step(supplying: [1, 40, 5000].randomElement(using: &random) ?? 1)
    }
    try #require(isThere(source) || source.isFinished, "it does not come to its end")
  }

  @Test func allWorkersAreCutBeforeTheSameRecord() throws {
    for seed in Seeds.range(150) {
      var random = SeededRandom(seed: seed)
      let bytes = SharedInputTests.file(lines: Int.random(in: 0...600, using: &random), &random)
      let alone = try SourceRun(SharedInputTests.plan(), bytes)
      let workers = Int.random(in: 1...3, using: &random)
      let batchRows = [1, 7, 100].randomElement(using: &random) ?? 1
      func plan(_ worker: Int, _ workers: Int) -> SourcePlan {
        SharedInputTests.plan(worker: worker, of: workers, batchRows: batchRows)
      }
      let sources = (0..<workers).map { SteppedSource(CSVSource(plan($0, workers)), .bytes(bytes)) }
      for source in sources {
        for _ in 0..<Int.random(in: 0...40, using: &random) where !source.isFinished {
          try source.step(supplying: Int.random(in: 1...3000, using: &random))
        }
      }
      let furthest = sources.map { $0.source.time }.max() ?? .min
      let time = furthest == .min ? .min : furthest + Int64.random(in: 0...20, using: &random) * 1_000_000
      // One that has ended has no barrier: the coordinator takes its end for it.
      let cut = sources.filter { !$0.isFinished }
      for source in cut {
        source.source.cut(1, behind: time)
        try Self.run(source, until: { !$0.checkpoints.isEmpty }, &random)
        #expect(source.checkpoints == [1], "seed \(seed)")
      }
      let before = sources.flatMap(\.rows)
      #expect(before.allSatisfy { $0.time <= time }, "seed \(seed)")
      guard let state = cut.first?.source.state else { continue }
      #expect(cut.allSatisfy { $0.source.state == state }, "seed \(seed)")
      let others = Int.random(in: 1...3, using: &random)
      var after: [Row] = []
      for worker in 0..<others {
        let source = try SteppedSource(CSVSource(plan(worker, others)), .bytes(bytes), from: state)
        try Self.run(source, until: { _ in false }, &random)
        after += source.rows
      }
      #expect(after.allSatisfy { $0.time > time }, "seed \(seed)")
      let all = (before + after).sorted { ($0.time, $0.ordinal) < ($1.time, $1.ordinal) }
      #expect(all == alone.rows, "seed \(seed), \(workers) workers, then \(others)")
    }
  }

  @Test func allWorkersEndBeforeTheSameRecord() throws {
    for seed in Seeds.range(100) {
      var random = SeededRandom(seed: seed)
      let bytes = SharedInputTests.file(lines: Int.random(in: 1...600, using: &random), &random)
      let alone = try SourceRun(SharedInputTests.plan(), bytes)
      let time = (alone.rows.randomElement(using: &random)?.time ?? 0) + Int64.random(in: 0...1, using: &random)
      let workers = Int.random(in: 1...3, using: &random)
      var rows: [Row] = []
      for worker in 0..<workers {
        let source = SteppedSource(CSVSource(SharedInputTests.plan(worker: worker, of: workers)), .bytes(bytes))
        source.source.stop(behind: time)
        try Self.run(source, until: { _ in false }, &random)
        rows += source.rows
      }
      rows.sort { ($0.time, $0.ordinal) < ($1.time, $1.ordinal) }
      #expect(rows == alone.rows.filter { $0.time <= time }, "seed \(seed)")
    }
  }
}
