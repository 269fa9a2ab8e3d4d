import Records
import TestSupport
import Testing

/// Batches merged from runs of others, against the rows as an array.
@Suite struct BatchMergingTests {
  struct Sources {
    let schema: Schema
    let rows: [[Row]]
    let batches: [RecordBatch]
    let hasArrivals: Bool

    init(_ random: inout SeededRandom) {
      schema = random.chance(oneIn: 3) ? .ofEveryType : Schema.random(upTo: 5, &random)
      let share = [Int.max, 2, 1].randomElement(using: &random) ?? 1
      var rows: [[Row]] = []
      var batches: [RecordBatch] = []
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let count = random.chance(oneIn: 4) ? 1 : Int.random(in: 1...200, using: &random)
        var source = Row.random(schema, count: count, &random)
        // A batch without nulls has no bits that say so, which others have.
        if random.chance(oneIn: 4) { source = source.filter { !$0.values.contains(.null) } + source.prefix(1) }
        let arrivals = random.chance(oneIn: share) ? source.map { $0.time &* 7 } : nil
        rows.append(source)
        batches.append(.of(schema, source, arrivals: arrivals))
      }
      self.rows = rows
      self.batches = batches
      hasArrivals = batches.allSatisfy { $0.arrivals != nil }
    }

    /// Runs of single rows, of many, or of both, in any order; a row may be in several.
    func runs(_ random: inout SeededRandom) -> [BatchRun] {
      let share = [1, 3, Int.max].randomElement(using: &random) ?? 1
      return (0..<Int.random(in: 1...40, using: &random)).map { _ in
        let source = Int.random(in: rows.indices, using: &random)
        let start = Int.random(in: rows[source].indices, using: &random)
        let end =
          random.chance(oneIn: share) ? start + 1 : Int.random(in: start + 1...rows[source].count, using: &random)
        return BatchRun(source: source, rows: start..<end)
      }
    }
  }

  @Test func holdsTheRunsInTheirOrder() {
    for seed in Seeds.range(500) {
      var random = SeededRandom(seed: seed)
      let sources = Sources(&random)
      let runs = sources.runs(&random)
      let merged = RecordBatch(merging: sources.batches, runs: runs)
      let expected = runs.flatMap { sources.rows[$0.source][$0.rows] }
      BatchAssemblyTests.expect(merged, holds: expected, seed)
      #expect((merged.arrivals != nil) == sources.hasArrivals, "seed \(seed)")
    }
  }

  /// What is merged is merged again further down, after a way as a frame.
  @Test func aMergedBatchTravelsAndMergesAgain() throws {
    let header = FrameHeader(
      kind: .rows,
      epoch: 0,
      sender: WorkerID(stage: 0, worker: 0),
      sequence: 0,
      watermark: .first
    )
    for seed in Seeds.range(300) {
      var random = SeededRandom(seed: seed)
      let sources = Sources(&random)
      let runs = sources.runs(&random)
      let frame = Frame(header, RecordBatch(merging: sources.batches, runs: runs))
      let received = try Frame(decoding: FrameStorage(copying: frame.storage.bytes), schema: sources.schema)
      let batch = try #require(received.batch)
      let expected = runs.flatMap { sources.rows[$0.source][$0.rows] }
      let start = Int.random(in: expected.indices, using: &random)
      let again = RecordBatch(
        merging: [sources.batches[0], batch],
        runs: [
          BatchRun(source: 1, rows: start..<expected.count), BatchRun(source: 0, rows: 0..<1),
          BatchRun(source: 1, rows: 0..<expected.count),
        ]
      )
      #expect("\(again.rows)" == "\(expected[start...] + sources.rows[0].prefix(1) + expected)", "seed \(seed)")
    }
  }
}
