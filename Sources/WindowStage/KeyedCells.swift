internal import Records

/// For every key the cells of time in which it had rows, back to the oldest edge, and for every edge what passed it.
///
/// Edges lie where cells begin, so a cell passes an edge as a whole: once, when the first row of its key comes after
/// the time has passed. All other rows are added to the newest cell and to the amount of all rows, whatever windows
/// there are.
struct KeyedCells: ~Copyable {
  let layout: CellLayout
  var slots: UnitPages
  var cells: UnitPages
  var texts = KeyTexts()
  var values: CellValues
  var open = OpenUnits()
  private(set) var moment = CellMoment()

  init(_ layout: CellLayout) {
    self.layout = layout
    slots = UnitPages(stride: layout.slotWords, linkWord: CellLayout.hashWord)
    cells = UnitPages(stride: layout.cellWords, linkWord: CellLayout.linkWord)
    values = CellValues()
  }

  var memoryBytes: Int { slots.memoryBytes + cells.memoryBytes + texts.memoryBytes + values.memoryBytes }

  /// It is `time` now, for all keys.
  @inline(__always)
  mutating func come(to time: Int64) {
    if time >= moment.end { moment.come(to: time, layout) }
  }

  // MARK: Keys

  /// A slot for a new key, whose first row, of time `time`, is to come before anything else is asked of it.
  mutating func openKey(_ hash: UInt64, at time: Int64) -> Int {
    let group = KeyGroups.group(ofHash: hash)
    let slot = slots.allocate(in: group)
    open.open(slot, pageCount: slots.pageCount)
    let words = slots.mutableWords(of: slot)
    words[CellLayout.hashWord] = Int64(bitPattern: hash)
    let cell = allocateCell(layout.number(time), in: group)
    words[CellLayout.tailWord] = Int64(cell) + 1
    for edge in layout.ages.indices.dropFirst() { words[layout.cursor(edge)] = Int64(cell) }
    for set in layout.sets { set.begin(words) }
    beginDerived(words)
    return slot
  }

  /// What no cell has been counted in yet.
  func beginDerived(_ words: MutableUnitWords) {
    for extreme in layout.extremes {
      words[extreme.word] = BestValue.none
      words[extreme.word + 1] = 0
    }
  }

  /// Gives back a slot and all that it links to.
  mutating func close(_ slot: Int) {
    let words = slots.mutableWords(of: slot)
    for set in layout.sets { values.removeAll(of: set, words) }
    cells.free(from: Int(words[layout.oldestWord]), through: Int(words[CellLayout.tailWord]) - 1)
    words[CellLayout.tailWord] = 0
    slots.free(from: slot, through: slot)
    open.close(slot)
  }

  /// Whether every cell of a key has left its windows.
  @inline(__always)
  func isForgotten(_ slot: Int) -> Bool {
    let tail = Int(slots.words(of: slot)[CellLayout.tailWord]) &- 1
    return cells.words(of: tail)[CellLayout.numberWord] < moment.borders[layout.ages.count &- 1]
  }

  // MARK: Time

  /// Lets pass what has reached the edges, and makes the cell of now the key's newest.
  @inline(__always)
  mutating func come(_ words: MutableUnitWords) {
    if words[CellLayout.momentWord] != moment.number { passEdges(of: words) }
  }

  @inline(never)
  private mutating func passEdges(of words: MutableUnitWords) {
    words[CellLayout.momentWord] = moment.number
    let tail = Int(words[CellLayout.tailWord]) - 1
    if cells.words(of: tail)[CellLayout.numberWord] < moment.borders[0] {
      let cell = allocateCell(moment.borders[0], in: cells.group(of: tail))
      cells.mutableWords(of: tail)[CellLayout.linkWord] = Int64(cell)
      words[CellLayout.tailWord] = Int64(cell) + 1
    }
    // A cell enters a window before it leaves it.
    for edge in layout.ages.indices.dropFirst() { pass(edge, words) }
    for number in layout.sets.indices { values.pass(layout.sets[number], words, moment.borders) }
  }

  /// The newest cell is not before any edge, so there is always one at the edge.
  private mutating func pass(_ edge: Int, _ words: MutableUnitWords) {
    let border = moment.borders[edge]
    let record = layout.amount(edge)
    let frees = edge == layout.ages.count - 1
    var cell = Int(words[layout.cursor(edge)])
    var passed = cells.words(of: cell)
    while passed[CellLayout.numberWord] < border {
      add(passed, to: words, record)
      for index in layout.extremes.indices {
        let extreme = layout.extremes[index]
        let value = passed[extreme.cellWord]
        if extreme.older == edge, value == words[extreme.word] { words[extreme.word + 1] = 1 }
        if extreme.newer == edge { words[extreme.word] = min(words[extreme.word], value) }
      }
      let next = Int(passed[CellLayout.linkWord])
      if frees { cells.free(from: cell, through: cell) }
      cell = next
      passed = cells.words(of: cell)
    }
    words[layout.cursor(edge)] = Int64(cell)
  }

  /// Adds the amount of a cell to that of an edge.
  func add(_ cell: UnitWords, to words: MutableUnitWords, _ record: Int) {
    words[record] &+= cell[CellLayout.firstWord]
    for index in layout.parts.indices {
      let part = layout.parts[index]
      let (from, to) = (CellLayout.firstWord &+ part.word, record &+ part.word)
      switch part.kind {
      case .count: words[to] &+= cell[from]
      case .sum:
        let sum =
          Int128(low: words[to], high: words[to &+ 1]) &+ Int128(low: cell[from], high: cell[from &+ 1])
        words[to] = sum.lowWord
        words[to &+ 1] = sum.highWord
      case .squares: (UInt192(words.words, at: to) + UInt192(cell, at: from)).store(in: words, at: to)
      }
    }
  }

  private mutating func allocateCell(_ number: Int64, in group: Int) -> Int {
    let cell = cells.allocate(in: group)
    let words = cells.mutableWords(of: cell)
    words[CellLayout.numberWord] = number
    for best in layout.bests.indices { words[layout.word(best)] = BestValue.none }
    return cell
  }

  // MARK: Rows

  /// Adds the row in words `start`... of `rows` to the newest cell of its key, which has come to the row's time.
  @inline(__always)
  mutating func append(
    _ rows: Span<Int64>,
    at start: Int,
    _ words: MutableUnitWords,
    _ layout: borrowing CellLayout,
    _ shape: AnyShape
  ) {
    let cell = cells.mutableWords(of: Int(words[CellLayout.tailWord]) &- 1)
    let flags = rows[start &+ shape.flagsWord]
    words[CellLayout.amountWord] &+= 1
    cell[CellLayout.firstWord] &+= 1
    for index in layout.parts.indices {
      let part = layout.parts[index]
      guard flags &>> Int64(part.value) & 1 != 0 else { continue }
      let value = rows[start &+ 1 &+ part.value]
      part.add(value, to: words, at: CellLayout.amountWord &+ part.word)
      part.add(value, to: cell, at: CellLayout.firstWord &+ part.word)
    }
    for index in layout.bests.indices {
      let best = layout.bests[index]
      guard flags &>> Int64(best.value) & 1 != 0 else { continue }
      let order = best.order(rows[start &+ 1 &+ best.value])
      if order < cell[layout.word(index)] { cell[layout.word(index)] = order }
    }
    for index in layout.extremes.indices {
      let extreme = layout.extremes[index]
      guard extreme.newer == 0, flags &>> Int64(extreme.best.value) & 1 != 0 else { continue }
      let order = extreme.best.order(rows[start &+ 1 &+ extreme.best.value])
      if order < words[extreme.word] { words[extreme.word] = order }
    }
  }

  // MARK: Windows

  /// The best value of a window that has one, as `BestValue` orders them.
  mutating func best(_ extreme: CellLayout.Extreme, _ words: MutableUnitWords) -> Int64 {
    guard words[extreme.word + 1] != 0 else { return words[extreme.word] }
    let word = extreme.cellWord
    var cell = Int(words[layout.cursor(extreme.older)])
    let end = extreme.newer == 0 ? Int(words[CellLayout.tailWord]) - 1 : Int(words[layout.cursor(extreme.newer)])
    var best = BestValue.none
    while cell != end {
      let passed = cells.words(of: cell)
      best = min(best, passed[word])
      cell = Int(passed[CellLayout.linkWord])
    }
    if extreme.newer == 0 { best = min(best, cells.words(of: end)[word]) }
    words[extreme.word] = best
    words[extreme.word + 1] = 0
    return best
  }

  /// How many different values a window holds.
  func different(_ result: CellResult, _ words: MutableUnitWords) -> Int64 {
    let set = layout.sets[result.place]
    return values.different(set, result.window, words, border: moment.borders[set.firstBorder + result.window])
  }
}

extension CellLayout.Part {
  @inline(__always)
  fileprivate func add(_ value: Int64, to words: MutableUnitWords, at word: Int) {
    switch kind {
    case .count: words[word] &+= 1
    case .sum:
      let sum = Int128(low: words[word], high: words[word &+ 1]) &+ Int128(value)
      words[word] = sum.lowWord
      words[word &+ 1] = sum.highWord
    case .squares:
      var squares = UInt192(words.words, at: word)
      squares.add(value.magnitude)
      squares.store(in: words, at: word)
    }
  }
}

/// What the edges of all keys are at now: the numbers of the first cells that have not passed them. It is the same for
/// a while.
struct CellMoment {
  /// From 1; 0 before any time.
  private(set) var number: Int64 = 0
  /// By edge; the first is the cell of now. Then those of the windows of sets.
  private(set) var borders: [Int64] = []
  /// The time at which they are others.
  private(set) var end = Int64.min

  mutating func come(to time: Int64, _ layout: CellLayout) {
    number += 1
    end = .max
    borders.removeAll(keepingCapacity: true)
    for age in layout.ages {
      // No row is before the first time there is.
      let (edge, isBefore) = time.subtractingReportingOverflow(age)
      let border = layout.number(isBefore ? .min : edge)
      borders.append(border)
      let (next, isNever) = (border + 1).multipliedReportingOverflow(by: layout.resolution)
      let (change, isLater) = next.addingReportingOverflow(age)
      if !isNever, !isLater { end = min(end, change) }
    }
    for edge in layout.windowEdges { borders.append(borders[edge]) }
  }
}
