internal import Dataflow
package import Records

/// What happens to rows that come later than the source allows.
package enum LatePolicy: UInt8, Hashable, Sendable {
  /// They go to the dead letters, and are counted as late.
  case deadLetter = 0
  /// They are counted as late.
  case drop = 1
}

/// What happens at an input that is no row of the schema.
package enum ErrorPolicy: UInt8, Hashable, Sendable {
  /// It goes to the dead letters, and the run goes on.
  case deadLetter = 0
  /// The run ends.
  case fail = 1
}

/// Where a source's bytes come from.
package enum SourceInput: Hashable, Sendable {
  /// A file, or anything else that can be opened and read to its end.
  case file(path: String)
  case standardInput
  /// Messages that anyone sends to this endpoint by ZeroMQ PUSH.
  case messages(endpoint: String)
  /// The messages that came to this endpoint, from the journal in a directory, which is read to its end.
  ///
  /// - Parameter until: the wall-clock time of the last arrival to read, in microseconds since 1970 UTC; nil: all.
  case journal(directory: String, endpoint: String, until: Int64?)
}

/// How rows are written.
package enum SourceFormat: UInt8, Hashable, Sendable {
  /// RFC 4180, with a header line in files and without one in messages.
  case csv = 0
  /// A JSON object a line.
  case jsonl = 1
  /// A JSON object a message.
  case json = 2
  /// A Protobuf message, behind its length in files.
  case protobuf = 3

  /// Whether records end in line ends.
  var isText: Bool { self != .protobuf }
}

/// What a source does: what it reads, as what, and how fast.
package struct SourcePlan: Hashable, Sendable {
  /// The columns that rows get, and where in the input they stand.
  package let shape: RecordShape
  /// The column that holds the event time: a `timestamp`, never null.
  package let timeColumn: Int
  /// The source's number among the pipeline's sources.
  package private(set) var source: UInt16
  /// The lowest bits of a row's ordinal, which are 0 here: they tell apart the ways that a row takes to one stage.
  package private(set) var pathBits = 0
  package private(set) var input: SourceInput
  /// How messages are kept, where checkpoints are taken.
  package private(set) var journal: JournalPlan
  package let format: SourceFormat
  /// Times event time; nil: as fast as it goes.
  package let speed: Double?
  /// Rows to read; nil: all.
  package let limit: Int?
  /// How far a row's event time may be before the greatest so far, in microseconds: rows are held so long, and leave in order.
  package let outOfOrder: Int64
  /// Microseconds that rows come after the time that they name.
  package let delay: Int64
  /// What a live source does while nothing comes; nil: it holds up the others.
  package let idle: IdlePlan?
  package let latePolicy: LatePolicy
  package let errorPolicy: ErrorPolicy
  /// Bytes of the longest record.
  package let longestLine: Int
  /// Rows of a batch at the most.
  package let batchRows: Int
  /// Where the stream is cut into micro-batches; nil: nowhere.
  package let cut: CutPlan?
  /// Which of the `workers` that share the input this is.
  package private(set) var worker: Int
  package private(set) var workers: Int
  /// Whether another run may go on where this one is stopped: then the rows that are held are its to leave.
  package private(set) var isResumable = false
  /// Whether somebody reads late rows, and dead letters, as rows.
  package private(set) var leavesLate = false
  package private(set) var leavesLetters = false
  /// Records that one of several workers reads before it leaves as many to each of the others.
  let blockRecords: Int

  package init(
    schema: Schema,
    readings: [ColumnReading]? = nil,
    timeColumn: Int,
    source: UInt16,
    input: SourceInput,
    journal: JournalPlan = JournalPlan(),
    format: SourceFormat = .csv,
    speed: Double? = nil,
    limit: Int? = nil,
    outOfOrder: Int64 = 0,
    delay: Int64 = 0,
    idle: IdlePlan? = nil,
    latePolicy: LatePolicy = .deadLetter,
    errorPolicy: ErrorPolicy = .deadLetter,
    longestLine: Int = 1 << 20,
    batchRows: Int = BatchLimits.defaultRows,
    cut: CutPlan? = nil,
    worker: Int = 0,
    workers: Int = 1,
    blockRecords: Int = 512
  ) {
    precondition(schema.fields.indices.contains(timeColumn) && schema.fields[timeColumn].type == .timestamp)
    precondition(!schema.fields[timeColumn].isNullable && longestLine > 0 && (limit ?? 0) >= 0)
    precondition(format != .protobuf || readings.map { Self.haveFields($0) } ?? false)
    precondition(1...BatchLimits.mostRows ~= batchRows && 0..<workers ~= worker && blockRecords > 0)
    precondition(0...Self.mostOutOfOrder ~= outOfOrder && 0...Self.mostDelay ~= delay)
    shape = RecordShape(schema, readings)
    self.timeColumn = timeColumn
    self.source = source
    self.input = input
    self.journal = journal
    self.format = format
    self.speed = speed
    self.limit = limit
    self.outOfOrder = outOfOrder
    self.delay = delay
    self.idle = idle
    self.latePolicy = latePolicy
    self.errorPolicy = errorPolicy
    self.longestLine = longestLine
    self.batchRows = batchRows
    self.cut = cut
    self.worker = worker
    self.workers = workers
    self.blockRecords = blockRecords
  }

  /// Whether it is known where in a message every column stands.
  private static func haveFields(_ readings: [ColumnReading]) -> Bool {
    readings.allSatisfy { $0.inputs.allSatisfy { $0.field != nil } }
  }

  /// The part of the input that one of several workers reads.
  package func share(_ worker: Int, of workers: Int) -> SourcePlan {
    precondition(0..<workers ~= worker)
    var plan = self
    plan.worker = worker
    plan.workers = workers
    return plan
  }

  /// The same source in a run that another one may go on from.
  package var resumable: SourcePlan {
    var plan = self
    plan.isResumable = true
    return plan
  }

  /// The same source with side outputs that somebody reads.
  package func leaving(late: Bool, letters: Bool) -> SourcePlan {
    var plan = self
    plan.leavesLate = late
    plan.leavesLetters = letters
    return plan
  }

  /// The columns of dead letters as rows.
  package static let deadLetterSchema = Schema([
    Field("source", .string), Field("line", .int64), Field("byte_offset", .int64),
    Field("field", .string, nullable: true), Field("reason", .string), Field("raw", .string),
  ])

  /// What is before this time is late, whatever came before: a dead letter may come before any row has told what time it is, and
  /// stands behind the time 0001-01-01 then.
  var leastTime: Int64 { leavesLetters ? Self.firstTime : .min }

  /// 0001-01-01.
  package static let firstTime: Int64 = -62_135_596_800_000_000

  /// Microseconds of the greatest bound, some 140 years.
  package static let mostOutOfOrder: Int64 = 1 << 52

  /// Microseconds of the greatest delay: ten years.
  package static let mostDelay: Int64 = 3660 * 86_400_000_000

  package var schema: Schema { shape.schema }

  /// The same source with its journal, which it writes or reads, in a folder of its own.
  package func journaled(in folder: String) -> SourcePlan {
    var plan = self
    plan.journal.folder = folder
    if case .journal(let directory, let endpoint, let until) = input {
      plan.input = .journal(directory: "\(directory)/\(folder)", endpoint: endpoint, until: until)
    }
    return plan
  }

  /// The same source as the pipeline's graph numbers it.
  package func numbered(_ source: UInt16, pathBits: Int) -> SourcePlan {
    precondition(0...Self.mostPathBits ~= pathBits)
    var plan = self
    plan.source = source
    plan.pathBits = pathBits
    return plan
  }

  /// More would leave too few for the rows.
  package static let mostPathBits = 8

  /// The position of a record.
  func position(time: Int64, record: Int) -> Position {
    Position(time: time, source: source, ordinal: UInt64(record) &<< UInt64(pathBits))
  }

  /// The input's name, for messages.
  package var inputName: String {
    switch input {
    case .file(let path): path
    case .standardInput: "stdin"
    case .messages(let endpoint), .journal(_, let endpoint, _): endpoint
    }
  }

  /// Whether the input comes in messages.
  var isInMessages: Bool {
    switch input {
    case .messages, .journal: true
    case .file, .standardInput: false
    }
  }

  /// Whether the first record names the fields.
  var hasHeader: Bool { format == .csv && !isInMessages }

  package func encode(into writer: inout ByteWriter) {
    shape.encode(into: &writer)
    writer.write(UInt32(timeColumn))
    writer.write(source)
    writer.write(UInt8(pathBits))
    switch input {
    case .file(let path):
      writer.write(UInt8(0))
      writer.write(path)
    case .standardInput: writer.write(UInt8(1))
    case .messages(let endpoint):
      writer.write(UInt8(2))
      writer.write(endpoint)
    case .journal(let directory, let endpoint, let until):
      writer.write(UInt8(3))
      writer.write(directory)
      writer.write(endpoint)
      writer.write(until) { $1.write($0) }
    }
    journal.encode(into: &writer)
    writer.write(format.rawValue)
    writer.write(speed) { $1.write($0) }
    writer.write(limit) { $1.write(Int64($0)) }
    writer.write(outOfOrder)
    writer.write(delay)
    writer.write(idle) { $0.encode(into: &$1) }
    writer.write(isResumable)
    writer.write(leavesLate)
    writer.write(leavesLetters)
    writer.write(latePolicy.rawValue)
    writer.write(errorPolicy.rawValue)
    writer.write(UInt32(clamping: longestLine))
    writer.write(UInt32(batchRows))
    writer.write(cut) { cut, writer in
      switch cut {
      case .records(let count):
        writer.write(true)
        writer.write(Int64(count))
      case .nanoseconds(let time):
        writer.write(false)
        writer.write(time)
      }
    }
    writer.write(UInt32(worker))
    writer.write(UInt32(workers))
    writer.write(UInt32(blockRecords))
  }

  package init(from reader: inout ByteReader) throws(MalformedBytes) {
    let shape = try RecordShape(from: &reader)
    let schema = shape.schema
    let timeColumn = Int(try reader.read(UInt32.self))
    guard schema.fields.indices.contains(timeColumn), schema.fields[timeColumn].type == .timestamp,
      !schema.fields[timeColumn].isNullable
    else { throw reader.malformed("a time column") }
    let source: UInt16 = try reader.read()
    let pathBits = Int(try reader.read(UInt8.self))
    guard pathBits <= Self.mostPathBits else { throw reader.malformed("bits for ways") }
    let input: SourceInput
    switch try reader.read(UInt8.self) {
    case 0: input = .file(path: try reader.read())
    case 1: input = .standardInput
    case 2: input = .messages(endpoint: try reader.read())
    case 3:
      input = .journal(
        directory: try reader.read(),
        endpoint: try reader.read(),
        until: try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read() }
      )
    default: throw reader.malformed("a kind of input")
    }
    let journal = try JournalPlan(from: &reader)
    guard let format = SourceFormat(rawValue: try reader.read()),
      format != .protobuf || Self.haveFields(shape.readings)
    else { throw reader.malformed("a format") }
    let speed = try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read(Double.self) }
    guard speed.map({ $0 > 0 && $0.isFinite }) ?? true else { throw reader.malformed("a speed") }
    let limit = try reader.readOptional { (reader) throws(MalformedBytes) in Int(try reader.read(Int64.self)) }
    guard limit ?? 0 >= 0 else { throw reader.malformed("a limit") }
    let outOfOrder: Int64 = try reader.read()
    guard 0...Self.mostOutOfOrder ~= outOfOrder else { throw reader.malformed("a bound of the rows' disorder") }
    let delay: Int64 = try reader.read()
    guard 0...Self.mostDelay ~= delay else { throw reader.malformed("a delay") }
    let idle = try reader.readOptional { (reader) throws(MalformedBytes) in try IdlePlan(from: &reader) }
    let isResumable: Bool = try reader.read()
    let (late, letters): (Bool, Bool) = (try reader.read(), try reader.read())
    guard let latePolicy = LatePolicy(rawValue: try reader.read()),
      let errors = ErrorPolicy(rawValue: try reader.read())
    else { throw reader.malformed("a policy") }
    let longestLine = Int(try reader.read(UInt32.self))
    let batchRows = Int(try reader.read(UInt32.self))
    guard longestLine > 0, 1...BatchLimits.mostRows ~= batchRows else { throw reader.malformed("a length") }
    let cut = try reader.readOptional { (reader) throws(MalformedBytes) in
      let isCounted = try reader.read(Bool.self)
      let every = try reader.read(Int64.self)
      guard every > 0 else { throw reader.malformed("a distance of cuts") }
      return isCounted ? CutPlan.records(Int(every)) : .nanoseconds(every)
    }
    let (worker, workers) = (Int(try reader.read(UInt32.self)), Int(try reader.read(UInt32.self)))
    guard worker < workers else { throw reader.malformed("the number of a worker") }
    let blockRecords = Int(try reader.read(UInt32.self))
    guard blockRecords > 0 else { throw reader.malformed("records of a block") }
    self.init(
      schema: schema,
      readings: shape.readings,
      timeColumn: timeColumn,
      source: source,
      input: input,
      journal: journal,
      format: format,
      speed: speed,
      limit: limit,
      outOfOrder: outOfOrder,
      delay: delay,
      idle: idle,
      latePolicy: latePolicy,
      errorPolicy: errors,
      longestLine: longestLine,
      batchRows: batchRows,
      cut: cut,
      worker: worker,
      workers: workers,
      blockRecords: blockRecords
    )
    self.pathBits = pathBits
    self.isResumable = isResumable
    leavesLate = late
    leavesLetters = letters
  }
}
