internal import Dataflow
internal import Records

/// What restoring does for edges of all kinds, beyond what it does for ages.
extension KeyedRows {
  /// As for ages: follows a key's chunks and finds every cursor on the way; then finds again what is not saved.
  ///
  /// Of the cursors that do not go by age it is checked that they lie as their edges say, so that no window is negative.
  mutating func restoreAny(
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
    var missing = Set(1..<layout.edges.count)
    while true {
      let isLast = number == tail.chunk
      let end = isLast ? tail.row : Cursor.rowsPerChunk
      let rows = chunks.restoredWords(of: chunk)
      for edge in missing {
        let record = shape.record(edge)
        let cursor = Cursor(words[record])
        guard cursor.chunk == number else { continue }
        guard cursor.row < end, cursor.count == count &+ UInt32(cursor.row),
          words[record + shape.time] == rows[shape.row(cursor.row)]
        else { throw .damagedWindows("an edge of a key is not where its rows are") }
        words[record] = cursor.moved(to: chunk).bits
        missing.remove(edge)
      }
      if isLast { break }
      number = Int(rows[shape.linkWord])
      let next = try units.take(number, from: pages, in: group)
      rows[shape.linkWord] = Int64(next)
      chunk = next
      count &+= UInt32(Cursor.rowsPerChunk)
    }
    guard missing.isEmpty, 1...Cursor.rowsPerChunk ~= tail.row, tail.count == count &+ UInt32(tail.row) else {
      throw .damagedWindows("the end of a key is not where its rows end")
    }
    words[WindowLayout.tailWord] = tail.moved(to: chunk).bits
    try checkOrder(words)
  }

  /// Finds again what is not saved, of all restored keys.
  mutating func findAgain(_ saved: Restoration, _ textUnits: inout RestoredUnits) throws(StageFailure) {
    for page in openSlots.indices {
      var from = page << UnitPages.shift
      while from >> UnitPages.shift == page, let slot = openSlot(from: from) {
        from = slot + 1
        let words = slots.restoredWords(of: slot)
        if layout.sets.count > 0 { try findValues(slot, words, saved, &textUnits) }
        findAgain(words)
      }
    }
  }

  /// Checks that no edge is before one that is older.
  private func checkOrder(_ words: MutableUnitWords) throws(StageFailure) {
    let oldest = Cursor(words[layout.oldestWord])
    /// Rows from the oldest edge to another.
    func place(_ edge: Int) -> UInt32 { Cursor(words[layout.shape.record(edge)]).count &- oldest.count }
    var last = place(0)
    for edge in layout.edges.indices {
      let isInOrder: Bool
      switch layout.edges[edge].kind {
      case .age:
        isInOrder = place(edge) <= last
        last = place(edge)
      case .lag: isInOrder = place(edge) == place(0) &- 1
      case .rows(let rows, let behind):
        isInOrder = place(edge) <= place(behind) && place(behind) &- place(edge) <= rows
      }
      guard isInOrder else { throw .damagedWindows("the edges of a key are not in their order") }
    }
  }

  /// Does again what edges do with rows, as far as it is not saved.
  private mutating func findAgain(_ words: MutableUnitWords) {
    let layout = layout
    for result in layout.results where result.kind == .extreme { words[result.word] = Cursor.none }
    for action in layout.actions where action.isDerived {
      for (place, value) in action.initials.enumerated() { words[action.word + place] = value }
    }
    for (edge, place) in layout.edges.enumerated() {
      let actions = layout.actions[place.actions].filter(\.isDerived)
      guard !actions.isEmpty else { continue }
      var cursor = Cursor(words[layout.oldestWord])
      let end = Cursor(words[layout.shape.record(edge)])
      while cursor.count != end.count {
        for action in actions { act(action, at: cursor, words, layout) }
        cursor.advance()
        guard cursor.isAtEndOfChunk, cursor.count != end.count else { continue }
        cursor.enter(Int(chunks.words(of: cursor.chunk)[layout.shape.linkWord]))
      }
    }
  }
}
