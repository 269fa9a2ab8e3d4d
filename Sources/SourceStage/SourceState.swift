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

  private static let version: UInt8 = 2
  /// Places and numbers that no input reaches: what is added to them never overflows.
  private static let farthest = 1 << 60
  private static let mostRecords = 1 << 47

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
    writer.write(Int64(standing.records))
    writer.write(Int64(standing.line))
    writer.write(Int64(standing.offset))
    writer.write(standing.latest)
    writer.write(standing.isSkipping)
    writer.write(Int64(standing.bytesToSkip))
    writer.write(cutNumber)
    writer.write(Int64(recordsAtCut))
    writer.write(header) { $1.write($0) }
    writer.write(messages) { messages, writer in
      writer.write(messages.count)
      writer.write(Int64(messages.bytesOfNext))
    }
    writer.write(schedule) { schedule, writer in
      writer.write(schedule.start)
      writer.write(schedule.firstTime)
    }
    return writer.bytes
  }

  init(_ bytes: [UInt8]) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.read(UInt8.self) == Self.version else { throw reader.malformed("version \(Self.version)") }
    standing = Standing(
      records: try Self.number(&reader, in: 0...Self.mostRecords),
      line: try Self.number(&reader, in: 1...Self.farthest),
      offset: try Self.number(&reader, in: 0...Self.farthest),
      latest: try reader.read(),
      isSkipping: try reader.read(),
      bytesToSkip: try Self.number(&reader, in: 0...Self.farthest)
    )
    cutNumber = UInt64(try Self.number(&reader, in: 0...Self.farthest))
    recordsAtCut = try Self.number(&reader, in: 0...standing.records)
    header = try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read([UInt8].self) }
    let offset = standing.offset
    messages = try reader.readOptional { (reader) throws(MalformedBytes) in
      Messages(
        count: UInt64(try Self.number(&reader, in: 0...Self.farthest)),
        bytesOfNext: try Self.number(&reader, in: 0...offset)
      )
    }
    schedule = try reader.readOptional { (reader) throws(MalformedBytes) in
      Schedule(start: try reader.read(), firstTime: try reader.read())
    }
    guard reader.isAtEnd else { throw reader.malformed("the end") }
  }

  private static func number(_ reader: inout ByteReader, in range: ClosedRange<Int>) throws(MalformedBytes) -> Int {
    let number = Int(try reader.read(Int64.self))
    guard range.contains(number) else { throw reader.malformed("a number in \(range)") }
    return number
  }
}
