internal import Dataflow
internal import Glibc
internal import Synchronization

/// The pages of one `UnitPages` that a snapshot holds, from which two threads take: the writer, who copies each out, and the
/// owner, who copies a page aside when it is about to write to it and the writer has not had it.
///
/// Unsafe inside: for each page below `count`, `claims` says who has it and `addresses` where it is. An address is written
/// before the object is shared, and by the owner who moved the page's claim from `awaited` to `copying`; it is read by the
/// writer, who moved it from `awaited` to `taking`, or saw `copied`, which the owner stores after the address. While a page
/// is `taking`, the owner writes nothing to it; it goes on once it sees `taken`, which the writer stores after its last read.
/// So no byte is read and written at once, and a copy is freed by the one who moved its claim from `copied`. Live pages are
/// those of `memory`.
@safe
final class PageSave: @unchecked Sendable {
  /// Who has a page.
  private enum Claim {
    static var absent: UInt8 { 0 }
    static var awaited: UInt8 { 1 }
    static var copying: UInt8 { 2 }
    static var copied: UInt8 { 3 }
    static var taking: UInt8 { 4 }
    static var taken: UInt8 { 5 }
  }

  /// What has become of the snapshot.
  enum Outcome: UInt8, AtomicRepresentable {
    case open
    case written
    case givenUp
  }

  private let kind: BlockKind
  private let count: Int
  private let groups: [UInt8]
  private let memory: PageMemory
  private let claims: UnsafeMutablePointer<Atomic<UInt8>>
  private let addresses: UnsafeMutablePointer<UInt>
  private let end = Atomic(Outcome.open)

  /// - Parameter groups: the key group of each page that may be added.
  init(_ kind: BlockKind, _ memory: PageMemory, groups: [UInt8]) {
    self.kind = kind
    self.memory = memory
    self.groups = groups
    count = groups.count
    let bytes = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1), alignment: 1)
    // An atomic byte is stored as the byte that it holds.
    unsafe bytes.initializeMemory(as: UInt8.self, repeating: Claim.absent, count: count)
    unsafe claims = bytes.bindMemory(to: Atomic<UInt8>.self, capacity: count)
    unsafe addresses = .allocate(capacity: max(count, 1))
  }

  deinit {
    freeCopies()
    unsafe claims.deallocate()
    unsafe addresses.deallocate()
  }

  var outcome: Outcome { end.load(ordering: .acquiring) }

  /// Adds a page, before the object is shared.
  ///
  /// - Parameter address: of a page of the memory given.
  @unsafe
  @inline(__always)
  func include(_ page: Int, at address: UInt) {
    precondition(0..<count ~= page)
    unsafe addresses[page] = address
    unsafe claims[page].store(Claim.awaited, ordering: .relaxed)
  }

  func includes(_ page: Int) -> Bool {
    guard page < count else { return false }
    return unsafe claims[page].load(ordering: .relaxed) != Claim.absent
  }

  /// By the owner: the page may be written to afterwards. Waits while the writer copies it, which takes a moment.
  func release(_ page: Int) {
    guard page < count else { return }
    while true {
      let (moved, claim) = unsafe claims[page].compareExchange(
        expected: Claim.awaited,
        desired: Claim.copying,
        ordering: .acquiring
      )
      if moved { break }
      guard claim == Claim.taking else { return }
      sched_yield()
    }
    let copy = UnsafeMutablePointer<Int64>.allocate(capacity: memory.pageWords)
    unsafe copy.initialize(from: words(of: page), count: memory.pageWords)
    unsafe addresses[page] = UInt(bitPattern: copy)
    unsafe claims[page].store(Claim.copied, ordering: .releasing)
  }

  /// By the writer: hands over every page.
  func write(to writer: any StateWriter) throws(StateWriteError) {
    var bytes = [UInt8](repeating: 0, count: memory.pageWords * 8)
    for page in 0..<count where includes(page) {
      take(page, into: &bytes)
      try writer.write(StateBlock(group: Int(groups[page]), kind: kind.rawValue, number: page), bytes.span)
    }
  }

  /// The writer has had everything.
  func conclude() { end.store(.written, ordering: .releasing) }

  /// Nobody will write it; nothing happens where it was written.
  func giveUp() {
    guard end.compareExchange(expected: .open, desired: .givenUp, ordering: .acquiringAndReleasing).exchanged else {
      return
    }
    freeCopies()
  }

  private func take(_ page: Int, into bytes: inout [UInt8]) {
    while true {
      let (moved, claim) = unsafe claims[page].compareExchange(
        expected: Claim.awaited,
        desired: Claim.taking,
        ordering: .acquiring
      )
      if moved || claim == Claim.copied { break }
      precondition(claim == Claim.copying, "a page of a snapshot was taken twice")
      sched_yield()
    }
    let source = unsafe words(of: page)
    let count = memory.pageWords
    unsafe bytes.withUnsafeMutableBytes { target in
      for word in 0..<count {
        unsafe target.storeBytes(of: source[word].littleEndian, toByteOffset: word * 8, as: Int64.self)
      }
    }
    if unsafe claims[page].exchange(Claim.taken, ordering: .acquiringAndReleasing) == Claim.copied {
      unsafe source.deallocate()
    }
  }

  private func freeCopies() {
    for page in 0..<count {
      let (moved, _) = unsafe claims[page].compareExchange(
        expected: Claim.copied,
        desired: Claim.taken,
        ordering: .acquiring
      )
      if moved { unsafe words(of: page).deallocate() }
    }
  }

  /// The words of a page that was included.
  @unsafe
  private func words(of page: Int) -> UnsafeMutablePointer<Int64> {
    unsafe UnsafeMutablePointer(bitPattern: addresses[page]).unsafelyUnwrapped
  }
}
