internal import Records

/// A unit for each different value of a set of a key, found by the key, the set and the value. Nothing of it is saved: it is
/// found again from the rows.
struct ValueUnits: ~Copyable {
  var units: UnitPages
  private var table = KeyTable()

  init(stride: Int) { units = UnitPages(stride: stride, linkWord: ValueSet.next) }

  var memoryBytes: Int { units.memoryBytes + table.memoryBytes }

  /// The unit of a value for which `matches(unit)` holds.
  @inline(__always)
  func find(_ hash: UInt64, slot: Int, set: Int, where matches: (UnitWords) -> Bool) -> Int? {
    table.find(hash) { unit in
      let words = units.words(of: unit)
      return words[ValueSet.slot] == Int64(slot) && words[ValueSet.set] == Int64(set) && matches(words)
    }
  }

  /// A unit for a new value, in no list yet.
  mutating func insert(_ value: Int64, _ hash: UInt64, slot: Int, set: Int, group: Int) -> Int {
    let unit = units.allocate(in: group)
    let words = units.mutableWords(of: unit)
    words[ValueSet.slot] = Int64(slot)
    words[ValueSet.set] = Int64(set)
    words[ValueSet.value] = value
    words[ValueSet.hash] = Int64(bitPattern: hash)
    table.insert(hash, slot: unit)
    return unit
  }

  /// Puts a unit in a list after another, or first; gives the first.
  mutating func link(_ unit: Int, after previous: Int64, first: Int64) -> Int64 {
    let words = units.mutableWords(of: unit)
    words[ValueSet.previous] = previous
    let next = previous == ValueSet.none ? first : units.words(of: Int(previous))[ValueSet.next]
    words[ValueSet.next] = next
    if next != ValueSet.none { units.mutableWords(of: Int(next))[ValueSet.previous] = Int64(unit) }
    guard previous != ValueSet.none else { return Int64(unit) }
    units.mutableWords(of: Int(previous))[ValueSet.next] = Int64(unit)
    return first
  }

  /// Takes a unit out of its list and out of use; gives the first of the list.
  mutating func remove(_ unit: Int, first: Int64) -> Int64 {
    let words = units.words(of: unit)
    let (previous, next) = (words[ValueSet.previous], words[ValueSet.next])
    table.remove(UInt64(bitPattern: words[ValueSet.hash]), slot: unit)
    if next != ValueSet.none { units.mutableWords(of: Int(next))[ValueSet.previous] = previous }
    if previous != ValueSet.none { units.mutableWords(of: Int(previous))[ValueSet.next] = next }
    units.free(from: unit, through: unit)
    return previous == ValueSet.none ? next : first
  }

  /// The hash of a value of a key's set, by its own.
  static func hash(_ value: UInt64, slot: Int, set: Int) -> UInt64 {
    StableHash.of(Int64(bitPattern: value ^ StableHash.of(Int64(slot) &* 4096 &+ Int64(set))))
  }
}
