/// From the stable hash of a key to its slot: open addressing with linear probing, at most 70% full.
///
/// The hash of an eight-byte key is a bijection, so such keys are equal where their hashes are; for texts the caller compares
/// the keys themselves. A hash starts at its upper bits, for the lower ones are alike among the key groups of one worker.
struct KeyTable: ~Copyable {
  /// Pairs of a hash and a slot + 1; 0 in the second place is an empty entry.
  private var entries: [UInt64]
  private var mask: Int
  private var shift: UInt64
  /// Keys.
  private(set) var count = 0

  /// - Parameter keys: how many are to be added before it grows.
  init(keys: Int = 0) {
    var capacity = Self.leastCapacity
    while keys * 10 > capacity * 7 { capacity *= 2 }
    entries = Array(repeating: 0, count: 2 * capacity)
    mask = capacity - 1
    shift = UInt64(64 - capacity.trailingZeroBitCount)
  }

  private static let leastCapacity = 64

  var memoryBytes: Int { entries.capacity * 8 }

  /// The slot of the key with this hash for which `matches(slot)` holds.
  @inline(__always)
  func find(_ hash: UInt64, where matches: (Int) -> Bool = { _ in true }) -> Int? {
    var index = Int(truncatingIfNeeded: hash &>> shift)
    while entries[2 &* index &+ 1] != 0 {
      if entries[2 &* index] == hash {
        let slot = Int(truncatingIfNeeded: entries[2 &* index &+ 1] &- 1)
        if matches(slot) { return slot }
      }
      index = (index &+ 1) & mask
    }
    return nil
  }

  /// Adds a key that is not there yet.
  mutating func insert(_ hash: UInt64, slot: Int) {
    if (count + 1) * 10 > (mask + 1) * 7 { grow() }
    place(hash, UInt64(slot + 1))
    count += 1
  }

  /// Takes out a key that is there, and closes the gap so that no probe ends before its key.
  mutating func remove(_ hash: UInt64, slot: Int) {
    var gap = home(hash)
    while entries[2 * gap] != hash || entries[2 * gap + 1] != UInt64(slot + 1) {
      precondition(entries[2 * gap + 1] != 0, "the key is not in the table")
      gap = (gap + 1) & mask
    }
    var index = (gap + 1) & mask
    while entries[2 * index + 1] != 0 {
      // An entry may move to the gap unless that would put it before its home.
      if (index - home(entries[2 * index])) & mask >= (index - gap) & mask {
        entries[2 * gap] = entries[2 * index]
        entries[2 * gap + 1] = entries[2 * index + 1]
        gap = index
      }
      index = (index + 1) & mask
    }
    entries[2 * gap] = 0
    entries[2 * gap + 1] = 0
    count -= 1
  }

  private func home(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash >> shift) }

  private mutating func place(_ hash: UInt64, _ value: UInt64) {
    var index = home(hash)
    while entries[2 * index + 1] != 0 { index = (index + 1) & mask }
    entries[2 * index] = hash
    entries[2 * index + 1] = value
  }

  private mutating func grow() {
    let old = entries
    let capacity = (mask + 1) * 2
    entries = Array(repeating: 0, count: 2 * capacity)
    mask = capacity - 1
    shift -= 1
    for index in stride(from: 0, to: old.count, by: 2) where old[index + 1] != 0 { place(old[index], old[index + 1]) }
  }
}
