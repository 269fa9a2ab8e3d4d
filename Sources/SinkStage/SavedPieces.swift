internal import Dataflow
internal import Records

/// Writes a state as numbered pieces: those of a long state are written before all of it is encoded.
struct PieceWriter: ~Copyable {
  private let writer: any StateWriter
  private var piece = ByteWriter()
  private var number = 0

  /// Bytes of the longest piece.
  private static let longest = 1 << 20

  init(_ writer: any StateWriter) { self.writer = writer }

  mutating func write<T: FixedWidthInteger>(_ value: T) throws(StateWriteError) {
    if piece.bytes.count + T.bitWidth / 8 >= Self.longest { try endPiece(isLast: false) }
    piece.write(value)
  }

  mutating func write(_ value: Double) throws(StateWriteError) { try write(value.bitPattern) }
  mutating func write(_ value: Bool) throws(StateWriteError) { try write(value ? 1 : 0 as UInt8) }

  mutating func end() throws(StateWriteError) { try endPiece(isLast: true) }

  private mutating func endPiece(isLast: Bool) throws(StateWriteError) {
    piece.write(isLast)
    let bytes = piece.bytes
    try writer.write(StateBlock(group: KeyGroups.count, kind: SavedPieces.kind, number: number), bytes.span)
    piece = ByteWriter()
    number += 1
  }
}

/// The pieces of a state that are given back, in any order.
struct SavedPieces {
  private var pieces: [UInt32: [UInt8]] = [:]
  private var origin: Int?

  static var kind: UInt8 { 1 }

  mutating func add(_ block: StateBlock, from origin: Int, _ bytes: Span<UInt8>) throws(StageFailure) {
    guard block.kind == Self.kind, block.group == KeyGroups.count, bytes.count > 0, pieces[block.number] == nil,
      origin == self.origin ?? origin
    else { throw SinkState.unreadable }
    self.origin = origin
    pieces[block.number] = bytes.indices.map { bytes[$0] }
  }

  /// The state that they are of.
  func joined() throws(StageFailure) -> [UInt8] {
    var bytes: [UInt8] = []
    for number in 0..<pieces.count {
      guard let piece = pieces[UInt32(number)], piece.last == (number == pieces.count - 1 ? 1 : 0) else {
        throw SinkState.unreadable
      }
      bytes += piece.dropLast()
    }
    return bytes
  }
}
