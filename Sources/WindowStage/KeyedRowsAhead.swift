internal import Records

/// Fetches into the cache, for rows that are to come soon, what the work on them will read.
///
/// A key's state was mostly last looked at long ago, and so were the rows that are to pass its edges: without this the work
/// waits for memory most of the time, once for the slot, once for each edge, and again where a row is the last of its chunk.
/// What is fetched here means nothing; a row before the one that it is for may still change the places.
extension KeyedRows {
  /// How many rows ahead a slot is fetched, the rows at its edges, and the chunks behind those: each needs the one before.
  private static var rowsToSlot: Int { 12 }
  private static var rowsToEdges: Int { 8 }
  private static var rowsToLinks: Int { 4 }

  /// The `row` at which to begin, so that what the first rows need is fetched as well.
  static var rowsAhead: Int { rowsToSlot }

  /// To be called before the work on each row of a batch in turn.
  ///
  /// - Parameters:
  ///   - row: from -`rowsAhead` on.
  ///   - slots: of the `count` rows of the batch.
  ///   - edges: of every slot.
  @inline(__always)
  func fetchAhead<Shape: RowShape>(of row: Int, _ slots: Span<Int>, _ count: Int, edges: Int, _ shape: Shape) {
    let last = row &+ Self.rowsToSlot
    if last < count { fetchSlot(slots[last]) }
    let middle = row &+ Self.rowsToEdges
    if middle >= 0, middle < count { fetchEdges(slots[middle], edges, shape) }
    let first = row &+ Self.rowsToLinks
    if first >= 0, first < count { fetchLinks(slots[first], edges, shape) }
  }

  @inline(__always)
  private func fetchSlot(_ slot: Int) {
    slots.fetch(slots.stride &- 1, of: slot)
    var word = 0
    while word < slots.stride {
      slots.fetch(word, of: slot)
      word &+= UnitPages.lineWords
    }
  }

  /// The rows that are to pass the edges next.
  @inline(__always)
  private func fetchEdges<Shape: RowShape>(_ slot: Int, _ edges: Int, _ shape: Shape) {
    let words = slots.words(of: slot)
    var edge = 1
    while edge < edges {
      let cursor = Cursor(words[shape.record(edge)])
      chunks.fetch(shape.row(cursor.row), of: cursor.chunk, stride: shape.chunkWords)
      chunks.fetch(shape.row(cursor.row &+ 2), of: cursor.chunk, stride: shape.chunkWords)
      edge &+= 1
    }
  }

  /// The chunks behind those that end with these rows.
  @inline(__always)
  private func fetchLinks<Shape: RowShape>(_ slot: Int, _ edges: Int, _ shape: Shape) {
    let words = slots.words(of: slot)
    var edge = 1
    while edge < edges {
      let cursor = Cursor(words[shape.record(edge)])
      if cursor.row >= Cursor.rowsPerChunk &- 2 {
        // 0 where there is none yet, which is a chunk as good as any.
        let link = chunks.words(of: cursor.chunk, stride: shape.chunkWords)[shape.linkWord]
        chunks.fetch(0, of: Int(truncatingIfNeeded: link), stride: shape.chunkWords)
      }
      edge &+= 1
    }
  }
}
