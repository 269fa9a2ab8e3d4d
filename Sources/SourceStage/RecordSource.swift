internal import Dataflow
internal import Records

/// Turns the bytes of an input into rows: finds its records, gives each row its position, and leaves rows as fast as they are
/// taken or as slowly as their event times say.
///
/// Several workers share an input by blocks of records: each finds every record, so that all agree on ordinals and on which
/// rows are late, and reads those of its own blocks.
struct RecordSource<Reader: RecordReader & ~Copyable>: ~Copyable {
  private let plan: SourcePlan
  private var input = InputBuffer()
  private var reader: Reader
  private var hasHeader: Bool
  private var rows: ColumnScratch
  /// Rows in `rows`; those before `left` have been left already.
  private var read = 0
  private var left = 0
  private var line = 1
  /// Records seen; a row's ordinal is how many there were before it.
  private var records = 0
  private var latest = Int64.min {
    didSet { if firstTime == nil { firstTime = latest } }
  }
  /// The time of the first record that has one, whoever reads it: all workers of an input pace their rows by it.
  private var firstTime: Int64?
  private var pace: Pace?
  private var cuts: Cuts?
  /// A cut behind the rows that are read.
  private var cutIsDue = false
  /// Within a line that is too long.
  private var isSkipping = false
  private var hasEnded = false
  /// The record before which the source is to end, whatever is behind it.
  private var stopPlace: Int?
  /// Why the run is to end, once the rows before it are out.
  private var failure: StageFailure?

  /// Input bytes from which on a batch is full.
  private static var batchBytes: Int { 1 << 20 }
  /// Records that one of several workers reads before it leaves as many to each of the others.
  private static var blockRecords: Int { 512 }

  init(_ plan: SourcePlan, reader: consuming Reader) {
    self.plan = plan
    self.reader = reader
    hasHeader = !plan.hasHeader
    cuts = plan.cut.map { Cuts($0) }
    let position = [Field("time", .int64), Field("tag", .int64), Field("arrival", .int64)]
    rows = ColumnScratch(position + plan.schema.fields, capacity: plan.batchRows)
  }

  mutating func supply(_ bytes: Span<UInt8>) {
    if plan.format == .json { input.appendInOneLine(bytes) } else { input.append(bytes) }
  }

  /// Ends a message, which is a record or several, each on a line of its own.
  mutating func endMessage() { input.endLine() }

  mutating func endInput() {
    hasEnded = true
    input.endLine()
  }

  /// Records of the input up to which every row of this worker has been left.
  var place: UInt64 { UInt64(left < read ? ordinal(left) : records) }

  /// Gives up all rows from record `place` on, and waits for the time of none before it.
  mutating func stop(at place: UInt64) {
    stopPlace = Int(clamping: place)
    while read > left, ordinal(read - 1) >= stopPlace ?? 0 { read -= 1 }
    if records >= stopPlace ?? 0 { stopReading() }
  }

  mutating func cut(_ number: UInt64, at place: UInt64) {}

  var state: [UInt8] { [] }

  mutating func restore(_ state: [UInt8]) throws(StageFailure) -> UInt64 { 0 }

  private func ordinal(_ row: Int) -> Int { Int(position(row).ordinal) }

  private func position(_ row: Int) -> Position { rows.positions(rows: read)[row] }

  mutating func step(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> SourceStep {
    if left == read {
      if let failure { throw failure }
      let isExhausted = try readRows(now: now, into: &effects)
      if left == read {
        effects.watermark = max(effects.watermark, progress)
        if cutIsDue { return cut(into: &effects) }
        if failure != nil || !isExhausted { return .working }
        return hasEnded ? .finished : .needsInput
      }
    }
    return leaveRows(now: now, into: &effects)
  }

  // MARK: Leaving rows

  /// Leaves the rows that are due.
  private mutating func leaveRows(now: Int64, into effects: inout StageEffects) -> SourceStep {
    let due = schedule(now: now)
    guard !due.isEmpty else {
      // Others that share the input need not wait until this worker's next row is due.
      if left < read { effects.watermark = max(effects.watermark, position(left).predecessor) }
      return left == read ? .working : .waiting(until: pace?.arrival(of: rows.view(0, rows: read).int64(left)) ?? now)
    }
    let columns = plan.schema.fields.indices.map { rows.view($0 + RecordLayout.columnsBefore, rows: due.upperBound) }
    let leaving = LooseRows(
      plan.schema,
      positions: rows.positions(rows: due.upperBound),
      arrivals: rows.view(2, rows: due.upperBound),
      columns: columns,
      rows: .range(due)
    )
    let last = leaving.lastPosition
    effects.counters.rowsIn += Int64(leaving.count)
    // A few rows of many are better put together first than computed on with all the others.
    effects.rows.append(leaving.dense)
    left = due.upperBound
    effects.watermark = max(effects.watermark, left == read ? progress : max(last, position(left).predecessor))
    if left == read, cutIsDue { return cut(into: &effects) }
    return .working
  }

  private mutating func cut(into effects: inout StageEffects) -> SourceStep {
    cutIsDue = false
    effects.barrier = (cuts?.take()).map { .cut($0) }
    return .working
  }

  /// The rows that have arrived at `now`, with their arrivals in place.
  private mutating func schedule(now: Int64) -> Range<Int> {
    guard let speed = plan.speed, stopPlace == nil else {
      // Rows that came with the time of their arrival keep it.
      if !reader.readsArrivals || plan.speed != nil { for row in left..<read { rows.store(now, column: 2, row: row) } }
      return left..<read
    }
    let times = rows.view(0, rows: read)
    let pace = pace ?? Pace(speed: speed, start: now, firstTime: firstTime ?? times.int64(left))
    self.pace = pace
    var end = left
    while end < read {
      let arrival = pace.arrival(of: times.int64(end))
      if arrival > now { break }
      rows.store(arrival, column: 2, row: end)
      end += 1
    }
    return left..<end
  }

  /// Every row that this worker leaves later has a greater position.
  private var progress: Position {
    records == 0 ? .first : Position(time: latest, source: plan.source, ordinal: UInt64(records - 1))
  }

  // MARK: Reading rows

  /// Reads rows up to a full batch or a cut.
  ///
  /// - Returns: whether there are no more in the bytes at hand.
  private mutating func readRows(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> Bool {
    (read, left) = (0, 0)
    rows.reset(rows: plan.batchRows)
    if !hasHeader {
      guard try readHeader() else { return true }
    }
    // Held here as well, so that the bytes can be read while the rest of the source changes.
    let bytes = input.bytes
    let start = input.at
    while read < plan.batchRows, input.at - start < Self.batchBytes, failure == nil {
      if records >= min(stopPlace ?? .max, plan.limit ?? .max) { stopReading() }
      if cuts?.isDue(records: records, now: now) == true {
        cutIsDue = true
        return false
      }
      if isSkipping, !skipLine() { return true }
      if plan.workers > 1, !isOwn, skipRecord(bytes.span) { continue }
      switch reader.read(bytes.span, from: input.at, into: &rows, row: read) {
      case .row(let next):
        if next - input.at > plan.longestLine {
          refuseLongRecord(into: &effects)
        } else {
          accept(next: next, now: now, into: &effects)
        }
      case .blank(let next):
        line += 1
        input.at = next
      case .problem(let problem):
        if let end = reader.endOfRecord(bytes.span, from: input.at), end < input.at + plan.longestLine {
          refuse(problem, through: end + 1, into: &effects)
        } else if !refuseOpenRecord(into: &effects) {
          return true
        }
      case .incomplete:
        if !refuseOpenRecord(into: &effects) { return true }
      }
    }
    return false
  }

  private mutating func stopReading() {
    hasEnded = true
    isSkipping = false
    input.skipAll()
  }

  /// Whether the next record is this worker's to read.
  private var isOwn: Bool { records / Self.blockRecords % plan.workers == plan.worker }

  private mutating func accept(next: Int, now: Int64, into effects: inout StageEffects) {
    let time = reader.time
    if time < latest {
      rows.undo(row: read)
      if isOwn {
        effects.counters.late += 1
        effects.counters.rowsIn += 1
        if plan.latePolicy == .deadLetter { report(.late(behind: latest &- time), through: next, into: &effects) }
      }
    } else {
      latest = time
      if isOwn {
        let position = Position(time: time, source: plan.source, ordinal: UInt64(records))
        rows.store(time, column: 0, row: read)
        rows.store(Int64(bitPattern: position.tag), column: 1, row: read)
        if reader.readsArrivals { rows.store(reader.arrival ?? now, column: 2, row: read) }
        read += 1
      } else {
        rows.undo(row: read)
      }
    }
    records += 1
    line += 1 + reader.lineBreaks
    input.at = next
  }

  /// Passes over a record of another worker, if it is written the plain way.
  ///
  /// - Returns: false where only reading it tells what it is.
  private mutating func skipRecord(_ bytes: Span<UInt8>) -> Bool {
    guard let plain = reader.plainRecord(bytes, from: input.at), plain.next - input.at <= plan.longestLine else {
      return false
    }
    if let time = plain.time { latest = max(latest, time) }
    records += 1
    line += 1
    input.at = plain.next
    return true
  }

  // MARK: Problems

  /// Goes on behind a record that is no row.
  private mutating func refuse(_ problem: RowProblem, through next: Int, into effects: inout StageEffects) {
    rows.undo(row: read)
    let bytes = input.bytes
    if isOwn {
      if plan.errorPolicy == .fail {
        let field = problem.field(plan.schema).map { ", field `\($0)`" } ?? ""
        failure = StageFailure(
          "'\(plan.inputName)' line \(line)\(field): \(problem.reason); repair the row, or let `on_error: dead_letters` set it aside"
        )
      } else {
        report(problem, through: next, into: &effects)
        effects.counters.deadLetters += 1
      }
      effects.counters.rowsIn += 1
    }
    // What others can see of it without reading it counts for all: its time decides what is late.
    if let plain = reader.plainRecord(bytes.span, from: input.at), plain.next - input.at <= plan.longestLine,
      let time = plain.time
    {
      latest = max(latest, time)
    }
    records += 1
    for index in input.at..<next where bytes[index] == CSVText.newline { line += 1 }
    input.at = next
  }

  /// Sees to a record whose end is not there, or too far away.
  ///
  /// - Returns: false when more bytes may end it, or when there is none.
  private mutating func refuseOpenRecord(into effects: inout StageEffects) -> Bool {
    if input.count > plan.longestLine {
      refuseLongRecord(into: &effects)
    } else if hasEnded && input.count > 0 {
      // The input ends with a line end, so this one is within quotes.
      refuseLine(into: &effects)
    } else {
      return false
    }
    return true
  }

  /// A record longer than allowed is one long line, or begins with a line that has a quote which nobody closed: that swallows
  /// the lines behind it, but only its own line is to blame. What is decided depends on nothing but the first `longestLine`
  /// bytes, for the others need not be there.
  private mutating func refuseLongRecord(into effects: inout StageEffects) {
    if let end = CSVText.endOfLine(input.bytes.span, from: input.at), end < input.at + plan.longestLine {
      refuseLine(into: &effects)
    } else {
      refuse(.tooLong(limit: plan.longestLine), through: input.at + plan.longestLine, into: &effects)
      isSkipping = true
    }
  }

  private mutating func refuseLine(into effects: inout StageEffects) {
    let end = CSVText.endOfLine(input.bytes.span, from: input.at).map { $0 + 1 } ?? input.bytes.count
    refuse(.quotes, through: end, into: &effects)
  }

  /// Skips the rest of a line that was refused as too long; false when it goes on in bytes to come.
  private mutating func skipLine() -> Bool {
    guard let end = CSVText.endOfLine(input.bytes.span, from: input.at) else {
      input.skipAll()
      return false
    }
    input.at = end + 1
    line += 1
    isSkipping = false
    return true
  }

  private func report(_ problem: RowProblem, through next: Int, into effects: inout StageEffects) {
    let bytes = input.bytes
    let record = bytes.span.extracting(input.at..<next)
    let isLine = record.count > 0 && record[record.count - 1] == CSVText.newline
    let letter = DeadLetter(
      source: plan.inputName,
      line: line,
      offset: input.offset,
      field: problem.field(plan.schema),
      reason: problem.reason
    )
    var isCut = false
    if case .tooLong = problem { isCut = true }
    letter.append(
      raw: CSVText.trimmed(record.extracting(droppingLast: isLine ? 1 : 0)),
      isCut: isCut,
      to: &effects.deadLetters
    )
  }

  // MARK: The header

  /// Reads the first record; false when its end is not there yet.
  private mutating func readHeader() throws(StageFailure) -> Bool {
    let bytes = input.bytes
    let start = CSVText.hasByteOrderMark(bytes.span) ? 3 : 0
    guard let end = CSVText.endOfRecord(bytes.span, from: start) else {
      if stopPlace != nil { return false }
      guard !hasEnded && input.count <= CSVHeader.longest else {
        throw StageFailure("'\(plan.inputName)' has no header line; name its columns in its first line")
      }
      return false
    }
    let record = CSVText.trimmed(bytes.span.extracting(start..<end))
    do throws(CSVHeader.Problem) {
      reader.begin(try CSVHeader(record, schema: plan.schema, inputName: plan.inputName))
    } catch {
      throw StageFailure("\(error.message); \(error.remedy)")
    }
    for index in 0...end where bytes[index] == CSVText.newline { line += 1 }
    input.at = end + 1
    hasHeader = true
    return true
  }
}
