package import Dataflow
internal import Records

/// Replays a CSV file: reads its rows, gives each its position, and leaves them as fast as they are taken or as slowly as
/// their event times say.
package struct CSVSource: SourceLogic, ~Copyable {
  private let plan: SourcePlan
  private var input = InputBuffer()
  private var reader: RowReader
  private var hasHeader = false
  private var rows: ColumnScratch
  /// Rows in `rows`; those before `left` have been left already.
  private var read = 0
  private var left = 0
  private var line = 1
  /// Records seen; a row's ordinal is how many there were before it.
  private var records = 0
  private var latest = Int64.min
  private var pace: Pace?
  /// Within a line that is too long.
  private var isSkipping = false
  private var hasEnded = false
  private var isStopped = false

  /// Rows of a batch: enough to pay for a frame, few enough to stay in the cache.
  private static var batchRows: Int { 2048 }

  package init(_ plan: SourcePlan) {
    self.plan = plan
    reader = RowReader(plan)
    let position = [Field("time", .int64), Field("tag", .int64), Field("arrival", .int64)]
    rows = ColumnScratch(position + plan.schema.fields, capacity: Self.batchRows)
  }

  package mutating func supply(_ bytes: Span<UInt8>) throws(StageFailure) { input.append(bytes) }

  package mutating func endInput() throws(StageFailure) {
    hasEnded = true
    input.endLine()
  }

  package mutating func stop() {
    isStopped = true
    hasEnded = true
    input.skipAll()
  }

  package mutating func step(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> SourceStep {
    if left == read {
      let isExhausted = try readRows(into: &effects)
      if left == read { return !isExhausted ? .working : hasEnded ? .finished : .needsInput }
    }
    return leaveRows(now: now, into: &effects)
  }

  // MARK: Leaving rows

  /// Leaves the rows that are due.
  private mutating func leaveRows(now: Int64, into effects: inout StageEffects) -> SourceStep {
    let due = schedule(now: now)
    if isStopped { read = due.upperBound }
    guard !due.isEmpty else {
      return left == read ? .working : .waiting(until: pace?.arrival(of: rows.view(0, rows: read).int64(left)) ?? now)
    }
    let columns = plan.schema.fields.indices.map { rows.view($0 + RowReader.columnsBefore, rows: due.upperBound) }
    let batch = RecordBatch(
      plan.schema,
      positions: rows.positions(rows: due.upperBound),
      arrivals: rows.view(2, rows: due.upperBound),
      columns: columns,
      rows: .range(due)
    )
    effects.watermark = batch.positions[batch.rowCount - 1]
    effects.counters.rowsIn += Int64(batch.rowCount)
    effects.batches.append(batch)
    left = due.upperBound
    return .working
  }

  /// The rows that have arrived at `now`, with their arrivals in place.
  private mutating func schedule(now: Int64) -> Range<Int> {
    guard let speed = plan.speed else {
      for row in left..<read { rows.store(now, column: 2, row: row) }
      return left..<read
    }
    let times = rows.view(0, rows: read)
    let pace = pace ?? Pace(speed: speed, start: now, firstTime: times.int64(left))
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

  // MARK: Reading rows

  /// Reads rows up to a full batch.
  ///
  /// - Returns: whether there are no more in the bytes at hand.
  private mutating func readRows(into effects: inout StageEffects) throws(StageFailure) -> Bool {
    (read, left) = (0, 0)
    rows.reset(rows: Self.batchRows)
    if !hasHeader {
      guard try readHeader() else { return true }
    }
    // Held here as well, so that the bytes can be read while the rest of the source changes.
    let bytes = input.bytes
    while read < Self.batchRows {
      if let limit = plan.limit, records >= limit { stopAtLimit() }
      if isSkipping, !skipLine() { return true }
      switch reader.read(bytes.span, from: input.at, into: &rows, row: read) {
      case .row(let next):
        if next - input.at > plan.longestLine {
          try refuseLongRecord(into: &effects)
        } else {
          try accept(next: next, into: &effects)
        }
      case .blank(let next):
        line += 1
        input.at = next
      case .problem(let problem):
        if let end = CSVText.endOfRecord(bytes.span, from: input.at), end < input.at + plan.longestLine {
          try refuse(problem, through: end + 1, into: &effects)
        } else if try !refuseOpenRecord(into: &effects) {
          return true
        }
      case .incomplete:
        if try !refuseOpenRecord(into: &effects) { return true }
      }
    }
    return false
  }

  private mutating func stopAtLimit() {
    hasEnded = true
    isSkipping = false
    input.skipAll()
  }

  private mutating func accept(next: Int, into effects: inout StageEffects) throws(StageFailure) {
    let time = reader.time
    if time < latest {
      rows.undo(row: read)
      effects.counters.late += 1
      effects.counters.rowsIn += 1
      if plan.latePolicy == .deadLetter { report(.late(behind: latest &- time), through: next, into: &effects) }
    } else {
      latest = time
      let position = Position(time: time, source: plan.source, ordinal: UInt64(records))
      rows.store(time, column: 0, row: read)
      rows.store(Int64(bitPattern: position.tag), column: 1, row: read)
      read += 1
    }
    records += 1
    line += 1 + reader.lineBreaks
    input.at = next
  }

  // MARK: Problems

  /// Goes on behind a record that is no row.
  private mutating func refuse(
    _ problem: RowProblem,
    through next: Int,
    into effects: inout StageEffects
  ) throws(StageFailure) {
    rows.undo(row: read)
    if plan.errorPolicy == .fail {
      let field = problem.field(plan.schema).map { ", field `\($0)`" } ?? ""
      throw StageFailure(
        "'\(plan.inputName)' line \(line)\(field): \(problem.reason); repair the row, or let `on_error: dead_letters` set it aside"
      )
    }
    report(problem, through: next, into: &effects)
    effects.counters.rowsIn += 1
    effects.counters.deadLetters += 1
    records += 1
    let bytes = input.bytes
    for index in input.at..<next where bytes[index] == CSVText.newline { line += 1 }
    input.at = next
  }

  /// Sees to a record whose end is not there, or too far away.
  ///
  /// - Returns: false when more bytes may end it, or when there is none.
  private mutating func refuseOpenRecord(into effects: inout StageEffects) throws(StageFailure) -> Bool {
    if input.count > plan.longestLine {
      try refuseLongRecord(into: &effects)
    } else if hasEnded && input.count > 0 {
      // The input ends with a line end, so this one is within quotes.
      try refuseLine(into: &effects)
    } else {
      return false
    }
    return true
  }

  /// A record longer than allowed is one long line, or begins with a line that has a quote which nobody closed: that swallows
  /// the lines behind it, but only its own line is to blame. What is decided depends on nothing but the first `longestLine`
  /// bytes, for the others need not be there.
  private mutating func refuseLongRecord(into effects: inout StageEffects) throws(StageFailure) {
    if let end = CSVText.endOfLine(input.bytes.span, from: input.at), end < input.at + plan.longestLine {
      try refuseLine(into: &effects)
    } else {
      try refuse(.tooLong(limit: plan.longestLine), through: input.at + plan.longestLine, into: &effects)
      isSkipping = true
    }
  }

  private mutating func refuseLine(into effects: inout StageEffects) throws(StageFailure) {
    let end = CSVText.endOfLine(input.bytes.span, from: input.at).map { $0 + 1 } ?? input.bytes.count
    try refuse(.quotes, through: end, into: &effects)
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
      if isStopped { return false }
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
