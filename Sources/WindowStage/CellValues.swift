internal import Records

/// The different values that keys had, each with the cell in which it was had last.
///
/// Of a set as many values as are to be told apart are kept by their hashes, those that were had last, in the order of
/// their cells. Where more come, those that are given up live on in the registers of a sketch. So a window holds at
/// most that many exactly where none of those that were given up was had last in it; and what it holds depends on
/// nothing but its rows.
struct CellValues: ~Copyable {
  /// Values: the next in order, the one before, the hash, the cell, and the key's slot with the number of its set.
  var units = UnitPages(stride: 5, linkWord: Self.next)
  var sketches = CellSketches()
  private var table = KeyTable()

  static var next: Int { 0 }
  static var previous: Int { 1 }
  static var hash: Int { 2 }
  static var cell: Int { 3 }
  static var owner: Int { 4 }

  /// Of a value: its unit, and its place in a table that is half full.
  static var bytesPerValue: Int { 5 * 8 + 32 }

  var memoryBytes: Int { units.memoryBytes + table.memoryBytes + sketches.memoryBytes }

  // MARK: Rows

  /// A key has a value now, in cell `border[0]`.
  mutating func see(
    _ hash: UInt64,
    _ number: Int,
    _ set: CellSet,
    _ slot: Int,
    _ words: MutableUnitWords,
    _ borders: [Int64]
  ) {
    let owner = Self.owner(slot, number)
    let now = borders[0]
    if let unit = find(hash, owner) {
      let last = units.words(of: unit)[Self.cell]
      if last == now { return }
      for window in 0..<set.windows where last < borders[set.firstBorder + window] {
        words[set.word + CellSet.count(window)] += 1
      }
      unlink(unit, set, words)
      units.mutableWords(of: unit)[Self.cell] = now
      link(unit, set, words)
    } else {
      if words[set.word + CellSet.size] == Int64(set.exact) { giveUp(set, words, borders) }
      let unit = insert(hash, owner, in: KeyGroups.group(ofHash: UInt64(bitPattern: words[CellLayout.hashWord])))
      units.mutableWords(of: unit)[Self.cell] = now
      words[set.word + CellSet.size] += 1
      for window in 0..<set.windows { words[set.word + CellSet.count(window)] += 1 }
      link(unit, set, words)
    }
    if words[set.word + CellSet.sketch] != 0 { sketches.see(hash, now, set, words, borders) }
  }

  /// Gives up the value that was had least lately.
  private mutating func giveUp(_ set: CellSet, _ words: MutableUnitWords, _ borders: [Int64]) {
    let unit = Int(words[set.word + CellSet.head])
    if words[set.word + CellSet.sketch] == 0 {
      sketches.begin(set, words)
      var other = Int64(unit)
      while other != CellSet.none {
        let value = units.words(of: Int(other))
        sketches.see(UInt64(bitPattern: value[Self.hash]), value[Self.cell], set, words, borders)
        other = value[Self.next]
      }
    }
    let last = units.words(of: unit)[Self.cell]
    words[set.word + CellSet.givenUp] = last
    for window in 0..<set.windows where last >= borders[set.firstBorder + window] {
      words[set.word + CellSet.count(window)] -= 1
    }
    remove(unit, set, words)
  }

  // MARK: Windows

  /// The edges of the windows have come to their places.
  mutating func pass(_ set: CellSet, _ words: MutableUnitWords, _ borders: [Int64]) {
    for window in 0..<set.windows {
      let border = borders[set.firstBorder + window]
      let first = set.word + CellSet.first(window)
      while words[first] != CellSet.none, case let value = units.words(of: Int(words[first])), value[Self.cell] < border
      {
        words[first] = value[Self.next]
        words[set.word + CellSet.count(window)] -= 1
      }
    }
    let border = borders[set.longest]
    while words[set.word + CellSet.head] != CellSet.none {
      let unit = Int(words[set.word + CellSet.head])
      guard units.words(of: unit)[Self.cell] < border else { break }
      remove(unit, set, words)
    }
    guard words[set.word + CellSet.sketch] != 0 else { return }
    if words[set.word + CellSet.givenUp] < border {
      words[set.word + CellSet.givenUp] = CellSet.never
      sketches.end(set, words)
    } else {
      sketches.count(set, words, borders)
    }
  }

  /// How many different values a window holds.
  func different(_ set: CellSet, _ window: Int, _ words: MutableUnitWords, border: Int64) -> Int64 {
    let givenUp = words[set.word + CellSet.givenUp]
    if givenUp == CellSet.never || givenUp < border { return words[set.word + CellSet.count(window)] }
    // There are that many at least.
    return max(sketches.estimate(window, Int(words[set.word + CellSet.sketch]) - 1), Int64(set.exact) + 1)
  }

  /// A key is forgotten.
  mutating func removeAll(of set: borrowing CellSet, _ words: MutableUnitWords) {
    while words[set.word + CellSet.head] != CellSet.none { remove(Int(words[set.word + CellSet.head]), set, words) }
    if words[set.word + CellSet.sketch] != 0 { sketches.end(set, words) }
  }

  // MARK: Units

  static func owner(_ slot: Int, _ set: Int) -> Int64 { Int64(slot) &* 4096 &+ Int64(set) }

  private static func key(_ hash: UInt64, _ owner: Int64) -> UInt64 {
    StableHash.of(Int64(bitPattern: hash ^ StableHash.of(owner)))
  }

  func find(_ hash: UInt64, _ owner: Int64) -> Int? {
    table.find(Self.key(hash, owner)) { unit in
      let words = units.words(of: unit)
      return words[Self.hash] == Int64(bitPattern: hash) && words[Self.owner] == owner
    }
  }

  private mutating func insert(_ hash: UInt64, _ owner: Int64, in group: Int) -> Int {
    let unit = units.allocate(in: group)
    let words = units.mutableWords(of: unit)
    words[Self.hash] = Int64(bitPattern: hash)
    words[Self.owner] = owner
    enter(unit, hash, owner)
    return unit
  }

  /// A unit is to be found by its value.
  mutating func enter(_ unit: Int, _ hash: UInt64, _ owner: Int64) { table.insert(Self.key(hash, owner), slot: unit) }

  /// Puts a value behind all others of its set.
  private mutating func link(_ unit: Int, _ set: CellSet, _ words: MutableUnitWords) {
    let tail = words[set.word + CellSet.tail]
    let value = units.mutableWords(of: unit)
    value[Self.next] = CellSet.none
    value[Self.previous] = tail
    if tail == CellSet.none {
      words[set.word + CellSet.head] = Int64(unit)
    } else {
      units.mutableWords(of: Int(tail))[Self.next] = Int64(unit)
    }
    words[set.word + CellSet.tail] = Int64(unit)
    for window in 0..<set.windows where words[set.word + CellSet.first(window)] == CellSet.none {
      words[set.word + CellSet.first(window)] = Int64(unit)
    }
  }

  private mutating func unlink(_ unit: Int, _ set: CellSet, _ words: MutableUnitWords) {
    let value = units.words(of: unit)
    let (previous, next) = (value[Self.previous], value[Self.next])
    if previous == CellSet.none {
      words[set.word + CellSet.head] = next
    } else {
      units.mutableWords(of: Int(previous))[Self.next] = next
    }
    if next == CellSet.none {
      words[set.word + CellSet.tail] = previous
    } else {
      units.mutableWords(of: Int(next))[Self.previous] = previous
    }
    for window in 0..<set.windows where words[set.word + CellSet.first(window)] == Int64(unit) {
      words[set.word + CellSet.first(window)] = next
    }
  }

  private mutating func remove(_ unit: Int, _ set: CellSet, _ words: MutableUnitWords) {
    unlink(unit, set, words)
    let value = units.words(of: unit)
    table.remove(Self.key(UInt64(bitPattern: value[Self.hash]), value[Self.owner]), slot: unit)
    units.free(from: unit, through: unit)
    words[set.word + CellSet.size] -= 1
  }
}

extension CellSet {
  /// The words of a key without values.
  func begin(_ words: MutableUnitWords) {
    for word in [Self.head, Self.tail, Self.registers] { words[self.word + word] = Self.none }
    words[word + Self.size] = 0
    words[word + Self.givenUp] = Self.never
    words[word + Self.sketch] = 0
    for window in 0..<windows {
      words[word + Self.first(window)] = Self.none
      words[word + Self.count(window)] = 0
    }
  }
}
