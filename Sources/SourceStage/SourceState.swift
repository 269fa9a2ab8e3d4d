internal import Records

/// How far an input has been read.
struct Standing: Hashable {
  /// Records seen; a row's ordinal is how many there were before it.
  var records = 0
  var line = 1
  /// The place of the next byte in the input.
  var offset = 0
  /// The greatest event time so far: what is earlier is late.
  var latest = Int64.min
  /// Within a line that is too long.
  var isSkipping = false
  /// Bytes that are left of a message that is too long.
  var bytesToSkip = 0
}

/// What a source saves: where the input goes on, whoever reads it, and by how many workers.
struct SourceState: Hashable {
  var standing: Standing
  /// The micro-batch that ended last, and the records before its end.
  var cutNumber: UInt64
  var recordsAtCut: Int
  /// The input's first record, where it has been read and names the fields.
  var header: [UInt8]?
  /// How much of an input that comes in messages is used up; nil for any other.
  var messages: Messages?
  /// By which rows are due, where they are replayed by their event time: the first one's time, and when it was due.
  var schedule: Schedule?
  /// What is to be read again, where rows are held that may have others before them; nil where none ever are.
  var held: Held?

  /// Rows are not saved: they are read again, from before the first that is held up to where the source stands.
  struct Held: Hashable {
    var standing: Standing
    /// The messages before.
    var messages: Messages?
    /// Rows up to this time have left.
    var leftTime: Int64
  }

  struct Schedule: Hashable {
    /// Nanoseconds of the monotonic clock.
    var start: Int64
    var firstTime: Int64
  }

  struct Messages: Hashable {
    /// Those used up to their last byte.
    var count: UInt64
    /// Bytes of the next one.
    var bytesOfNext: Int
  }

  private static let version: UInt8 = 3
  /// Places and numbers that no input reaches: what is added to them never overflows.
  fileprivate static let farthest = 1 << 60
  fileprivate static let mostRecords = 1 << 47

  init(standing: Standing, cuts: Cuts?, header: [UInt8]?, messages: Messages?, pace: Pace?) {
    self.standing = standing
    cutNumber = cuts?.number ?? 0
    recordsAtCut = cuts?.recordsAtCut ?? standing.records
    self.header = header
    self.messages = messages
    schedule = pace.map { Schedule(start: $0.start, firstTime: $0.firstTime) }
  }

  var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.version)
    standing.encode(into: &writer)
    writer.write(cutNumber)
    writer.write(Int64(recordsAtCut))
    writer.write(header) { $1.write($0) }
    writer.write(messages) { $0.encode(into: &$1) }
    writer.write(schedule) { schedule, writer in
      writer.write(schedule.start)
      writer.write(schedule.firstTime)
    }
    writer.write(held) { held, writer in
      held.standing.encode(into: &writer)
      writer.write(held.messages) { $0.encode(into: &$1) }
      writer.write(held.leftTime)
    }
    return writer.bytes
  }

  init(_ bytes: [UInt8]) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.read(UInt8.self) == Self.version else { throw reader.malformed("version \(Self.version)") }
    standing = try Standing(from: &reader)
    cutNumber = UInt64(try Self.number(&reader, in: 0...Self.farthest))
    recordsAtCut = try Self.number(&reader, in: 0...standing.records)
    header = try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read([UInt8].self) }
    let standing = standing
    messages = try reader.readOptional { (reader) throws(MalformedBytes) in
      try Messages(from: &reader, before: standing)
    }
    schedule = try reader.readOptional { (reader) throws(MalformedBytes) in
      Schedule(start: try reader.read(), firstTime: try reader.read())
    }
    let messages = messages
    held = try reader.readOptional { (reader) throws(MalformedBytes) in
      let from = try Standing(from: &reader)
      let before = try reader.readOptional { (reader) throws(MalformedBytes) in
        try Messages(from: &reader, before: from)
      }
      guard from.isBefore(standing), before?.count ?? 0 <= messages?.count ?? 0, (before == nil) == (messages == nil)
      else { throw reader.malformed("a place before that where the source stands") }
      return Held(standing: from, messages: before, leftTime: try reader.read())
    }
    guard reader.isAtEnd else { throw reader.malformed("the end") }
  }

  fileprivate static func number(_ reader: inout ByteReader, in range: ClosedRange<Int>) throws(MalformedBytes) -> Int {
    let number = Int(try reader.read(Int64.self))
    guard range.contains(number) else { throw reader.malformed("a number in \(range)") }
    return number
  }
}

extension Standing {
  /// Whether a source that stands here may come to stand there.
  fileprivate func isBefore(_ other: Standing) -> Bool {
    records <= other.records && line <= other.line && offset <= other.offset && latest <= other.latest
  }

  fileprivate func encode(into writer: inout ByteWriter) {
    writer.write(Int64(records))
    writer.write(Int64(line))
    writer.write(Int64(offset))
    writer.write(latest)
    writer.write(isSkipping)
    writer.write(Int64(bytesToSkip))
  }

  fileprivate init(from reader: inout ByteReader) throws(MalformedBytes) {
    records = try SourceState.number(&reader, in: 0...SourceState.mostRecords)
    line = try SourceState.number(&reader, in: 1...SourceState.farthest)
    offset = try SourceState.number(&reader, in: 0...SourceState.farthest)
    latest = try reader.read()
    isSkipping = try reader.read()
    bytesToSkip = try SourceState.number(&reader, in: 0...SourceState.farthest)
  }
}

extension SourceState.Messages {
  fileprivate func encode(into writer: inout ByteWriter) {
    writer.write(count)
    writer.write(Int64(bytesOfNext))
  }

  fileprivate init(from reader: inout ByteReader, before standing: Standing) throws(MalformedBytes) {
    count = UInt64(try SourceState.number(&reader, in: 0...SourceState.farthest))
    bytesOfNext = try SourceState.number(&reader, in: 0...standing.offset)
  }
}
