/// The sizes that the work on a row depends on. Where they are constants of a type, the compiler unrolls that work.
protocol RowShape {
  /// Value columns.
  var values: Int { get }
  /// Whether any of them may be null.
  var hasFlags: Bool { get }
}

/// Windows that count, and nothing else.
struct NoValues: RowShape {
  @inline(__always) var values: Int { 0 }
  @inline(__always) var hasFlags: Bool { false }
}

/// Windows over one column that is never null.
struct OneValue: RowShape {
  @inline(__always) var values: Int { 1 }
  @inline(__always) var hasFlags: Bool { false }
}

/// Any others.
struct AnyShape: RowShape {
  let values: Int
  let hasFlags: Bool
}

extension RowShape {
  @inline(__always) var rowWords: Int { 1 &+ values &+ (hasFlags ? 1 : 0) }
  /// The flags' word in a row.
  @inline(__always) var flagsWord: Int { 1 &+ values }
  /// The word of a chunk's link to the next, behind its rows.
  @inline(__always) var linkWord: Int { row(Cursor.rowsPerChunk) }
  /// In whole cache lines.
  @inline(__always) var chunkWords: Int { (linkWord &+ 1 &+ 7) / 8 &* 8 }
  @inline(__always) var sumWords: Int { hasFlags ? 3 : 2 }
  @inline(__always) var recordWords: Int { 2 &+ values &* sumWords }

  /// The word of an edge's record in a slot.
  @inline(__always)
  func record(_ edge: Int) -> Int { WindowLayout.tailWord &+ edge &* recordWords }

  /// The word of the time of the row at an edge, in its record.
  @inline(__always) var time: Int { 1 }

  /// The word of a value's sum in a record.
  @inline(__always)
  func sum(_ value: Int) -> Int { 2 &+ value &* sumWords }

  /// The word of a row in a chunk.
  @inline(__always)
  func row(_ row: Int) -> Int { row &* rowWords }
}
