internal import Dataflow
internal import Records

/// For every key the rows that are not yet past the oldest edge, and for every edge a cursor and the sums of what passed it.
///
/// Each row passes each edge once, when a later row of its key shows that it has reached it; so the work for a
/// row and an edge is O(1) amortised, however long the windows. A key's rows are a chain of chunks that grows at its tail
/// and is given back at its head: nothing is copied, and a key holds its windows' rows and two partial chunks.
struct KeyedRows: ~Copyable {
  let layout: WindowLayout
  var slots: UnitPages
  var chunks: UnitPages
  /// Of keys, and of rows' values.
  var texts = KeyTexts()
  var values: ValueUnits
  /// For each page of slots a bit for each that is open.
  private(set) var openSlots: [UInt32] = []

  init(_ layout: WindowLayout) {
    self.layout = layout
    slots = UnitPages(stride: layout.slotWords, linkWord: WindowLayout.hashWord)
    chunks = UnitPages(stride: layout.shape.chunkWords, linkWord: layout.shape.linkWord)
    values = ValueUnits(stride: layout.valueWords)
  }

  /// A slot for a new key, whose first row, of time `time`, is to be appended before anything else is asked of it.
  mutating func open(_ hash: UInt64, at time: Int64) throws(StageFailure) -> Int {
    let group = KeyGroups.group(ofHash: hash)
    let start = Cursor(startingIn: try allocateChunk(in: group)).bits
    let slot = slots.allocate(in: group)
    markOpen(slot)
    let words = slots.mutableWords(of: slot)
    for edge in layout.edges.indices {
      words[layout.shape.record(edge)] = start
      words[layout.shape.record(edge) + layout.shape.time] = time
    }
    words[WindowLayout.hashWord] = Int64(bitPattern: hash)
    for (word, value) in layout.initials { words[word] = value }
    return slot
  }

  /// Gives back a slot and all its rows.
  mutating func close(_ slot: Int) {
    let words = slots.mutableWords(of: slot)
    for set in layout.sets { removeValues(of: set, words) }
    chunks.free(from: Cursor(words[layout.oldestWord]).chunk, through: Cursor(words[WindowLayout.tailWord]).chunk)
    words[WindowLayout.tailWord] = 0
    slots.free(from: slot, through: slot)
    openSlots[slot >> UnitPages.shift] &= ~(1 << UInt32(slot & (UnitPages.unitsPerPage - 1)))
  }

  /// Notes that a slot is open.
  mutating func markOpen(_ slot: Int) {
    while openSlots.count < slots.pageCount { openSlots.append(0) }
    openSlots[slot >> UnitPages.shift] |= 1 << UInt32(slot & (UnitPages.unitsPerPage - 1))
  }

  /// The first open slot from `slot` on in its page.
  @inline(__always)
  func openSlot(from slot: Int) -> Int? {
    let rest = openSlots[slot >> UnitPages.shift] >> UInt32(slot & (UnitPages.unitsPerPage - 1))
    return rest == 0 ? nil : slot + rest.trailingZeroBitCount
  }

  /// The first open slot from `slot` on.
  func nextOpenSlot(from slot: Int) -> Int? {
    var from = slot
    while from >> UnitPages.shift < openSlots.count {
      if let open = openSlot(from: from) { return open }
      from = (from >> UnitPages.shift + 1) << UnitPages.shift
    }
    return nil
  }

  /// The times of the oldest row that a key has and of the newest.
  func times(_ words: UnitWords) -> (oldest: Int64, newest: Int64) {
    let tail = Cursor(words[WindowLayout.tailWord])
    let newest = chunks.words(of: tail.chunk)[layout.shape.row(tail.row &- 1)]
    return (words[layout.oldestWord &+ layout.shape.time], newest)
  }

  /// Lets pass what has reached the edges at `now`, which is not all.
  mutating func expire(_ words: MutableUnitWords, at now: Int64) {
    let layout = layout
    for edge in 1..<layout.edges.count {
      if layout.isPlain {
        let isLast = edge == layout.edges.count - 1
        pass(layout.ages[edge], at: now, words, layout.shape.record(edge), layout.shape, frees: isLast)
      } else {
        pass(edge, at: now, words, layout)
      }
    }
  }

  /// Whether a key's newest row has left its windows by `now`.
  @inline(__always)
  func isForgotten(_ slot: Int, at now: Int64) -> Bool {
    let words = slots.words(of: slot)
    // The row at the youngest edge is not newer than the newest, and mostly tells enough without a look at a chunk.
    let edgeTime = words[layout.shape.record(1) &+ layout.shape.time]
    guard UInt64(bitPattern: now &- edgeTime) >= layout.keyAge else { return false }
    let tail = Cursor(words[WindowLayout.tailWord])
    let newestTime = chunks.words(of: tail.chunk)[layout.shape.row(tail.row &- 1)]
    return UInt64(bitPattern: now &- newestTime) >= layout.keyAge
  }

  /// Appends the row in words `start`... of `rows` to the key with the slot `words`, and lets pass what has reached the edges,
  /// whose ages are `ages`, at its time.
  @inline(__always)
  mutating func append<Shape: RowShape>(
    _ rows: Span<Int64>,
    at start: Int,
    to words: MutableUnitWords,
    _ ages: Span<UInt64>,
    _ shape: Shape
  ) throws(StageFailure) {
    try add(rows, at: start, to: words, shape)
    let now = rows[start]
    var edge = 1
    while edge < ages.count {
      pass(ages[edge], at: now, words, shape.record(edge), shape, frees: edge == ages.count &- 1)
      edge &+= 1
    }
  }

  /// Adds a row at the tail, which it passes at once, and gives its place.
  @discardableResult
  @inline(__always)
  mutating func add<Shape: RowShape>(
    _ rows: Span<Int64>,
    at start: Int,
    to words: MutableUnitWords,
    _ shape: Shape
  ) throws(StageFailure) -> Cursor {
    var tail = Cursor(words[WindowLayout.tailWord])
    if tail.isAtEndOfChunk {
      // A chunk is of its key's group, as all that it links to is.
      let chunk = try allocateChunk(in: chunks.group(of: tail.chunk))
      chunks.mutableWords(of: tail.chunk, stride: shape.chunkWords)[shape.linkWord] = Int64(chunk)
      tail.enter(chunk)
    }
    let chunk = chunks.mutableWords(of: tail.chunk, stride: shape.chunkWords)
    let first = shape.row(tail.row)
    for word in 0..<shape.rowWords { chunk[first &+ word] = rows[start &+ word] }
    Self.add(chunk.words, first, to: words, WindowLayout.tailWord, shape)
    let place = tail
    tail.advance()
    words[WindowLayout.tailWord] = tail.bits
    return place
  }

  /// Moves an edge's cursor past all rows that have its age at `now`; the oldest edge frees the chunks that it leaves.
  ///
  /// The row appended last is younger than any edge but the tail, so there is always a row at the cursor. Its time stands in
  /// the record too, so that no row is read where none passes.
  @inline(__always)
  private mutating func pass<Shape: RowShape>(
    _ age: UInt64,
    at now: Int64,
    _ words: MutableUnitWords,
    _ record: Int,
    _ shape: Shape,
    frees: Bool
  ) {
    var time = words[record &+ shape.time]
    // Later rows have greater times, so the difference is an age, exact as an unsigned number.
    guard UInt64(bitPattern: now &- time) >= age else { return }
    var cursor = Cursor(words[record])
    var chunk = chunks.words(of: cursor.chunk, stride: shape.chunkWords)
    var row = shape.row(cursor.row)
    repeat {
      Self.add(chunk, row, to: words, record, shape)
      cursor.advance()
      row &+= shape.rowWords
      if cursor.isAtEndOfChunk {
        let passed = cursor.chunk
        cursor.enter(Int(truncatingIfNeeded: chunk[shape.linkWord]))
        // Every other cursor of the key is at least as far as the oldest edge's.
        if frees { chunks.free(from: passed, through: passed) }
        chunk = chunks.words(of: cursor.chunk, stride: shape.chunkWords)
        row = shape.row(0)
      }
      time = chunk[row]
    } while UInt64(bitPattern: now &- time) >= age
    words[record] = cursor.bits
    words[record &+ shape.time] = time
  }

  /// Adds the values of a row to the sums of a record.
  @inline(__always)
  static func add<Shape: RowShape>(
    _ chunk: UnitWords,
    _ row: Int,
    to words: MutableUnitWords,
    _ record: Int,
    _ shape: Shape
  ) {
    var value = 0
    while value < shape.summed {
      let sum = record &+ shape.sum(value)
      // A null is staged as 0, so only the count of values tells it from one.
      let total = Int128(low: words[sum], high: words[sum &+ 1]) &+ Int128(chunk[row &+ 1 &+ value])
      words[sum] = total.lowWord
      words[sum &+ 1] = total.highWord
      if shape.hasFlags { words[sum &+ 2] &+= chunk[row &+ shape.flagsWord] &>> Int64(value) & 1 }
      value &+= 1
    }
  }

  private mutating func allocateChunk(in group: Int) throws(StageFailure) -> Int {
    let chunk = chunks.allocate(in: group)
    guard chunk < Cursor.mostChunks else {
      throw StageFailure("the windows hold more than \(Cursor.mostChunks) chunks of rows; use more workers")
    }
    return chunk
  }
}

extension Int128 {
  @inline(__always)
  init(low: Int64, high: Int64) {
    self = Int128(high) &<< 64 | Int128(UInt64(bitPattern: low))
  }

  @inline(__always) var lowWord: Int64 { Int64(truncatingIfNeeded: self) }
  @inline(__always) var highWord: Int64 { Int64(truncatingIfNeeded: self &>> 64) }
}
