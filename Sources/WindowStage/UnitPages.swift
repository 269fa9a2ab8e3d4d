internal import CLinux
internal import Records

/// Units of a fixed number of eight-byte words, in pages that never move, each of which belongs to one key group.
///
/// Growing adds a page and copies nothing. A snapshot retains the pages as they are: the first write to a page after it goes
/// a longer way, which copies the page aside where the snapshot's writer has not had it yet, and lists it as changed. Units
/// are named by number; a unit and all that it links to are of one group.
///
/// Unsafe inside: `table` is that of `memory`, whose first `pageCount` entries are pages, or 0 for those that `holes` lists.
/// Every access checks its unit against `count`, which is `pageCount` << `shift`; no unit of a hole is ever named, for units
/// come from `allocate` and from links, which are between units in use.
@safe
struct UnitPages: ~Copyable {
  /// Words of a unit.
  let stride: Int
  /// The word that links free units, and chains that a caller makes.
  let linkWord: Int
  /// Units of all pages, whether in use, free or in a hole.
  var count = 0
  let memory: PageMemory
  @unsafe var table: UnsafeMutablePointer<UInt>
  /// The key group of each page.
  var groups: [UInt8] = []
  /// What is free in each group.
  var free = Array(repeating: GroupUnits(), count: KeyGroups.count)
  /// Numbers below `count` that no page has.
  var holes: [Int] = []
  /// The pages written to since the last snapshot.
  var changed: [UInt32] = []
  /// Snapshots that somebody may be writing.
  var saves: [PageSave] = []

  static var none: Int { -1 }
  /// 32 units to a page: few enough that a page for each key group is little memory and a page is copied in a moment, and a
  /// bit each fits in a word.
  static var shift: Int { 5 }
  static var unitsPerPage: Int { 1 << shift }
  /// The mark of a page that nobody wrote to since the last snapshot.
  static var unchanged: UInt { 1 }

  init(stride: Int, linkWord: Int) {
    precondition(0..<stride ~= linkWord)
    self.stride = stride
    self.linkWord = linkWord
    memory = PageMemory(pageWords: stride << Self.shift)
    unsafe table = memory.table
  }

  var pageCount: Int { groups.count }
  var memoryBytes: Int { (pageCount - holes.count) * memory.pageWords * 8 + memory.capacity * 8 }

  /// The words of a unit. To be used before this value goes away, which a caller ensures by keeping them in local variables.
  @inline(__always)
  func words(of unit: Int) -> UnitWords {
    unsafe UnitWords(base: address(unit, stride: stride), count: stride)
  }

  /// The same, by a caller that knows the stride when it is compiled.
  @inline(__always)
  func words(of unit: Int, stride known: Int) -> UnitWords {
    assert(known == stride)
    return unsafe UnitWords(base: address(unit, stride: known), count: known)
  }

  /// Words of a cache line.
  static var lineWords: Int { 8 }

  /// Has the line of a word of a unit fetched into the cache, and waits for nothing.
  @inline(__always)
  func fetch(_ word: Int, of unit: Int) { fetch(word, of: unit, stride: stride) }

  @inline(__always)
  func fetch(_ word: Int, of unit: Int, stride known: Int) {
    assert(known == stride)
    unsafe sluice_prefetch(address(unit, stride: known) + word)
  }

  /// The words of a unit, to be written before the next snapshot.
  @inline(__always)
  mutating func mutableWords(of unit: Int) -> MutableUnitWords { mutableWords(of: unit, stride: stride) }

  /// The same, by a caller that knows the stride when it is compiled.
  @inline(__always)
  mutating func mutableWords(of unit: Int, stride known: Int) -> MutableUnitWords {
    assert(known == stride)
    precondition(UInt(bitPattern: unit) < UInt(bitPattern: count), "unit out of range")
    var entry = unsafe table[unit &>> Self.shift]
    if entry & Self.unchanged != 0 {
      change(unit &>> Self.shift)
      unsafe entry = table[unit &>> Self.shift]
    }
    // A page that is changed has no mark.
    assert(entry & PageMemory.marks == 0)
    let page = unsafe UnsafeMutablePointer<Int64>(bitPattern: entry).unsafelyUnwrapped
    let place = unit & (Self.unitsPerPage &- 1)
    return unsafe MutableUnitWords(base: page + place &* known, count: known)
  }

  /// A unit of `group` whose words are all 0.
  mutating func allocate(in group: Int) -> Int {
    let unit = free[group].first
    if unit != Self.none {
      let words = mutableWords(of: unit)
      free[group].first = Int(words[linkWord])
      unsafe address(unit, stride: stride).update(repeating: 0, count: stride)
      return unit
    }
    let next = free[group].next & (Self.unitsPerPage - 1) == 0 ? addPage(to: group) : free[group].next
    free[group].next = next + 1
    _ = mutableWords(of: next)
    return next
  }

  /// Gives back a chain of units, each linked to the next by its link word, from `first` to `last`.
  ///
  /// This lists no page as changed, for what is free is no part of the state.
  @inline(__always)
  mutating func free(from first: Int, through last: Int) {
    let target = unsafe address(last, stride: stride)
    if unsafe table[last &>> Self.shift] & Self.unchanged != 0 { preserve(last &>> Self.shift) }
    let group = Int(groups[last &>> Self.shift])
    unsafe target[linkWord] = Int64(free[group].first)
    free[group].first = first
  }

  func group(of unit: Int) -> Int { Int(groups[unit >> Self.shift]) }

  @unsafe
  @inline(__always)
  func address(_ unit: Int, stride: Int) -> UnsafeMutablePointer<Int64> {
    precondition(UInt(bitPattern: unit) < UInt(bitPattern: count), "unit out of range")
    let place = unit & (Self.unitsPerPage &- 1)
    return unsafe page(unit &>> Self.shift) + place &* stride
  }

  /// The words of a page that is there.
  @unsafe
  @inline(__always)
  func page(_ number: Int) -> UnsafeMutablePointer<Int64> {
    let entry = unsafe table[number] & ~PageMemory.marks
    assert(entry != 0, "a unit of a page that is not there")
    return unsafe UnsafeMutablePointer(bitPattern: entry).unsafelyUnwrapped
  }

  /// Adds a page of zeros and gives its first unit.
  private mutating func addPage(to group: Int) -> Int {
    let number = holes.popLast() ?? pageCount
    if number == pageCount {
      groups.append(0)
      memory.reserve(pageCount)
      unsafe table = memory.table
      count = pageCount << Self.shift
    }
    groups[number] = UInt8(group)
    unsafe table[number] = UInt(bitPattern: memory.makePage())
    changed.append(UInt32(number))
    free[group].include(page: number)
    return number << Self.shift
  }
}

/// The pages of a key group, and which of its units are free.
struct GroupUnits {
  /// The first of the list of free units.
  var first = UnitPages.none
  /// The unit after the last one ever used in the newest page; the first of a page where that is full.
  var next = 0
  /// What a group's pages are, in short, so that one that is missing among saved ones is noticed.
  private(set) var pages = PageTally()

  mutating func include(page: Int) { pages.include(page) }
}

/// How many pages there are, and a sum over their numbers that other numbers hardly give.
struct PageTally: Hashable {
  var count: UInt64 = 0
  var sum: UInt64 = 0

  mutating func include(_ page: Int) {
    count += 1
    sum &+= StableHash.of(Int64(page))
  }
}
