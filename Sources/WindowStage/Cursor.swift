/// A place among a key's rows, and how many rows lie before it: one word of a slot.
///
/// The lower half is the place, eight to a chunk; the upper half counts rows modulo 2^32, which makes differences exact as
/// long as all rows of a stage fit in `mostChunks` chunks.
struct Cursor {
  private var word: UInt64

  /// Rows of a chunk. With the link, seven rows of two words fill two cache lines.
  static var rowsPerChunk: Int { 7 }
  static var mostChunks: Int { 1 << 29 }

  /// The first place of a chunk, before which no row lies.
  init(startingIn chunk: Int) { word = UInt64(truncatingIfNeeded: chunk) &<< 3 }

  @inline(__always)
  init(_ word: Int64) { self.word = UInt64(bitPattern: word) }

  @inline(__always) var bits: Int64 { Int64(bitPattern: word) }
  @inline(__always) var chunk: Int { Int(truncatingIfNeeded: (word & 0xFFFF_FFFF) &>> 3) }
  /// The row in the chunk; `rowsPerChunk` at the end of a full one.
  @inline(__always) var row: Int { Int(truncatingIfNeeded: word & 7) }
  @inline(__always) var isAtEndOfChunk: Bool { row == Self.rowsPerChunk }
  /// Rows before this place, modulo 2^32.
  @inline(__always) var count: UInt32 { UInt32(truncatingIfNeeded: word &>> 32) }

  /// The next place of the same chunk.
  @inline(__always)
  mutating func advance() { word &+= 1 &<< 32 | 1 }

  /// The same place of the same chunk under another number.
  func moved(to chunk: Int) -> Cursor {
    Cursor(Int64(bitPattern: word & 0xFFFF_FFFF_0000_0007 | UInt64(truncatingIfNeeded: chunk) &<< 3))
  }

  /// From the end of a chunk to the first place of the next.
  @inline(__always)
  mutating func enter(_ chunk: Int) {
    word = word & 0xFFFF_FFFF_0000_0000 | UInt64(truncatingIfNeeded: chunk) &<< 3
  }
}
