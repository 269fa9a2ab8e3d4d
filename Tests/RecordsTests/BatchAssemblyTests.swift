import Records
import TestSupport
import Testing

/// Batches put together from others, against the rows as an array.
@Suite struct BatchAssemblyTests {
  struct Batch {
    let rows: [Row]
    let batch: RecordBatch

    init(_ random: inout SeededRandom) {
      let schema = random.chance(oneIn: 3) ? .ofEveryType : Schema.random(upTo: 5, &random)
      rows = Row.random(schema, count: .random(in: 1...200, using: &random), &random)
      let arrivals = rows.map { $0.time * 7 }
      batch = .of(schema, rows, arrivals: random.chance(oneIn: 2) ? arrivals : nil)
    }
  }

  /// As text, for a NaN is not itself.
  static func expect(_ batch: RecordBatch, holds rows: [Row], _ seed: UInt64) {
    #expect("\(batch.rows)" == "\(rows)", "seed \(seed)")
    if let arrivals = batch.arrivals {
      #expect(rows.indices.map { arrivals.int64($0) } == rows.map { $0.time * 7 }, "seed \(seed)")
    }
  }

  @Test func aBatchHoldsItsRows() {
    for seed in Seeds.range(300) {
      var random = SeededRandom(seed: seed)
      let subject = Batch(&random)
      Self.expect(subject.batch, holds: subject.rows, seed)
    }
  }

  @Test func selectingARangeTakesItsRows() {
    for seed in Seeds.range(300) {
      var random = SeededRandom(seed: seed)
      let subject = Batch(&random)
      let start = Int.random(in: 0...subject.rows.count, using: &random)
      let range = start..<Int.random(in: start...subject.rows.count, using: &random)
      Self.expect(subject.batch.selecting(.range(range)), holds: Array(subject.rows[range]), seed)
    }
  }

  @Test func selectingRowsTakesThem() {
    for seed in Seeds.range(300) {
      var random = SeededRandom(seed: seed)
      let subject = Batch(&random)
      let share = Int.random(in: 1...8, using: &random)
      let chosen = subject.rows.indices.filter { _ in random.chance(oneIn: share) }
      let selected = subject.batch.selecting(.rows(chosen.map(UInt32.init)))
      Self.expect(selected, holds: chosen.map { subject.rows[$0] }, seed)
      // And from the selection again, so that offsets that do not begin at 0 are read too.
      let tail = chosen.count / 2..<chosen.count
      Self.expect(selected.selecting(.range(tail)), holds: tail.map { subject.rows[chosen[$0]] }, seed)
    }
  }

  /// Frames of the same rows have the same bytes: nothing of the memory's past travels.
  @Test func theBytesDependOnTheRowsAlone() {
    let header = FrameHeader(
      kind: .rows,
      epoch: 0,
      sender: WorkerID(stage: 0, worker: 0),
      sequence: 0,
      watermark: .first
    )
    for seed in Seeds.range(300) {
      var random = SeededRandom(seed: seed)
      let subject = Batch(&random)
      let rows = subject.rows.indices.filter { _ in random.chance(oneIn: 2) }.map(UInt32.init)
      guard !rows.isEmpty else { continue }
      let first = Frame(header, subject.batch.selecting(.rows(rows))).storage.bytes.array
      // What is freed here holds other bytes, and the allocator gives it out again.
      for filling: UInt8 in [0xAA, 0x55] {
        for _ in 0..<4 { _ = Array(repeating: filling, count: first.count - 32) }
        let again = Frame(header, subject.batch.selecting(.rows(rows))).storage.bytes.array
        let place = zip(again, first).enumerated().first { $1.0 != $1.1 }?.offset
        #expect(again.count == first.count && place == nil, "seed \(seed): byte \(place ?? -1)")
      }
    }
  }
}
