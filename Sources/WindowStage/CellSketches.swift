internal import Records

/// The sketches of sets that gave up values: HyperLogLog registers that can be read for every window, by the method of
/// Chabchoub and Hébrail (2010, "Sliding HyperLogLog").
///
/// A register keeps a rank with the cell in which it was had last, unless a later one is as great: then no window holds
/// the earlier alone. So from the newest on ranks grow, and the last of them that is in a window is the register's
/// there.
struct CellSketches: ~Copyable {
  /// Registers: the next of the set, its number, its newest rank, and the unit of the one before.
  var registers = UnitPages(stride: 4, linkWord: Self.next)
  /// Ranks: the one before, and the rank.
  var ranks = UnitPages(stride: 2, linkWord: Self.next)
  private var sketches: [Sketch] = []
  private var unused: [Int] = []

  static var next: Int { 0 }
  static var number: Int { 1 }
  static var newest: Int { 2 }
  static var older: Int { 3 }
  /// Of a unit of `ranks`.
  static var rank: Int { 1 }

  /// How registers of a set are found, and how many have which rank in which window: nothing of it is saved.
  private struct Sketch {
    /// The unit of each register, or none.
    var units: [Int32] = []
    /// For each window, `HyperLogLog.ranks`.
    var counts: [Int32] = []
  }

  /// Of a sketch that has had a million values: then a register has five ranks, in the mean.
  static func bytes(windows: Int) -> Int {
    HyperLogLog.registers * (4 + 4 * 8 + 4 * 2 * 8) + windows * HyperLogLog.ranks * 4
  }

  var memoryBytes: Int {
    let own = sketches.reduce(0) { $0 + ($1.units.capacity + $1.counts.capacity) * 4 }
    return registers.memoryBytes + ranks.memoryBytes + own
  }

  /// A set has a sketch, without values.
  mutating func begin(_ set: CellSet, _ words: MutableUnitWords) {
    let number = unused.popLast() ?? sketches.count
    if number == sketches.count { sketches.append(Sketch()) }
    sketches[number].units = Array(repeating: -1, count: HyperLogLog.registers)
    sketches[number].counts = Array(repeating: 0, count: set.windows * HyperLogLog.ranks)
    for window in 0..<set.windows {
      sketches[number].counts[window * HyperLogLog.ranks] = Int32(HyperLogLog.registers)
    }
    words[set.word + CellSet.sketch] = Int64(number) + 1
    words[set.word + CellSet.registers] = CellSet.none
  }

  /// A set has none any more.
  mutating func end(_ set: CellSet, _ words: MutableUnitWords) {
    var register = words[set.word + CellSet.registers]
    while register != CellSet.none {
      let words = registers.words(of: Int(register))
      freeRanks(from: words[Self.older])
      let next = words[Self.next]
      registers.free(from: Int(register), through: Int(register))
      register = next
    }
    let number = Int(words[set.word + CellSet.sketch]) - 1
    sketches[number] = Sketch()
    unused.append(number)
    words[set.word + CellSet.sketch] = 0
    words[set.word + CellSet.registers] = CellSet.none
  }

  /// A value is had in a cell, no earlier than those before it.
  mutating func see(
    _ hash: UInt64,
    _ cell: Int64,
    _ set: CellSet,
    _ words: MutableUnitWords,
    _ borders: [Int64]
  ) {
    let sketch = Int(words[set.word + CellSet.sketch]) - 1
    let place = HyperLogLog.register(hash)
    let rank = CellRank(cell: cell, rank: HyperLogLog.rank(hash))
    let known = Int(sketches[sketch].units[place])
    if known >= 0 {
      let newest = CellRank(registers.words(of: known)[Self.newest])
      if newest.cell == cell, newest.rank >= rank.rank { return }
    }
    for window in 0..<set.windows {
      let border = borders[set.firstBorder + window]
      guard cell >= border else { continue }
      let before = known < 0 ? 0 : self.rank(of: known, since: border)
      guard rank.rank > before else { continue }
      sketches[sketch].counts[window * HyperLogLog.ranks + before] -= 1
      sketches[sketch].counts[window * HyperLogLog.ranks + rank.rank] += 1
    }
    if known >= 0 {
      push(rank, known)
    } else {
      let group = KeyGroups.group(ofHash: UInt64(bitPattern: words[CellLayout.hashWord]))
      let unit = registers.allocate(in: group)
      let register = registers.mutableWords(of: unit)
      register[Self.next] = words[set.word + CellSet.registers]
      register[Self.number] = Int64(place)
      register[Self.newest] = rank.bits
      register[Self.older] = CellSet.none
      words[set.word + CellSet.registers] = Int64(unit)
      sketches[sketch].units[place] = Int32(unit)
    }
  }

  /// Puts a rank before all others of a register, in place of those that it is as great as.
  private mutating func push(_ rank: CellRank, _ unit: Int) {
    let register = registers.mutableWords(of: unit)
    let newest = CellRank(register[Self.newest])
    if newest.rank > rank.rank {
      let spilled = ranks.allocate(in: registers.group(of: unit))
      let words = ranks.mutableWords(of: spilled)
      words[Self.next] = register[Self.older]
      words[Self.rank] = newest.bits
      register[Self.older] = Int64(spilled)
    } else {
      while register[Self.older] != CellSet.none {
        let older = Int(register[Self.older])
        let words = ranks.words(of: older)
        guard CellRank(words[Self.rank]).rank <= rank.rank else { break }
        register[Self.older] = words[Self.next]
        ranks.free(from: older, through: older)
      }
    }
    register[Self.newest] = rank.bits
  }

  /// The rank of a register in a window; 0 where it has none.
  private func rank(of unit: Int, since border: Int64) -> Int {
    let register = registers.words(of: unit)
    let newest = CellRank(register[Self.newest])
    guard newest.cell >= border else { return 0 }
    var rank = newest.rank
    var older = register[Self.older]
    while older != CellSet.none, case let words = ranks.words(of: Int(older)),
      case let before = CellRank(words[Self.rank]), before.cell >= border
    {
      rank = before.rank
      older = words[Self.next]
    }
    return rank
  }

  // MARK: Windows

  /// Counts the registers of all windows anew, and gives back those that have left the longest.
  mutating func count(_ set: CellSet, _ words: MutableUnitWords, _ borders: [Int64]) {
    let sketch = Int(words[set.word + CellSet.sketch]) - 1
    for index in sketches[sketch].counts.indices { sketches[sketch].counts[index] = 0 }
    let oldest = borders[set.longest]
    var kept: Int32 = 0
    var previous = CellSet.none
    var unit = words[set.word + CellSet.registers]
    while unit != CellSet.none {
      let register = registers.words(of: Int(unit))
      let next = register[Self.next]
      if CellRank(register[Self.newest]).cell < oldest {
        freeRanks(from: register[Self.older])
        sketches[sketch].units[Int(register[Self.number])] = -1
        if previous == CellSet.none {
          words[set.word + CellSet.registers] = next
        } else {
          registers.mutableWords(of: Int(previous))[Self.next] = next
        }
        registers.free(from: Int(unit), through: Int(unit))
      } else {
        cut(Int(unit), before: oldest)
        kept += 1
        for window in 0..<set.windows {
          let rank = rank(of: Int(unit), since: borders[set.firstBorder + window])
          sketches[sketch].counts[window * HyperLogLog.ranks + rank] += 1
        }
        previous = unit
      }
      unit = next
    }
    for window in 0..<set.windows {
      sketches[sketch].counts[window * HyperLogLog.ranks] += Int32(HyperLogLog.registers) - kept
    }
  }

  func estimate(_ window: Int, _ sketch: Int) -> Int64 {
    let first = window * HyperLogLog.ranks
    let estimate = HyperLogLog.estimate(sketches[sketch].counts, from: first).rounded()
    return estimate < 0x1p62 ? Int64(estimate) : .max
  }

  /// Gives back the ranks of a register that were had before a cell.
  private mutating func cut(_ unit: Int, before cell: Int64) {
    let older = registers.words(of: unit)[Self.older]
    guard older != CellSet.none else { return }
    guard CellRank(ranks.words(of: Int(older))[Self.rank]).cell >= cell else {
      registers.mutableWords(of: unit)[Self.older] = CellSet.none
      return freeRanks(from: older)
    }
    var last = Int(older)
    while true {
      let next = ranks.words(of: last)[Self.next]
      guard next != CellSet.none else { return }
      guard CellRank(ranks.words(of: Int(next))[Self.rank]).cell >= cell else {
        ranks.mutableWords(of: last)[Self.next] = CellSet.none
        return freeRanks(from: next)
      }
      last = Int(next)
    }
  }

  private mutating func freeRanks(from first: Int64) {
    var unit = first
    while unit != CellSet.none {
      let next = ranks.words(of: Int(unit))[Self.next]
      ranks.free(from: Int(unit), through: Int(unit))
      unit = next
    }
  }

  // MARK: Restoring

  /// The unit of a register of a restored set is known; false where there is another.
  mutating func enter(_ unit: Int, _ place: Int, _ set: CellSet, _ words: MutableUnitWords) -> Bool {
    let sketch = Int(words[set.word + CellSet.sketch]) - 1
    guard sketches[sketch].units[place] < 0 else { return false }
    sketches[sketch].units[place] = Int32(unit)
    return true
  }
}

/// A rank and the cell in which it was had, in one word.
struct CellRank {
  let bits: Int64

  init(_ bits: Int64) { self.bits = bits }

  init(cell: Int64, rank: Int) { bits = cell &<< 8 | Int64(rank) }

  var cell: Int64 { bits &>> 8 }
  var rank: Int { Int(bits & 0xFF) }
}
