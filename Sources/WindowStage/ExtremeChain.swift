/// The least (or greatest) values of all windows that begin at one edge, in links between rows.
///
/// A row waits on a stack until one that is no worse passes the edge: then it links to that one. On the stack each links to the
/// one below, which came before it and is better. So from the first row of a window the links to later rows lead to its best,
/// which is on the stack; and where they led for the last row they lead on for the next. A null is worse than any value.
extension KeyedRows {
  /// Enters the row at `place`, the newest to pass the edge.
  mutating func chain(
    _ place: Cursor,
    _ action: EdgeAction,
    _ words: MutableUnitWords,
    _ layout: borrowing WindowLayout
  ) {
    let shape = layout.shape
    let oldest = Cursor(words[layout.oldestWord])
    let reach = place.count &- oldest.count
    let chunk = chunks.mutableWords(of: place.chunk, stride: shape.chunkWords)
    let row = shape.row(place.row)
    let isValue = isThere(action.value, chunk.words, row, shape)
    let value = action.order(chunk[row &+ 1 &+ action.value])
    var top = words[action.word]
    // What is older than the oldest edge is gone.
    while top != Cursor.none, Cursor(top).count &- oldest.count < reach {
      let below = chunks.words(of: Cursor(top).chunk, stride: shape.chunkWords)
      let other = shape.row(Cursor(top).row)
      if isThere(action.value, below, other, shape) {
        guard isValue, value <= action.order(below[other &+ 1 &+ action.value]) else { break }
      }
      let next = below[other &+ action.link]
      let popped = chunks.mutableWords(of: Cursor(top).chunk, stride: shape.chunkWords)
      popped[other &+ action.link] = place.bits
      top = next
    }
    chunk[row &+ action.link] = top
    words[action.word] = place.bits
  }

  /// The place of the best value of the window from the row at `older` to what passed the edge last; a place of a null where there is
  /// no value. The window has a row.
  ///
  /// - Parameter last: where this led for the row before.
  func best(from older: Cursor, last: Int64, link: Int, _ shape: AnyShape) -> Cursor {
    var place = older
    if last != Cursor.none {
      let ahead = Int32(bitPattern: Cursor(last).count &- older.count)
      if ahead > 0 { place = Cursor(last) }
    }
    while true {
      let next = chunks.words(of: place.chunk, stride: shape.chunkWords)[shape.row(place.row) &+ link]
      guard next != Cursor.none, Int32(bitPattern: Cursor(next).count &- place.count) > 0 else { return place }
      place = Cursor(next)
    }
  }
}

extension EdgeAction {
  /// A number that is the less the better a value is.
  @inline(__always)
  fileprivate func order(_ bits: Int64) -> Int64 {
    // The bits of doubles in their order, -0 before 0.
    let ordered = isFloat ? bits ^ (bits &>> 63 & Int64.max) : bits
    return kind == .least ? ordered : ~ordered
  }
}
