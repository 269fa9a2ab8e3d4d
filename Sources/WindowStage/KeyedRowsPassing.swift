internal import Dataflow
internal import Records

extension KeyedRows {
  /// Appends row number `row` of those that are staged, whose slot is found, to its key.
  mutating func append(_ row: Int, of staged: StagedRows) throws(StageFailure) {
    let layout = layout
    let slot = staged.slots[row]
    let words = slots.mutableWords(of: slot)
    let start = row * layout.shape.rowWords
    if layout.isPlain {
      try append(staged.words.span, at: start, to: words, layout.ages.span, layout.shape)
    } else {
      try append(staged.words.span, at: start, staged.columns, to: words, slot, layout)
    }
  }

  /// As `append`, for edges of all kinds and their actions.
  mutating func append(
    _ rows: Span<Int64>,
    at start: Int,
    _ columns: [ColumnView],
    to words: MutableUnitWords,
    _ slot: Int,
    _ layout: borrowing WindowLayout
  ) throws(StageFailure) {
    let shape = layout.shape
    let place = try add(rows, at: start, to: words, shape)
    if layout.sets.count > 0 { enterSets(at: place, columns, words, slot, layout) }
    if layout.edges[0].actions.count > 0 { act(layout.edges[0], at: place, words, layout) }
    if layout.sequences.count > 0 { advanceSequences(rows, at: start, words, layout) }
    let now = rows[start]
    var edge = 1
    while edge < layout.edges.count {
      pass(edge, at: now, words, layout)
      edge &+= 1
    }
  }

  /// Moves an edge's cursor past all rows that have reached it at `now`; the oldest edge frees the chunks that it leaves.
  ///
  /// There is always a row at the cursor: that appended last has reached no edge but the tail.
  mutating func pass(_ edge: Int, at now: Int64, _ words: MutableUnitWords, _ layout: borrowing WindowLayout) {
    let shape = layout.shape
    let frees = edge == layout.edges.count &- 1
    let record = shape.record(edge)
    let kind = layout.edges[edge].kind
    let acts = layout.edges[edge].actions.count > 0
    var cursor = Cursor(words[record])
    var time = words[record &+ shape.time]
    while hasReached(kind, cursor, time, at: now, words, layout) {
      if acts { act(layout.edges[edge], at: cursor, words, layout) }
      if frees, layout.sets.count > 0 { leaveSets(at: cursor, words, layout) }
      let chunk = chunks.words(of: cursor.chunk, stride: shape.chunkWords)
      Self.add(chunk, shape.row(cursor.row), to: words, record, shape)
      cursor.advance()
      if cursor.isAtEndOfChunk {
        let passed = cursor.chunk
        cursor.enter(Int(truncatingIfNeeded: chunk[shape.linkWord]))
        // Every other cursor of the key is at least as far as the oldest edge's.
        if frees { chunks.free(from: passed, through: passed) }
      }
      time = chunks.words(of: cursor.chunk, stride: shape.chunkWords)[shape.row(cursor.row)]
      words[record] = cursor.bits
      words[record &+ shape.time] = time
    }
  }

  @inline(__always)
  private func hasReached(
    _ kind: WindowEdge.Kind,
    _ cursor: Cursor,
    _ time: Int64,
    at now: Int64,
    _ words: MutableUnitWords,
    _ layout: borrowing WindowLayout
  ) -> Bool {
    switch kind {
    case .age(let age): return UInt64(bitPattern: now &- time) >= age
    case .lag: return Cursor(words[WindowLayout.tailWord]).count &- cursor.count > 1
    case .rows(let rows, let behind):
      let between = Cursor(words[layout.shape.record(behind)]).count &- cursor.count
      return between > rows || between > 0 && UInt64(bitPattern: now &- time) >= layout.oldestAge
    }
  }

  // MARK: Actions

  /// Does what an edge does with the row at `place`, which is about to pass it.
  private mutating func act(
    _ edge: WindowEdge,
    at place: Cursor,
    _ words: MutableUnitWords,
    _ layout: borrowing WindowLayout
  ) {
    for index in edge.actions { act(layout.actions[index], at: place, words, layout) }
  }

  mutating func act(
    _ action: EdgeAction,
    at place: Cursor,
    _ words: MutableUnitWords,
    _ layout: borrowing WindowLayout
  ) {
    let shape = layout.shape
    switch action.kind {
    case .last: words[action.word] = place.bits
    case .least, .greatest: chain(place, action, words, layout)
    case .enter: count(1, action, at: place, words, layout)
    case .leave: count(-1, action, at: place, words, layout)
    case .squares:
      let chunk = chunks.words(of: place.chunk, stride: shape.chunkWords)
      var sum = UInt192(words.words, at: action.word)
      // A null is staged as 0.
      sum.add(chunk[shape.row(place.row) &+ 1 &+ action.value].magnitude)
      sum.store(in: words, at: action.word)
    case .decay:
      let chunk = chunks.words(of: place.chunk, stride: shape.chunkWords)
      let row = shape.row(place.row)
      guard action.value < 0 || isThere(action.value, chunk, row, shape) else { return }
      let value = action.value < 0 ? 1 : number(chunk[row &+ 1 &+ action.value], action.isFloat, action.unit)
      var sum = DecayedSum(words.words, at: action.word)
      sum.add(value, at: chunk[row], halfLife: action.halfLife)
      sum.store(in: words, at: action.word)
    }
  }

  /// Whether a row of a chunk has a value.
  @inline(__always)
  func isThere(_ value: Int, _ chunk: UnitWords, _ row: Int, _ shape: AnyShape) -> Bool {
    !shape.hasFlags || chunk[row &+ shape.flagsWord] &>> Int64(value) & 1 != 0
  }

  /// A value as a double.
  @inline(__always)
  func number(_ bits: Int64, _ isFloat: Bool, _ unit: Int64) -> Double {
    isFloat ? Double(bitPattern: UInt64(bitPattern: bits)) : Double(bits) / Double(unit)
  }

  // MARK: Sequences

  private func advanceSequences(
    _ rows: Span<Int64>,
    at start: Int,
    _ words: MutableUnitWords,
    _ layout: borrowing WindowLayout
  ) {
    let shape = layout.shape
    let now = rows[start]
    for sequence in layout.sequences {
      let last = sequence.steps.count &- 1
      var step = last
      while step >= 0 {
        let value = layout.steps[sequence.steps.lowerBound &+ step]
        let holds =
          rows[start &+ 1 &+ value] != 0
          && (!shape.hasFlags || rows[start &+ shape.flagsWord] &>> Int64(value) & 1 != 0)
        let begun = step == 0 ? now : words[sequence.word &+ step &- 1]
        let goesOn = holds && (step == 0 || begun != SequenceSteps.notBegun)
        if step == last {
          words[sequence.word &+ last] = goesOn && UInt64(bitPattern: now &- begun) < sequence.width ? 1 : 0
        } else if goesOn {
          words[sequence.word &+ step] = begun
        }
        step &-= 1
      }
    }
  }
}
