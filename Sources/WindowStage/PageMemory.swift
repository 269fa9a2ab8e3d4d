internal import Glibc

/// Owns the pages of a `UnitPages`, which outlive it as long as a snapshot's writer may read them.
///
/// Pages are cut from slabs, which are large where there are many: rows come for keys at random, and the processor finds its
/// way in few large pages of its own faster than in many small ones.
///
/// Unsafe inside: `slabs` are the memory of all pages, and `rest` addresses the `restBytes` of the last one that no page has
/// yet. `table` addresses `capacity` words, all initialised: 0 where there is no page, or the address of a page of
/// `pageWords` initialised words, aligned to `alignment`, with the owner's marks in the bits that this leaves. Only the owner's
/// thread calls anything here; others hold a reference, so that `deinit` frees the pages when nobody reads them any more.
@safe
final class PageMemory: @unchecked Sendable {
  let pageWords: Int
  private(set) var capacity = 16
  @unsafe private(set) var table: UnsafeMutablePointer<UInt>
  private var slabs: [UnsafeMutableRawPointer] = unsafe []
  private var slabBytes = 0
  private var rest: UnsafeMutableRawPointer?
  private var restBytes = 0

  private static var smallSlab: Int { 128 << 10 }
  /// A large page of the processor.
  private static var largeSlab: Int { 2 << 20 }
  /// So much the processor finds its way in by small pages too; a large one is all in memory at once, however little of it is
  /// used.
  private static var mostInSmallSlabs: Int { 1 << 20 }

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
    for slab in unsafe slabs.indices { unsafe slabs[slab].deallocate() }
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
    let bytes = (pageWords * 8 + Self.alignment - 1) & ~(Self.alignment - 1)
    if restBytes < bytes { addSlab(atLeast: bytes) }
    guard let raw = unsafe rest else { preconditionFailure("a slab without memory") }
    unsafe rest = raw + bytes
    restBytes -= bytes
    return unsafe raw.initializeMemory(as: Int64.self, repeating: 0, count: pageWords)
  }

  private func addSlab(atLeast bytes: Int) {
    let isLarge = slabBytes >= Self.mostInSmallSlabs
    let unit = isLarge ? Self.largeSlab : Self.smallSlab
    let size = (bytes + unit - 1) / unit * unit
    let slab = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: isLarge ? unit : Self.alignment)
    // Where the system has no large pages for it, small ones do.
    if isLarge { unsafe madvise(slab, size, MADV_HUGEPAGE) }
    unsafe slabs.append(slab)
    slabBytes += size
    unsafe rest = slab
    restBytes = size
  }
}
