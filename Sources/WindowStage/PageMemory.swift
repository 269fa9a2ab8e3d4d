/// Owns the pages of a `UnitPages`, which outlive it as long as a snapshot's writer may read them.
///
/// Unsafe inside: `table` addresses `capacity` words, all initialised: 0 where there is no page, or the address of a page of
/// `pageWords` initialised words, aligned to `alignment`, with the owner's marks in the bits that this leaves. Only the owner's
/// thread calls anything here; others hold a reference, so that `deinit` frees the pages when nobody reads them any more.
@safe
final class PageMemory: @unchecked Sendable {
  let pageWords: Int
  private(set) var capacity = 16
  @unsafe private(set) var table: UnsafeMutablePointer<UInt>

  /// Whole cache lines, so that a unit of a multiple of eight words touches no line but its own.
  static var alignment: Int { 64 }
  /// The bits of an entry that are no part of the address.
  static var marks: UInt { UInt(alignment) - 1 }

  init(pageWords: Int) {
    self.pageWords = pageWords
    unsafe table = .allocate(capacity: capacity)
    unsafe table.initialize(repeating: 0, count: capacity)
  }

  deinit {
    for page in 0..<capacity {
      unsafe UnsafeMutablePointer<Int64>(bitPattern: table[page] & ~Self.marks)?.deallocate()
    }
    unsafe table.deallocate()
  }

  /// Makes room for `count` entries in the table, which may move.
  func reserve(_ count: Int) {
    guard count > capacity else { return }
    let larger = max(count, capacity * 2)
    let moved = UnsafeMutablePointer<UInt>.allocate(capacity: larger)
    unsafe moved.update(from: table, count: capacity)
    unsafe (moved + capacity).initialize(repeating: 0, count: larger - capacity)
    unsafe table.deallocate()
    unsafe table = moved
    capacity = larger
  }

  /// Puts every page at its new number in a table of `count` entries; the entries between are empty.
  ///
  /// - Parameter numbers: of the first pages, in order, all different and below `count`; there are no other pages.
  func arrange(_ numbers: [Int], count: Int) {
    precondition(numbers.count <= capacity)
    let larger = max(count, capacity)
    let moved = UnsafeMutablePointer<UInt>.allocate(capacity: larger)
    unsafe moved.initialize(repeating: 0, count: larger)
    for (page, number) in numbers.enumerated() {
      precondition(0..<count ~= number)
      unsafe moved[number] = table[page]
    }
    unsafe table.deallocate()
    unsafe table = moved
    capacity = larger
  }

  /// A page of zeros, to be put in the table.
  @unsafe
  func makePage() -> UnsafeMutablePointer<Int64> {
    let raw = UnsafeMutableRawPointer.allocate(byteCount: pageWords * 8, alignment: Self.alignment)
    return unsafe raw.initializeMemory(as: Int64.self, repeating: 0, count: pageWords)
  }
}
