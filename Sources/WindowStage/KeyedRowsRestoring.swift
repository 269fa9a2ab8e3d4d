internal import Dataflow
internal import Records

extension KeyedRows {
  /// Finds the open slots among the restored ones and follows all that they link to, giving links their new numbers.
  ///
  /// What `append` and `close` rely on is checked: a key's chunks lead from the oldest edge's cursor to the tail, through
  /// chunks of its group that nothing else has; on that way every edge has its cursor, before the tail, those of younger
  /// edges not before those of older ones, and its record the time of the row there. Then what an edge passes ends at the row
  /// appended last, whatever the times.
  mutating func restore(
    _ saved: Restoration,
    _ slotUnits: inout RestoredUnits,
    _ chunkUnits: inout RestoredUnits
  ) throws(StageFailure) {
    for page in saved.slots {
      let slotPages = slotUnits.pages(from: page.origin)
      let chunkPages = chunkUnits.pages(from: page.origin)
      for place in 0..<UnitPages.unitsPerPage {
        let number = page.number << UnitPages.shift + place
        let slot = try slotUnits.find(number, from: slotPages, in: page.group)
        guard slots.words(of: slot)[WindowLayout.tailWord] != 0 else { continue }
        _ = try slotUnits.take(number, from: slotPages, in: page.group)
        if layout.isPlain {
          try restore(slot, page.group, chunkPages, &chunkUnits)
        } else {
          try restoreAny(slot, page.group, chunkPages, &chunkUnits)
        }
        markOpen(slot)
      }
    }
  }

  private func restore(
    _ slot: Int,
    _ group: Int,
    _ pages: Range<Int>,
    _ units: inout RestoredUnits
  ) throws(StageFailure) {
    let words = slots.restoredWords(of: slot)
    let shape = layout.shape
    let hash = UInt64(bitPattern: words[WindowLayout.hashWord])
    guard KeyGroups.group(ofHash: hash) == group else { throw .damagedWindows("a key is in another's group") }
    let tail = Cursor(words[WindowLayout.tailWord])
    let oldest = Cursor(words[layout.oldestWord])
    var number = oldest.chunk
    var chunk = try units.take(number, from: pages, in: group)
    /// Rows before the chunk.
    var count = oldest.count &- UInt32(oldest.row)
    /// The edge whose cursor comes next, and the row of the chunk before which it is not.
    var edge = layout.edges.count - 1
    var row = 0
    while true {
      let isLast = number == tail.chunk
      let end = isLast ? tail.row : Cursor.rowsPerChunk
      let rows = chunks.restoredWords(of: chunk)
      while edge > 0 {
        let record = shape.record(edge)
        let cursor = Cursor(words[record])
        guard cursor.chunk == number else { break }
        guard row <= cursor.row, cursor.row < end, cursor.count == count &+ UInt32(cursor.row),
          words[record + shape.time] == rows[shape.row(cursor.row)]
        else { throw .damagedWindows("an edge of a key is not where its rows are") }
        words[record] = cursor.moved(to: chunk).bits
        row = cursor.row
        edge -= 1
      }
      if isLast { break }
      number = Int(rows[shape.linkWord])
      let next = try units.take(number, from: pages, in: group)
      rows[shape.linkWord] = Int64(next)
      chunk = next
      count &+= UInt32(Cursor.rowsPerChunk)
      row = 0
    }
    guard edge == 0, 1...Cursor.rowsPerChunk ~= tail.row, tail.count == count &+ UInt32(tail.row) else {
      throw .damagedWindows("the end of a key is not where its rows end")
    }
    words[WindowLayout.tailWord] = tail.moved(to: chunk).bits
  }
}
