/// The sizes that the work on a row depends on. Where they are constants of a type, the compiler unrolls that work.
protocol RowShape {
  /// Values of a row.
  var values: Int { get }
  /// How many of the first of them are summed at every edge.
  var summed: Int { get }
  /// Whether any of them may be null.
  var hasFlags: Bool { get }
  /// Words of a row that can be found again from the others.
  var derived: Int { get }
}

/// Windows that count, and nothing else.
struct NoValues: RowShape {
  @inline(__always) var values: Int { 0 }
  @inline(__always) var summed: Int { 0 }
  @inline(__always) var hasFlags: Bool { false }
  @inline(__always) var derived: Int { 0 }
}

/// Windows over one value that is never null.
struct OneValue: RowShape {
  @inline(__always) var values: Int { 1 }
  @inline(__always) var summed: Int { 1 }
  @inline(__always) var hasFlags: Bool { false }
  @inline(__always) var derived: Int { 0 }
}

/// Any others.
struct AnyShape: RowShape {
  let values: Int
  let summed: Int
  let hasFlags: Bool
  let derived: Int
}

extension RowShape {
  @inline(__always) var rowWords: Int { 1 &+ values &+ (hasFlags ? 1 : 0) &+ derived }
  /// The flags' word in a row.
  @inline(__always) var flagsWord: Int { 1 &+ values }
  /// The first of the words that can be found again.
  @inline(__always) var derivedWord: Int { 1 &+ values &+ (hasFlags ? 1 : 0) }
  /// The word of a chunk's link to the next, behind its rows.
  @inline(__always) var linkWord: Int { row(Cursor.rowsPerChunk) }
  /// In whole cache lines.
  @inline(__always) var chunkWords: Int { (linkWord &+ 1 &+ 7) / 8 &* 8 }
  @inline(__always) var sumWords: Int { hasFlags ? 3 : 2 }
  @inline(__always) var recordWords: Int { 2 &+ summed &* sumWords }

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
