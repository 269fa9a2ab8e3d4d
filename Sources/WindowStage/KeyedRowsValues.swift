internal import Dataflow
internal import Records

/// Sets of values: which row has which, and what windows count of them.
extension KeyedRows {
  /// Finds or makes the units of a new row's values, and puts its texts, which are in `columns`, where they are kept.
  mutating func enterSets(
    at place: Cursor,
    _ columns: [ColumnView],
    _ words: MutableUnitWords,
    _ slot: Int,
    _ layout: borrowing WindowLayout
  ) {
    let shape = layout.shape
    let group = chunks.group(of: place.chunk)
    let chunk = chunks.mutableWords(of: place.chunk, stride: shape.chunkWords)
    let row = shape.row(place.row)
    for set in layout.sets.indices {
      let kind = layout.sets[set]
      chunk[row &+ kind.link] = ValueSet.none
      guard isThere(kind.value, chunk.words, row, shape) else { continue }
      let word = row &+ 1 &+ kind.value
      let unit: Int
      if kind.isText {
        let column = columns[kind.value]
        unit = textUnit(column.utf8(Int(chunk[word])), words, slot, set, kind, group)
        chunk[word] = values.units.words(of: unit)[ValueSet.value]
      } else {
        guard let value = kind.kept(chunk[word]) else { continue }
        unit = self.unit(of: value, words, slot, set, kind, group)
      }
      values.units.mutableWords(of: unit)[ValueSet.rows] &+= 1
      chunk[row &+ kind.link] = Int64(unit)
    }
  }

  /// The row at `place` is given back.
  mutating func leaveSets(at place: Cursor, _ words: MutableUnitWords, _ layout: borrowing WindowLayout) {
    let chunk = chunks.words(of: place.chunk, stride: layout.shape.chunkWords)
    for set in layout.sets.indices {
      let kind = layout.sets[set]
      let unit = chunk[layout.shape.row(place.row) &+ kind.link]
      guard unit != ValueSet.none else { continue }
      let unitWords = values.units.mutableWords(of: Int(unit))
      unitWords[ValueSet.rows] &-= 1
      if unitWords[ValueSet.rows] == 0 { remove(Int(unit), kind, words) }
    }
  }

  /// Gives back all values of a key's set.
  mutating func removeValues(of set: ValueSet, _ words: MutableUnitWords) {
    while words[set.head] != ValueSet.none { remove(Int(words[set.head]), set, words) }
  }

  private mutating func remove(_ unit: Int, _ set: ValueSet, _ words: MutableUnitWords) {
    if set.isText { texts.remove(Int(values.units.words(of: unit)[ValueSet.value])) }
    words[set.head] = values.remove(unit, first: words[set.head])
  }

  private mutating func textUnit(
    _ text: Span<UInt8>,
    _ words: MutableUnitWords,
    _ slot: Int,
    _ set: Int,
    _ kind: ValueSet,
    _ group: Int
  ) -> Int {
    let hash = ValueUnits.hash(StableHash.of(text), slot: slot, set: set)
    if let unit = values.find(hash, slot: slot, set: set, where: { texts.holds(text, at: Int($0[ValueSet.value])) }) {
      return unit
    }
    return insert(Int64(texts.insert(text, in: group)), hash, words, slot, set, kind, group)
  }

  private mutating func unit(
    of value: Int64,
    _ words: MutableUnitWords,
    _ slot: Int,
    _ set: Int,
    _ kind: ValueSet,
    _ group: Int
  ) -> Int {
    let hash = ValueUnits.hash(StableHash.of(value), slot: slot, set: set)
    return values.find(hash, slot: slot, set: set, where: { $0[ValueSet.value] == value })
      ?? insert(value, hash, words, slot, set, kind, group)
  }

  private mutating func insert(
    _ value: Int64,
    _ hash: UInt64,
    _ words: MutableUnitWords,
    _ slot: Int,
    _ set: Int,
    _ kind: ValueSet,
    _ group: Int
  ) -> Int {
    let unit = values.insert(value, hash, slot: slot, set: set, group: group)
    var previous = ValueSet.none
    if kind.isBucketed {
      var next = words[kind.head]
      while next != ValueSet.none {
        let other = values.units.words(of: Int(next))
        if other[ValueSet.value] > value { break }
        previous = next
        next = other[ValueSet.next]
      }
    }
    words[kind.head] = values.link(unit, after: previous, first: words[kind.head])
    return unit
  }

  // MARK: Windows

  /// The row at `place` enters a window of a set, or leaves it.
  mutating func count(
    _ change: Int64,
    _ action: EdgeAction,
    at place: Cursor,
    _ words: MutableUnitWords,
    _ layout: borrowing WindowLayout
  ) {
    let shape = layout.shape
    let unit = chunks.words(of: place.chunk, stride: shape.chunkWords)[shape.row(place.row) &+ action.link]
    guard unit != ValueSet.none else { return }
    let unitWords = values.units.mutableWords(of: Int(unit))
    let before = unitWords[action.count]
    let after = before &+ change
    unitWords[action.count] = after
    let total = words[action.word &+ ValueWindow.values]
    words[action.word &+ ValueWindow.values] = total &+ change
    if before == 0 { words[action.word &+ ValueWindow.different] &+= 1 }
    if after == 0 { words[action.word &+ ValueWindow.different] &-= 1 }
    words[action.word &+ ValueWindow.entropy] &+= ScaledEntropy.term(after) &- ScaledEntropy.term(before)
    let top = words[action.word &+ ValueWindow.top]
    if change < 0 {
      if top == unit { words[action.word &+ ValueWindow.top] = ValueSet.none }
    } else if top == ValueSet.none {
      if total == 0 { words[action.word &+ ValueWindow.top] = unit }
    } else if isBetter(Int(unit), Int(top), count: action.count, layout.sets[action.value]) {
      words[action.word &+ ValueWindow.top] = unit
    }
  }

  /// The unit of the most frequent value of a window; nil where it has none.
  func top(_ result: WindowResult, _ words: MutableUnitWords) -> Int? {
    guard words[result.word &+ ValueWindow.values] > 0 else { return nil }
    let known = words[result.word &+ ValueWindow.top]
    guard known == ValueSet.none else { return Int(known) }
    let set = layout.sets[result.set]
    var best = ValueSet.none
    var next = words[set.head]
    while next != ValueSet.none {
      if best == ValueSet.none || isBetter(Int(next), Int(best), count: result.otherWord, set) { best = next }
      next = values.units.words(of: Int(next))[ValueSet.next]
    }
    words[result.word &+ ValueWindow.top] = best
    return best == ValueSet.none ? nil : Int(best)
  }

  /// Whether a value has more rows than another, or as many and is less.
  private func isBetter(_ unit: Int, _ other: Int, count: Int, _ set: ValueSet) -> Bool {
    let (one, two) = (values.units.words(of: unit), values.units.words(of: other))
    guard one[count] == two[count] else { return one[count] > two[count] }
    let (left, right) = (one[ValueSet.value], two[ValueSet.value])
    switch set.type {
    case .string: return texts.isLess(Int(left), Int(right))
    case .float64: return (left ^ (left &>> 63 & Int64.max)) < (right ^ (right &>> 63 & Int64.max))
    default: return left < right
    }
  }

  /// What the bucket of the nearest rank stands for.
  func quantile(_ result: WindowResult, of count: Int64, _ words: MutableUnitWords) -> Double? {
    let rank = max((result.q * Double(count)).rounded(.up), 1)
    var passed: Int64 = 0
    var next = words[layout.sets[result.set].head]
    while next != ValueSet.none {
      let unit = values.units.words(of: Int(next))
      passed &+= unit[result.otherWord]
      if Double(passed) >= rank { return QuantileBuckets.value(of: unit[ValueSet.value]) }
      next = unit[ValueSet.next]
    }
    return nil
  }

  // MARK: Restoring

  /// Finds the values of a restored key's rows again, and takes its texts into use.
  mutating func findValues(
    _ slot: Int,
    _ words: MutableUnitWords,
    _ saved: Restoration,
    _ textUnits: inout RestoredUnits
  ) throws(StageFailure) {
    let layout = layout
    let shape = layout.shape
    let group = slots.group(of: slot)
    let pages = textUnits.pages(from: saved.origin(of: group))
    for set in layout.sets.indices {
      let kind = layout.sets[set]
      words[kind.head] = ValueSet.none
      /// By the numbers under which texts were saved.
      var known: [Int64: Int] = [:]
      var cursor = Cursor(words[layout.oldestWord])
      let end = Cursor(words[WindowLayout.tailWord])
      while cursor.count != end.count {
        let chunk = chunks.restoredWords(of: cursor.chunk)
        let row = shape.row(cursor.row)
        let word = row + 1 + kind.value
        var unit: Int?
        if isThere(kind.value, chunk.words, row, shape) {
          if !kind.isText {
            unit = kind.kept(chunk[word]).map { self.unit(of: $0, words, slot, set, kind, group) }
          } else if let old = known[chunk[word]] {
            unit = old
          } else {
            let new = try restoredText(Int(chunk[word]), words, slot, set, kind, group, pages, &textUnits)
            known[chunk[word]] = new
            unit = new
          }
        }
        if let unit {
          values.units.mutableWords(of: unit)[ValueSet.rows] += 1
          if kind.isText { chunk[word] = values.units.words(of: unit)[ValueSet.value] }
        }
        chunk[row + kind.link] = unit.map { Int64($0) } ?? ValueSet.none
        cursor.advance()
        guard cursor.isAtEndOfChunk, cursor.count != end.count else { continue }
        cursor.enter(Int(chunk[shape.linkWord]))
      }
    }
  }

  private mutating func restoredText(
    _ saved: Int,
    _ words: MutableUnitWords,
    _ slot: Int,
    _ set: Int,
    _ kind: ValueSet,
    _ group: Int,
    _ pages: Range<Int>,
    _ textUnits: inout RestoredUnits
  ) throws(StageFailure) -> Int {
    let (text, textHash) = try texts.take(saved, group, pages, &textUnits)
    let hash = ValueUnits.hash(textHash, slot: slot, set: set)
    let other = values.find(hash, slot: slot, set: set) { texts.areEqual(text, Int($0[ValueSet.value])) }
    guard other == nil else { throw .damagedWindows("a text of a key is there twice") }
    return insert(Int64(text), hash, words, slot, set, kind, group)
  }
}
