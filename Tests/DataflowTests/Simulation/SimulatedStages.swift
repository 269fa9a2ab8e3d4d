import Dataflow
import Records
import TestSupport

/// Where one of several source workers gets its rows: the records of one stream, dealt out by blocks.
struct DealtStream: Sendable {
  let schema: Schema
  /// In their order; nil is a record that gives no row: it was late, or could not be read.
  let records: [Row?]
  /// Records that one worker reads before it leaves as many to each of the others.
  let block: Int
  /// Records between two cuts.
  let cut: Int?

  /// The event time up to each record.
  let latest: [Int64]

  init(schema: Schema, records: [Row?], block: Int, cut: Int?) {
    self.schema = schema
    self.records = records
    self.block = block
    self.cut = cut
    var time = Int64.min
    latest = records.map { record in
      time = max(time, record?.time ?? .min)
      return time
    }
  }

  /// The number of the cut that a row stands before, counted from 1.
  func cutBehind(_ ordinal: UInt64) -> UInt64? { cut.map { ordinal / UInt64($0) + 1 } }

  /// Cuts of the whole stream.
  var cuts: UInt64 { cut.map { UInt64(records.count / $0) } ?? 0 }
}

/// A source worker that behaves as those of files do: it passes over the others' records, and knows from them how far the
/// stream has come; it leaves rows in batches, and sometimes a part of what it has read, as when the rest is not due yet.
struct DealtSource: SourceLogic, ~Copyable {
  private let stream: DealtStream
  private let worker: Int
  private let workers: Int
  private let batchRows: Int
  private var random: SeededRandom
  private var records = 0
  private var cuts: UInt64 = 0
  private var read: [Row] = []
  private var hasWaited = false

  init(_ stream: DealtStream, worker: Int, of workers: Int, batchRows: Int, seed: UInt64) {
    self.stream = stream
    self.worker = worker
    self.workers = workers
    self.batchRows = batchRows
    random = SeededRandom(seed: seed)
  }

  var place: UInt64 { UInt64(records) }
  mutating func supply(_ bytes: Span<UInt8>) throws(StageFailure) {}
  mutating func endMessage() {}
  mutating func promise(_ time: Int64) {}
  mutating func endInput() throws(StageFailure) {}
  var time: Int64 { .min }
  var latest: Int64? { nil }
  var isStopped: Bool { false }
  mutating func stop(behind time: Int64) {}
  mutating func cut(_ number: UInt64, behind time: Int64) {}
  mutating func stop(at place: UInt64) {}
  mutating func cut(_ number: UInt64, at place: UInt64) {}
  var state: [UInt8] { [] }
  mutating func restore(_ state: [UInt8], keepsSchedule: Bool) throws(StageFailure) -> UInt64 { 0 }

  private var isAtCut: Bool { stream.cut.map { records == Int(cuts + 1) * $0 } ?? false }

  mutating func step(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> SourceStep {
    if !hasWaited, random.chance(oneIn: 6) {
      hasWaited = true
      return .waiting(until: now)
    }
    hasWaited = false
    if read.isEmpty { readRecords() }
    if !read.isEmpty {
      let count = random.chance(oneIn: 4) ? Int.random(in: 1...read.count, using: &random) : read.count
      effects.rows.append(LooseRows(.of(stream.schema, Array(read.prefix(count)))))
      effects.counters.rowsIn += Int64(count)
      effects.watermark = effects.rows[0].lastPosition
      read.removeFirst(count)
      guard read.isEmpty else { return .working }
    }
    if records > 0 {
      let progress = Position(time: stream.latest[records - 1], source: 0, ordinal: UInt64(records - 1))
      effects.watermark = max(effects.watermark, progress)
    }
    if isAtCut {
      cuts += 1
      effects.barrier = .cut(cuts)
      return .working
    }
    return records == stream.records.count ? .finished : .working
  }

  /// Up to a full batch, a cut, or what has come so far.
  private mutating func readRecords() {
    let end = min(stream.records.count, records + Int.random(in: 1...3 * batchRows, using: &random))
    while records < end, read.count < batchRows, !isAtCut {
      if records / stream.block % workers == worker, let row = stream.records[records] { read.append(row) }
      records += 1
    }
  }
}

/// A stage without a key: may add a column, drop rows, and leave a batch in pieces or the very one that came.
struct SimpleLogic: StageLogic, ~Copyable {
  struct Plan: Hashable, Sendable {
    let input: Schema
    /// The name of the column that it adds.
    let adds: String?
    /// One row in so many is dropped; 0: none.
    let drops: Int
    /// Rows of a piece; 0: batches stay whole.
    let piece: Int

    var output: Schema { adds.map { input.appending([Field($0, .int64)]) } ?? input }
  }

  private let plan: Plan

  init(_ plan: Plan) { self.plan = plan }

  mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
    let kept = (0..<batch.rowCount)
      .filter { plan.drops == 0 || batch.positions[$0].ordinal % UInt64(plan.drops) != 0 }
    effects.counters.filtered += Int64(batch.rowCount - kept.count)
    guard !kept.isEmpty else { return }
    let rest = batch.selecting(.rows(kept.map(UInt32.init)))
    let result = plan.adds == nil ? rest : marked(rest)
    guard plan.piece > 0 else {
      effects.rows.append(LooseRows(result))
      return
    }
    for start in stride(from: 0, to: result.rowCount, by: plan.piece) {
      effects.rows.append(LooseRows(result.selecting(.range(start..<min(start + plan.piece, result.rowCount)))))
    }
  }

  private func marked(_ batch: RecordBatch) -> RecordBatch {
    var added = ColumnScratch([Field("", .int64)], capacity: batch.rowCount)
    for row in 0..<batch.rowCount {
      added.store(batch.column(0).int64(row) &* 3 &+ Int64(batch.positions[row].ordinal), column: 0, row: row)
    }
    return RecordBatch(
      plan.output,
      positions: batch.positions,
      columns: batch.columns + [added.view(0, rows: batch.rowCount)],
      rows: .range(0..<batch.rowCount)
    )
  }

  mutating func finish(into effects: inout StageEffects) throws(StageFailure) {}
}

/// The sink: passes all rows to its driver, which takes them from the effects.
struct CollectingLogic: StageLogic, ~Copyable {
  let collected: Collected

  mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
    collected.rows += batch.rows
  }

  mutating func finish(into effects: inout StageEffects) throws(StageFailure) {}
}

/// What has come out of a pipeline.
final class Collected {
  var rows: [Row] = []
  /// How many rows had come at each cut.
  var cuts: [Int] = []
}
