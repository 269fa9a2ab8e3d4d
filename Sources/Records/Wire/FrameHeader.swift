internal import CLinux

/// What a frame carries.
public enum FrameKind: UInt8, Sendable {
  /// A batch of rows, in the order of their positions.
  case rows = 1
  /// No rows: only the header's watermark.
  case watermark = 2
  /// The marker that cuts the stream into before and after a checkpoint; the body is its number.
  case barrier = 3
  /// The last frame of a channel: the stream has ended.
  case end = 4
  /// The end of a micro-batch; the body is its number.
  case cut = 5
  /// The last frame of a channel in its epoch: the stream was stopped, and goes on from here in another.
  case stop = 6

  /// Whether nothing follows on the channel.
  package var isLast: Bool { self == .end || self == .stop }
}

/// One worker of one stage, by the numbers that the plan gives them.
public struct WorkerID: Hashable, Sendable, BitwiseCopyable {
  public let stage: UInt16
  public let worker: UInt16

  package init(stage: UInt16, worker: UInt16) {
    self.stage = stage
    self.worker = worker
  }
}

/// The first 64 bytes of every frame.
///
/// Little-endian, without padding between fields:
///
///     offset  bytes  field
///          0      4  magic "SLCF"
///          4      2  layout version
///          6      1  kind
///          7      1  flags (bit 0: the batch carries arrival times)
///          8      4  epoch
///         12      2  sender: stage
///         14      2  sender: worker
///         16      8  sequence number on the channel, from 0
///         24     16  watermark: time, tag
///         40      8  schema fingerprint (0 without rows)
///         48      4  rows
///         52      4  body length in bytes
///         56      4  reserved, 0
///         60      4  CRC-32C of bytes 0 to 59 and the body
public struct FrameHeader: Hashable, Sendable {
  package static let size = 64
  package static let magic: UInt32 = 0x4643_4C53  // "SLCF", little-endian
  package static let layoutVersion: UInt16 = 1
  static let arrivalsFlag: UInt8 = 1

  package var kind: FrameKind
  package var epoch: UInt32
  package var sender: WorkerID
  /// Counts the frames of a channel, so that a lost one shows as a gap.
  package var sequence: UInt64
  /// Every later row on the channel has a greater position.
  package var watermark: Position

  package init(kind: FrameKind, epoch: UInt32, sender: WorkerID, sequence: UInt64, watermark: Position) {
    self.kind = kind
    self.epoch = epoch
    self.sender = sender
    self.sequence = sequence
    self.watermark = watermark
  }
}

extension FrameHeader {
  /// Bytes of the body that follows a header, for a reader of frames that stand one behind the other.
  package static func bodyLength(_ header: Span<UInt8>) throws(FrameError) -> Int {
    guard header.count >= size else { throw .tooShort(bytes: header.count) }
    return (0..<4).reduce(0) { length, place in length | Int(header[52 + place]) << (8 * place) }
  }
}

/// Why bytes are not a frame, or not one for this receiver.
public enum FrameError: Error, Hashable, Sendable, CustomStringConvertible {
  case tooShort(bytes: Int)
  case magic(UInt32)
  case layoutVersion(UInt16)
  case kind(UInt8)
  case flags(UInt8)
  case bodyLength(header: Int, actual: Int)
  case checksum
  case schema(expected: UInt64, actual: UInt64)
  /// A part of the body does not lie within it.
  case body(field: String)

  public var description: String {
    switch self {
    case .tooShort(let bytes): "frame of \(bytes) bytes is shorter than its header (\(FrameHeader.size))"
    case .magic(let value): "frame field magic is \(value), not \(FrameHeader.magic): the peer is no Sluice worker"
    case .layoutVersion(let value):
      "frame field layout version is \(value), not \(FrameHeader.layoutVersion): run the same Sluice on both ends"
    case .kind(let value): "frame field kind is \(value), which is none"
    case .flags(let value): "frame field flags is \(value), with bits that mean nothing"
    case .bodyLength(let header, let actual):
      "frame field body length is \(header), but \(actual) bytes follow the header"
    case .checksum: "frame field checksum does not match: the frame was damaged on its way"
    case .schema(let expected, let actual):
      "frame field schema is \(actual), not \(expected): the two stages run different pipelines"
    case .body(let field): "frame body is malformed: \(field)"
    }
  }
}

extension FrameStorage {
  /// Writes the header, checksum included, before the body that is already in place.
  func seal(_ header: FrameHeader, flags: UInt8, fingerprint: UInt64, rows: Int) {
    store(FrameHeader.magic, at: 0)
    store(FrameHeader.layoutVersion, at: 4)
    store(header.kind.rawValue, at: 6)
    store(flags, at: 7)
    store(header.epoch, at: 8)
    store(header.sender.stage, at: 12)
    store(header.sender.worker, at: 14)
    store(header.sequence, at: 16)
    store(header.watermark.time, at: 24)
    store(header.watermark.tag, at: 32)
    store(fingerprint, at: 40)
    store(UInt32(rows), at: 48)
    store(UInt32(count - FrameHeader.size), at: 52)
    store(UInt32(0), at: 56)
    store(checksum, at: 60)
  }

  private var checksum: UInt32 {
    let head = unsafe sluice_crc32c(0, base, 60)
    return unsafe sluice_crc32c(head, base + FrameHeader.size, count - FrameHeader.size)
  }

  /// Reads and checks the header and the checksum.
  func openHeader() throws(FrameError) -> (header: FrameHeader, flags: UInt8, fingerprint: UInt64, rows: Int) {
    guard count >= FrameHeader.size else { throw .tooShort(bytes: count) }
    let magic = load(UInt32.self, at: 0)
    guard magic == FrameHeader.magic else { throw .magic(magic) }
    let version = load(UInt16.self, at: 4)
    guard version == FrameHeader.layoutVersion else { throw .layoutVersion(version) }
    let kind = load(UInt8.self, at: 6)
    guard let kind = FrameKind(rawValue: kind) else { throw .kind(kind) }
    let flags = load(UInt8.self, at: 7)
    guard flags & ~FrameHeader.arrivalsFlag == 0 else { throw .flags(flags) }
    let bodyLength = Int(load(UInt32.self, at: 52))
    guard bodyLength == count - FrameHeader.size else {
      throw .bodyLength(header: bodyLength, actual: count - FrameHeader.size)
    }
    guard load(UInt32.self, at: 60) == checksum else { throw .checksum }
    let header = FrameHeader(
      kind: kind,
      epoch: load(UInt32.self, at: 8),
      sender: WorkerID(stage: load(UInt16.self, at: 12), worker: load(UInt16.self, at: 14)),
      sequence: load(UInt64.self, at: 16),
      watermark: Position(time: load(Int64.self, at: 24), tag: load(UInt64.self, at: 32))
    )
    return (header, flags, load(UInt64.self, at: 40), Int(load(UInt32.self, at: 48)))
  }
}
