internal import Dataflow
internal import Records

/// Turns the bytes of an input into rows: finds its records, gives each row its position, and leaves rows as fast as they are
/// taken or as slowly as their event times say.
///
/// Several workers share an input by blocks of records: each finds every record, so that all agree on ordinals and on which
/// rows are late, and reads those of its own blocks.
struct RecordSource<Reader: RecordReader & ~Copyable>: ~Copyable {
  let plan: SourcePlan
  var input = InputBuffer()
  var reader: Reader
  var hasHeader: Bool
  /// The first record, where it names the fields.
  var header: [UInt8]?
  var rows: ColumnScratch
  let rules: RowRules
  /// Rows in `rows`; those before `left` have been left already, or are held.
  var read = 0
  var left = 0
  /// The rows that may yet have others before them; nil where none may, since all are in order.
  var holding: Holding?
  /// What `rows` becomes when it is full of rows that have left.
  var spareRows: ColumnScratch
  var line = 1
  /// Records seen; a row's ordinal is how many there were before it.
  var records = 0
  var latest = Int64.min
  /// The time of the first record that has one, whoever reads it: all workers of an input pace their rows by it.
  var firstTime: Int64?
  var pace: Pace?
  /// When the last row that is read is due, where that is not yet: nothing behind it is read before.
  var pending: Int64?
  /// Behind everything of its own that a paced source is done with, and no farther than the row that is pending: what other
  /// workers read may have been passed over from there on, so that a cut takes the source back.
  var settled: Standing?
  /// Where messages end, if the input comes in messages.
  var messageEnds: MessageEnds?
  /// The place in the input behind the last message that came a second time: its rows arrive when they are read.
  var replayedEnd = 0
  var cuts: Cuts?
  /// The checkpoint whose barrier is to come, and the record before which it stands.
  var checkpoint: (number: UInt64, place: Int)?
  /// A barrier behind the rows that are read.
  var barrier: Barrier?
  /// Within a line that is too long.
  var isSkipping = false
  /// Bytes that are left of a message that is too long.
  var bytesToSkip = 0
  var hasEnded = false
  /// The record before which the source is to end, whatever is behind it.
  var stopPlace: Int?
  /// The same, and the same for a barrier, before the first record with an event time above this.
  var stopTime: Int64?
  var checkpointTime: (number: UInt64, time: Int64)?
  /// The lesser of these times.
  var boundTime = Int64.max
  /// Every later row has a greater event time than this, once the barrier is out.
  var barrierTime: Int64?
  /// It has come to that record, or to the limit.
  var isStopped = false
  /// The least record before which there is something to be done: the end, or a barrier.
  var nextPlace: Int
  /// What somebody reads beside the rows.
  var lateRows: SideScratch?
  var letters: SideScratch?
  /// When the step began, in nanoseconds of the monotonic clock.
  var now: Int64 = 0
  /// Why the run is to end, once the rows before it are out.
  var failure: StageFailure?

  /// Input bytes from which on a batch is full.
  static var batchBytes: Int { 1 << 20 }

  init(_ plan: SourcePlan, reader: consuming Reader) {
    self.plan = plan
    self.reader = reader
    hasHeader = !plan.hasHeader
    rules = RowRules(plan.shape, timeColumn: plan.timeColumn)
    cuts = plan.cut.map { Cuts($0) }
    nextPlace = plan.limit ?? .max
    let fields = RecordLayout.positionFields + plan.schema.fields
    rows = ColumnScratch(fields, capacity: plan.batchRows)
    spareRows = ColumnScratch(fields, capacity: 0)
    if plan.leavesLate { lateRows = SideScratch(.late, plan.schema) }
    if plan.leavesLetters { letters = SideScratch(.deadLetters, SourcePlan.deadLetterSchema) }
    latest = plan.leastTime
    if plan.outOfOrder > 0 { holding = Holding() }
    findNextPlace()
    if plan.isInMessages { messageEnds = MessageEnds() }
    settle()
  }

  mutating func supply(_ bytes: Span<UInt8>) {
    switch plan.format {
    case .json: input.appendInOneLine(bytes)
    case .protobuf where plan.isInMessages: input.appendMessage(bytes)
    case .csv, .jsonl, .protobuf: input.append(bytes)
    }
  }

  /// Ends a message, which is a record or several, each on a line of its own.
  mutating func endMessage() {
    if plan.format.isText { input.endLine() }
    noteEndOfMessage()
  }

  private mutating func noteEndOfMessage() {
    messageEnds?.append(input.end, forgettingBefore: holding?.start?.offset ?? settled?.offset ?? input.offset)
  }

  /// All that was supplied has been read.
  mutating func promise(_ time: Int64) {
    note(time)
    // While nothing is held, nothing before this has to be read again.
    let standing = standing
    if !isReplaying { holding?.restart(at: standing) }
    noteEndOfMessage()
  }

  /// Ends a message that had been received before.
  mutating func endReplayedMessage() {
    endMessage()
    replayedEnd = input.end
  }

  mutating func endInput() {
    hasEnded = true
    if plan.format.isText { input.endLine() }
  }

  /// Records of the input up to which every row of this worker has been left, or is held.
  var place: UInt64 { holding?.place(records) ?? UInt64(settled?.records ?? records) }

  /// Gives up all rows from record `place` on, and waits for the time of none before it.
  mutating func stop(at place: UInt64) {
    stopPlace = Int(clamping: place)
    goBack(to: Int(clamping: place))
    findNextPlace()
  }

  mutating func cut(_ number: UInt64, at place: UInt64) {
    checkpoint = (number, Int(clamping: place))
    goBack(to: Int(clamping: place))
    findNextPlace()
  }

  /// Whether it ended before its input did, and not for the limit, which is an end like the input's.
  var wasStopped: Bool { holding.map { !$0.isAtEnd } ?? (isStopped && records < plan.limit ?? .max) }

  /// Whether it is to end before its input does.
  var isStopping: Bool { stopPlace != nil || stopTime != nil }

  mutating func findNextPlace() {
    nextPlace = min(stopPlace ?? .max, plan.limit ?? .max, checkpoint?.place ?? .max)
    if let holding { nextPlace = holding.nextPlace(nextPlace) }
  }

  func position(_ row: Int) -> Position { rows.positions(rows: read)[row] }

  mutating func step(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> SourceStep {
    self.now = now
    if holding != nil { return try stepHolding(now: now, into: &effects) }
    if let pending {
      if !isStopping, pending > now {
        // Others that share the input need not wait until this worker's next row is due.
        effects.watermark = max(effects.watermark, position(left).predecessor)
        return .waiting(until: pending)
      }
      self.pending = nil
      settle()
    } else if let failure {
      throw failure
    }
    let isExhausted = try readRows(now: now, into: &effects)
    leaveSides(into: &effects)
    let due = schedule(now: now)
    if !due.isEmpty { leave(due, into: &effects) }
    guard left == read else {
      effects.watermark = max(effects.watermark, position(left).predecessor)
      return .working
    }
    effects.watermark = max(effects.watermark, progress)
    if let barrier = barrier.take() {
      effects.barrier = barrier
      if let time = barrierTime.take() { effects.watermark = max(effects.watermark, .last(ofTime: time)) }
      return .working
    }
    if !due.isEmpty || failure != nil || !isExhausted { return .working }
    if endsForTime() { return .working }
    guard hasEnded || isStopped else { return .needsInput }
    // What others read behind the last row of its own is passed over for good.
    settle()
    return finish(&effects)
  }

  /// Sources that were stopped at one time have come equally far.
  func finish(_ effects: inout StageEffects) -> SourceStep {
    if let stopTime, stopTime < .max, wasStopped { effects.watermark = max(effects.watermark, .last(ofTime: stopTime)) }
    return .finished
  }

  // MARK: Leaving rows

  mutating func leave(_ due: Range<Int>, into effects: inout StageEffects) {
    leave(.range(due), of: due.upperBound, into: &effects)
    left = due.upperBound
  }

  /// Leaves some of the first `count` rows.
  mutating func leave(_ selection: RowSelection, of count: Int, into effects: inout StageEffects) {
    let columns = plan.schema.fields.indices.map { rows.view($0 + RecordLayout.columnsBefore, rows: count) }
    let leaving = LooseRows(
      plan.schema,
      positions: rows.positions(rows: count),
      arrivals: rows.view(2, rows: count),
      columns: columns,
      rows: selection
    )
    effects.counters.rowsIn += Int64(leaving.count)
    effects.watermark = max(effects.watermark, leaving.lastPosition)
    // A few rows of many are better put together first than computed on with all the others.
    effects.rows.append(leaving.dense)
  }

  /// The rows that have arrived at `now`, with their arrivals in place.
  mutating func schedule(now: Int64) -> Range<Int> {
    if plan.speed != nil, !isStopping { return left..<(pending == nil ? read : read - 1) }
    // Rows that came with the time of their arrival keep it.
    if !reader.readsArrivals || plan.speed != nil { for row in left..<read { rows.store(now, column: 2, row: row) } }
    return left..<read
  }

  /// Every row that this worker leaves later has a greater position.
  var progress: Position {
    records == 0 && latestTime == nil ? .first : plan.position(time: releaseFloor, record: records).predecessor
  }

  // MARK: Reading rows

  /// Reads rows up to a full batch, a barrier, or one that is not due.
  ///
  /// - Returns: whether there are no more in the bytes at hand.
  mutating func readRows(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> Bool {
    if holding != nil {
      try makeRoom(now: now)
    } else if left == read {
      // A row that was not due until now stands before those that come.
      (read, left) = (0, 0)
      rows.reset(rows: plan.batchRows)
    }
    if !hasHeader {
      if takeCheckpoint() { return false }
      isStopped = stopPlace == 0
      guard !isStopped, try readHeader() else { return true }
      settle()
    }
    // Held here as well, so that the bytes can be read while the rest of the source changes.
    let bytes = input.bytes
    let start = input.at
    let full = holding == nil ? plan.batchRows : read + plan.batchRows
    while read < full, input.at - start < Self.batchBytes, pending == nil, failure == nil {
      if cuts?.isDue(records: records, now: now) == true {
        barrier = (cuts?.take()).map { .cut($0) }
        settle()
        return false
      }
      if records >= nextPlace {
        if holding != nil {
          if mark() { continue }
          if endReplay() { return false }
        }
        if takeCheckpoint() { return false }
        isStopped = true
        return true
      }
      if isSkipping, !skipLine() { return true }
      if bytesToSkip > 0, !skipBytes() { return true }
      if boundTime != .max, let time = plainTime, time > boundTime { return takeBound(before: time, now: now) }
      if plan.workers > 1, !isOwn, skipRecord(bytes.span) { continue }
      switch reader.read(bytes.span, from: input.at, into: &rows, row: read) {
      case .row(let next):
        if next - input.at > plan.longestLine {
          refuseLongRecord(into: &effects)
        } else if !rules.isEmpty, let problem = rules.problem(in: rows, row: read) {
          refuse(problem, through: next, into: &effects)
        } else if eventTime > boundTime {
          rows.undo(row: read)
          return takeBound(before: eventTime, now: now)
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

  /// Whether the checkpoint's barrier stands before the next record.
  mutating func takeCheckpoint() -> Bool {
    guard let due = checkpoint, records >= due.place else { return false }
    barrier = .checkpoint(due.number)
    checkpoint = nil
    findNextPlace()
    settle()
    return true
  }

  /// Whether the next record is this worker's to read.
  @inline(__always) var isOwn: Bool { plan.workers == 1 || records / plan.blockRecords % plan.workers == plan.worker }

  mutating func accept(next: Int, now: Int64, into effects: inout StageEffects) {
    let time = eventTime
    let arrival = input.offset < replayedEnd ? nil : reader.arrival
    let isOwn = isOwn
    if time < latest, isLate(time) {
      if isOwn, !isReplaying { refuseLate(time, through: next, arrival: arrival ?? now, into: &effects) }
      rows.undo(row: read)
    } else {
      note(time)
      if isOwn {
        let position = plan.position(time: time, record: records)
        rows.store(time, column: 0, row: read)
        rows.store(Int64(bitPattern: position.tag), column: 1, row: read)
        if reader.readsArrivals { rows.store(arrival ?? now, column: 2, row: read) }
        if plan.speed != nil { pace(time, now: now) }
        read += 1
      } else {
        rows.undo(row: read)
      }
    }
    pass(to: next, lines: 1 + reader.lineBreaks, isOwn: isOwn)
  }

  private mutating func refuseLate(
    _ time: Int64,
    through next: Int,
    arrival: Int64,
    into effects: inout StageEffects
  ) {
    effects.counters.rowsIn += 1
    if leaveLate(arrival: arrival, into: &effects) { return }
    effects.counters.late += 1
    guard plan.latePolicy == .deadLetter else { return }
    let behind = Double(latest) - Double(time)
    report(.late(behind: behind, bound: plan.outOfOrder), through: next, into: &effects)
  }

  /// Goes on behind a record.
  mutating func pass(to next: Int, lines: Int, isOwn: Bool) {
    records += 1
    line += lines
    input.at = next
    if plan.speed != nil, pending == nil, isOwn || isFarBehind { settle() }
  }

  mutating func note(_ time: Int64) {
    guard time >= latest else { return }
    latest = time
    if firstTime == nil { firstTime = time }
  }

  /// Notes when the row that is read is scheduled to arrive.
  mutating func pace(_ time: Int64, now: Int64) {
    if holding != nil {
      rows.store(pace?.arrival(of: latest) ?? now, column: 2, row: read)
      return
    }
    guard let speed = plan.speed, !isStopping else { return }
    let pace = pace ?? Pace(speed: speed, start: now, firstTime: firstTime ?? time)
    self.pace = pace
    let arrival = pace.arrival(of: time)
    rows.store(arrival, column: 2, row: read)
    if arrival > now { pending = arrival }
  }

  /// Passes over a record of another worker, if it is written the plain way.
  ///
  /// - Returns: false where only reading it tells what it is.
  mutating func skipRecord(_ bytes: Span<UInt8>) -> Bool {
    guard let plain = reader.plainRecord(bytes, from: input.at), plain.next - input.at <= plan.longestLine else {
      return false
    }
    if let time = eventTime(plain.time) { note(time) }
    pass(to: plain.next, lines: 1, isOwn: false)
    return true
  }

  // MARK: The header

  /// Reads the first record; false when its end is not there yet.
  mutating func readHeader() throws(StageFailure) -> Bool {
    let bytes = input.bytes
    let start = CSVText.hasByteOrderMark(bytes.span) ? 3 : 0
    guard let end = CSVText.endOfRecord(bytes.span, from: start) else {
      if isStopping { return false }
      guard !hasEnded && input.count <= CSVHeader.longest else {
        throw StageFailure("'\(plan.inputName)' has no header line; name its columns in its first line")
      }
      return false
    }
    let record = CSVText.trimmed(bytes.span.extracting(start..<end))
    do throws(CSVHeader.Problem) {
      reader.begin(try CSVHeader(record, shape: plan.shape, inputName: plan.inputName))
    } catch {
      throw StageFailure("\(error.message); \(error.remedy)")
    }
    header = record.indices.map { record[$0] }
    for index in 0...end where bytes[index] == CSVText.newline { line += 1 }
    input.at = end + 1
    hasHeader = true
    return true
  }
}
