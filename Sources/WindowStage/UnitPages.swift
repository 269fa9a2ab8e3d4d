/// Units of a fixed number of eight-byte words, in pages that never move, with a list of the free ones.
///
/// Growing adds a page and copies nothing, and a page can be retained or saved by itself. Units are named by number.
///
/// Unsafe inside: `pages` addresses `pageCapacity` pointers, of which the first `pageCount` are initialised, each to a page
/// of `stride` << `shift` initialised words, freed by `deinit` and not before. Every access checks its unit against `count`,
/// which is at most `pageCount` << `shift`.
@safe
struct UnitPages: ~Copyable {
  /// Words of a unit.
  let stride: Int
  /// The word that links free units, and chains that a caller makes.
  let linkWord: Int
  /// Units in use or free.
  private(set) var count = 0
  private var pages: UnsafeMutablePointer<UnsafeMutablePointer<Int64>>
  private var pageCount = 0
  private var pageCapacity = 16
  private var firstFree = Self.none

  private static var none: Int { -1 }
  /// 128 units to a page: with the usual units of 13 to 16 words, small enough to copy while a stream waits.
  private static var shift: Int { 7 }

  init(stride: Int, linkWord: Int) {
    precondition(0..<stride ~= linkWord)
    self.stride = stride
    self.linkWord = linkWord
    unsafe pages = .allocate(capacity: pageCapacity)
  }

  deinit {
    for page in 0..<pageCount { unsafe pages[page].deallocate() }
    unsafe pages.deallocate()
  }

  var memoryBytes: Int { pageCount * (stride << Self.shift) * 8 + pageCapacity * 8 }

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

  /// A unit whose words are all 0.
  mutating func allocate() -> Int {
    if firstFree != Self.none {
      let unit = firstFree
      firstFree = Int(words(of: unit)[linkWord])
      unsafe address(unit, stride: stride).update(repeating: 0, count: stride)
      return unit
    }
    if count == pageCount << Self.shift { addPage() }
    count += 1
    return count - 1
  }

  /// Gives back a chain of units, each linked to the next by its link word, from `first` to `last`.
  @inline(__always)
  mutating func free(from first: Int, through last: Int) {
    words(of: last)[linkWord] = Int64(firstFree)
    firstFree = first
  }

  /// The free units, for tests. Linear.
  var freeUnits: [Int] {
    var units: [Int] = []
    var unit = firstFree
    while unit != Self.none, units.count <= count {
      units.append(unit)
      unit = Int(words(of: unit)[linkWord])
    }
    return units
  }

  @unsafe
  @inline(__always)
  private func address(_ unit: Int, stride: Int) -> UnsafeMutablePointer<Int64> {
    precondition(UInt(bitPattern: unit) < UInt(bitPattern: count), "unit out of range")
    let place = unit & ((1 &<< Self.shift) &- 1)
    return unsafe pages[unit &>> Self.shift] + place &* stride
  }

  private mutating func addPage() {
    if pageCount == pageCapacity {
      let moved = UnsafeMutablePointer<UnsafeMutablePointer<Int64>>.allocate(capacity: pageCapacity * 2)
      unsafe moved.update(from: pages, count: pageCount)
      unsafe pages.deallocate()
      unsafe pages = moved
      pageCapacity *= 2
    }
    // Whole cache lines, so that a unit of a multiple of eight words touches no line but its own.
    let words = stride << Self.shift
    let raw = UnsafeMutableRawPointer.allocate(byteCount: words * 8, alignment: 64)
    unsafe pages[pageCount] = raw.initializeMemory(as: Int64.self, repeating: 0, count: words)
    pageCount += 1
  }
}

/// The words of one unit, read and written in place.
///
/// Unsafe inside: `base` addresses `count` words of a page that lives as long as its `UnitPages`. The index is checked in
/// debug builds only, for this is where every row spends its time: it always comes from a `WindowLayout`, whose indices lie
/// below the strides that it gives, or from a row of a chunk, which is below `Cursor.rowsPerChunk`.
@safe
struct UnitWords {
  private let base: UnsafeMutablePointer<Int64>
  private let count: Int

  @inline(__always)
  fileprivate init(base: UnsafeMutablePointer<Int64>, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  @inline(__always)
  subscript(word: Int) -> Int64 {
    get {
      assert(word >= 0 && word < count)
      return unsafe base[word]
    }
    nonmutating set {
      assert(word >= 0 && word < count)
      unsafe base[word] = newValue
    }
  }
}

/// Eight bytes of `text` from `offset` on, little-endian, zeros after its end.
///
/// Unsafe inside: the load reads bytes `offset` to `offset` + 7, which lie within the text.
@inline(__always)
func textWord(_ text: Span<UInt8>, at offset: Int) -> Int64 {
  precondition(offset >= 0)
  if text.count >= 8, offset <= text.count &- 8 {
    let word = unsafe text.withUnsafeBytes { unsafe $0.loadUnaligned(fromByteOffset: offset, as: Int64.self) }
    return Int64(littleEndian: word)
  }
  var word: Int64 = 0
  var index = offset
  var shift: Int64 = 0
  while index < text.count && shift < 64 {
    word |= Int64(text[index]) &<< shift
    shift &+= 8
    index &+= 1
  }
  return word
}
