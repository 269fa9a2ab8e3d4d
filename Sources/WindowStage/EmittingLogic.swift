package import Dataflow
package import Records

/// A window stage that leaves one row for each window of a key, when the window closes.
///
/// A window closes when every row before its end has come, wherever those came from; so what is left depends on nothing but the
/// rows and their order. The rows of one end come by key group, then by the hash of the key, for any number of workers.
package struct EmittingLogic: ~Copyable, StageLogic {
  private var windows: WindowLogic
  private let emission: WindowEmission
  private var due = DueKeys()
  /// Keys whose windows end now: those of one hash, ordered by the keys, the next of them last.
  private var ready: [DueKeys.Entry] = []
  /// Rows that are staged, those from `next` on not yet in their windows.
  private var batch: RecordBatch?
  private var next = 0
  /// The key, the window's ends and its results.
  private var results: ColumnScratch
  private var positions = ColumnScratch([Field("time", .int64), Field("tag", .int64)], capacity: Self.batchRows)
  private var count = 0
  /// Bytes of a text key, used again.
  private var text: [UInt8] = []
  /// Of the row left last: what its position was made of.
  private var last: (end: Int64, group: Int, rank: Int)?

  /// Rows left in one step.
  private static let batchRows = 1024

  /// - Parameter plan: with an emission.
  package init(_ plan: WindowPlan, _ emission: WindowEmission) {
    windows = WindowLogic(plan)
    self.emission = emission
    results = ColumnScratch(plan.outputSchema.fields, capacity: Self.batchRows)
  }

  /// Keys with an open window.
  package var keyCount: Int { windows.keyCount }

  /// Memory of the state.
  package var memoryBytes: Int { windows.memoryBytes + due.memoryBytes }

  /// Stages the rows; `advance` puts them in their windows.
  package mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
    try windows.stage(batch)
    effects.counters.gathered += Int64(batch.rowCount)
    self.batch = batch
    next = 0
  }

  package mutating func advance(
    to progress: Position,
    into effects: inout StageEffects
  ) throws(StageFailure) -> Position {
    count = 0
    results.reset(rows: Self.batchRows)
    while let batch {
      guard next < batch.rowCount else {
        self.batch = nil
        break
      }
      guard close(before: batch.positions[next].predecessor) else { return leave(&effects) }
      try takeIn(batch)
    }
    guard close(before: progress) else { return leave(&effects) }
    if count > 0 { _ = leave(&effects) }
    return progress
  }

  package mutating func finish(into effects: inout StageEffects) throws(StageFailure) {
    try windows.finish(into: &effects)
  }

  // MARK: Rows in

  /// Puts the next rows in their windows, as many as come before any of these can end.
  private mutating func takeIn(_ batch: RecordBatch) throws(StageFailure) {
    let positions = batch.positions
    let first = next
    let end = min(due.first?.end ?? .max, emission.extent.firstEnd(after: positions.time(first)))
    repeat { next += 1 } while next < batch.rowCount && positions.time(next) < end
    let keys = batch.column(windows.plan.key)
    try windows.findSlots(keys, first..<next)
    for row in first..<next {
      let slot = windows.staged.slots[row]
      try windows.append(row)
      note(slot, keys, row)
    }
  }

  /// Notes when the window ends that a row has come to.
  private mutating func note(_ slot: Int, _ keys: ColumnView, _ row: Int) {
    let layout = windows.rows.layout
    let words = windows.rows.slots.mutableWords(of: slot)
    let isNew = words[layout.endWord] == WindowLayout.noEnd
    let times = windows.rows.times(words.words)
    let end = isNew ? emission.extent.firstEnd(after: times.newest) : words[layout.endWord]
    words[layout.endWord] = emission.extent.end(oldest: times.oldest, newest: times.newest, after: end)
    guard isNew else { return }
    if keys.type != .string { words[layout.textWord] = keys.int64(row) }
    let hash = UInt64(bitPattern: words[WindowLayout.hashWord])
    due.insert(DueKeys.Entry(end: words[layout.endWord], hash: hash, slot: slot))
  }

  // MARK: Rows out

  /// Leaves the rows of all windows whose last position is not behind `bound`.
  ///
  /// - Returns: false where the batch is full before that.
  private mutating func close(before bound: Position) -> Bool {
    while let entry = nextDue(before: bound) {
      guard count < Self.batchRows else {
        ready.append(entry)
        return false
      }
      emit(entry)
    }
    return true
  }

  /// The next key whose window ends by then.
  private mutating func nextDue(before bound: Position) -> DueKeys.Entry? {
    guard ready.isEmpty else { return ready.removeLast() }
    let endWord = windows.rows.layout.endWord
    while let first = due.first, emission.lastPosition(ofEnd: first.end) <= bound,
      ready.isEmpty || first.isTied(with: ready[0])
    {
      let entry = due.removeFirst()
      let words = windows.rows.slots.words(of: entry.slot)
      if words[endWord] > entry.end {
        let hash = UInt64(bitPattern: words[WindowLayout.hashWord])
        due.insert(DueKeys.Entry(end: words[endWord], hash: hash, slot: entry.slot))
      } else {
        ready.append(entry)
      }
    }
    if ready.count > 1 { sortReady() }
    return ready.popLast()
  }

  /// Only texts can share a hash.
  private mutating func sortReady() {
    let textWord = windows.rows.layout.textWord
    ready.sort { one, other in
      let left = windows.rows.slots.words(of: one.slot)[textWord]
      let right = windows.rows.slots.words(of: other.slot)[textWord]
      return windows.rows.texts.isLess(Int(right), Int(left))
    }
  }

  /// Stores the row of a window that closes, and forgets what no later window holds.
  private mutating func emit(_ entry: DueKeys.Entry) {
    let layout = windows.rows.layout
    let words = windows.rows.slots.mutableWords(of: entry.slot)
    let end = words[layout.endWord]
    let times = windows.rows.times(words.words)
    let rank = if let last, last.end == end, last.group == entry.group { last.rank + 1 } else { 0 }
    last = (end, entry.group, rank)
    let position = emission.position(end: end, group: entry.group, rank: rank)
    positions.store(position.time, column: 0, row: count)
    positions.store(Int64(bitPattern: position.tag), column: 1, row: count)
    if results.fields[0].type == .string {
      Self.storeText(&text, Int(words[layout.textWord]), windows.rows.texts, row: count, into: &results)
    } else {
      results.store(words[layout.textWord], column: 0, row: count)
    }
    results.store(emission.extent.start(end: end, oldest: times.oldest), column: 1, row: count)
    results.store(end, column: 2, row: count)
    for column in layout.results.indices {
      windows.rows.store(
        layout.results[column],
        words,
        at: end - 1,
        layout.shape,
        column: column + 3,
        row: count,
        into: &results
      )
    }
    count += 1
    if let next = emission.extent.nextEnd(after: end, newest: times.newest) {
      words[layout.endWord] = next
      windows.rows.expire(words, at: next - 1)
      let hash = UInt64(bitPattern: words[WindowLayout.hashWord])
      due.insert(DueKeys.Entry(end: next, hash: hash, slot: entry.slot))
    } else {
      windows.forget(entry.slot)
    }
  }

  private static func storeText(
    _ text: inout [UInt8],
    _ unit: Int,
    _ texts: borrowing KeyTexts,
    row: Int,
    into results: inout ColumnScratch
  ) {
    texts.read(unit, into: &text)
    results.store(text.span, column: 0, row: row)
  }

  /// - Returns: the position of the last row that was left.
  private mutating func leave(_ effects: inout StageEffects) -> Position {
    let positions = positions.positions(rows: count)
    effects.counters.emitted += Int64(count)
    effects.rows.append(
      LooseRows(
        windows.plan.outputSchema,
        positions: positions,
        arrivals: nil,
        columns: results.fields.indices.map { results.view($0, rows: count) },
        rows: .range(0..<count)
      )
    )
    return positions[count - 1]
  }

  // MARK: State

  package mutating func snapshot(isFull: Bool) -> (any StateSnapshot)? { windows.snapshot(isFull: isFull) }

  package mutating func restore(
    _ block: StateBlock,
    from origin: Int,
    _ bytes: Span<UInt8>
  ) throws(StageFailure) { try windows.restore(block, from: origin, bytes) }

  package mutating func endRestore() throws(StageFailure) {
    try windows.endRestore()
    let layout = windows.rows.layout
    let isText = results.fields[0].type == .string
    var from = 0
    while let slot = windows.rows.nextOpenSlot(from: from) {
      from = slot + 1
      let words = windows.rows.slots.words(of: slot)
      let times = windows.rows.times(words)
      let hash = UInt64(bitPattern: words[WindowLayout.hashWord])
      let end = words[layout.endWord]
      guard emission.extent.isPossible(end: end, oldest: times.oldest, newest: times.newest),
        isText || StableHash.of(words[layout.textWord]) == hash
      else { throw .damagedWindows("a key's window ends where none can") }
      due.insert(DueKeys.Entry(end: end, hash: hash, slot: slot))
    }
  }
}
