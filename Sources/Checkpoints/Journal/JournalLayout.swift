/// The layout of a journal: the messages that a live source received and what it promised while none came, numbered in their
/// order, in files ("segments") that are named by the number of their first record.
///
/// Little-endian, without padding. A segment's header:
///
///     offset  bytes  field
///          0      4  magic "SLJN"
///          4      2  layout version
///          6      2  reserved, 0
///          8      8  sequence number of the first record
///         16      4  CRC-32C of the 16 bytes before
///
/// then records, one right after the other:
///
///     offset  bytes  field
///          0      4  length of the payload; the highest bit says that it is a promise
///          4      4  CRC-32C of the other fields and the payload
///          8      8  sequence number: one more than the record's before
///         16      8  arrival, wall-clock microseconds since 1970 UTC
///         24         payload: the message, or, of a promise, an event time of 8 bytes that nothing behind it is before
///
/// A crash leaves a part of the last write at the end of the last segment. What is wrong anywhere else is damage.
enum JournalLayout {
  static let magic: UInt32 = 0x4E4A_4C53  // "SLJN", little-endian
  static let version: UInt16 = 2
  static let headerSize = 20
  static let recordHeaderSize = 24
  static let arrivalOffset = 16
  static let promiseBit: UInt32 = 1 << 31
  static let promiseSize = 8
  static let longestPayload = Int(promiseBit - 1)

  static func header(first sequence: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.put(magic)
    bytes.put(version)
    bytes.put(UInt16(0))
    bytes.put(sequence)
    bytes.put(Checksum(of: bytes.span).value)
    return bytes
  }

  static func put(_ message: JournalMessage, _ sequence: UInt64, into bytes: inout [UInt8]) {
    let start = bytes.count
    bytes.put(UInt32(message.payload.count) | (message.isPromise ? promiseBit : 0))
    bytes.put(UInt32(0))
    bytes.put(sequence)
    bytes.put(message.arrival)
    bytes += message.payload
    let sum = checksum(of: bytes.span.extracting(start..<bytes.count))
    for place in 0..<4 { bytes[start + 4 + place] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * place)) }
  }

  /// What the checksum field of a whole record has to say.
  static func checksum(of record: Span<UInt8>) -> UInt32 {
    var sum = Checksum(of: record.extracting(0..<4))
    sum.add(record.extracting(8..<record.count))
    return sum.value
  }

  /// What stands at a place where a record may begin.
  enum Found {
    /// A sound record of this length, header included.
    case record(length: Int)
    /// The start of one of this length, which goes on behind the bytes that are there, as far as its header can be believed.
    case incomplete(length: Int)
    case unsound
  }

  static func record(_ bytes: Span<UInt8>, at offset: Int, _ sequence: UInt64) -> Found {
    guard bytes.count - offset >= recordHeaderSize else { return .incomplete(length: recordHeaderSize) }
    guard bytes.integer(UInt64.self, at: offset + 8) == sequence else { return .unsound }
    let size = bytes.integer(UInt32.self, at: offset)
    guard size & promiseBit == 0 || Int(size & ~promiseBit) == promiseSize else { return .unsound }
    let length = recordHeaderSize + Int(size & ~promiseBit)
    guard bytes.count - offset >= length else { return .incomplete(length: length) }
    let record = bytes.extracting(offset..<offset + length)
    return checksum(of: record) == record.integer(UInt32.self, at: 4) ? .record(length: length) : .unsound
  }

  /// Where the first sound record begins that comes after `sequence`, at or behind `offset`; nil when there is none.
  static func laterRecord(_ bytes: Span<UInt8>, from offset: Int, after sequence: UInt64) -> Int? {
    // Each of them takes a header at least, which bounds their numbers.
    let most = UInt64(bytes.count / recordHeaderSize)
    var place = offset
    while bytes.count - place >= recordHeaderSize {
      let number = bytes.integer(UInt64.self, at: place + 8)
      if number &- sequence &- 1 <= most, case .record = record(bytes, at: place, number) { return place }
      place += 1
    }
    return nil
  }
}
