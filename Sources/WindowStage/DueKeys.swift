internal import Records

/// The keys with an open window, by when it ends: a binary heap. What ends at one time comes by key group, then by hash.
///
/// An entry's end may have moved on meanwhile; then it is put in again when it comes.
struct DueKeys {
  struct Entry {
    let end: Int64
    /// The hash with the bits of its key group in front.
    private let order: UInt64
    let slot: Int

    init(end: Int64, hash: UInt64, slot: Int) {
      self.end = end
      order = hash &<< 56 | hash &>> 8
      self.slot = slot
    }

    var group: Int { Int(truncatingIfNeeded: order &>> 56) }

    func isLess(than other: Entry) -> Bool { end < other.end || end == other.end && order < other.order }
    /// Whether only the keys themselves can tell which comes first.
    func isTied(with other: Entry) -> Bool { end == other.end && order == other.order }
  }

  private var entries: [Entry] = []

  var first: Entry? { entries.first }
  var memoryBytes: Int { entries.capacity * MemoryLayout<Entry>.stride }

  mutating func insert(_ entry: Entry) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard entry.isLess(than: entries[parent]) else { break }
      entries[child] = entries[parent]
      child = parent
    }
    entries[child] = entry
  }

  mutating func removeFirst() -> Entry {
    let first = entries[0]
    let last = entries.removeLast()
    guard !entries.isEmpty else { return first }
    var parent = 0
    while true {
      var child = 2 * parent + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1].isLess(than: entries[child]) { child += 1 }
      guard entries[child].isLess(than: last) else { break }
      entries[parent] = entries[child]
      parent = child
    }
    entries[parent] = last
    return first
  }
}
