internal import Dataflow
internal import Records

extension KeyedRows {
  /// Follows the texts of all restored keys, giving links their new numbers, and checks that each is as long as it says, has
  /// its key's hash, and is nobody else's.
  mutating func restoreTexts(_ saved: Restoration, _ textUnits: inout RestoredUnits) throws(StageFailure) {
    let textWord = layout.textWord
    for page in openSlots.indices {
      var from = page << UnitPages.shift
      while from >> UnitPages.shift == page, let slot = openSlot(from: from) {
        from = slot + 1
        let group = slots.group(of: slot)
        let pages = textUnits.pages(from: saved.origin(of: group))
        let words = slots.restoredWords(of: slot)
        let (first, hash) = try texts.take(Int(words[textWord]), group, pages, &textUnits)
        words[textWord] = Int64(first)
        guard hash == UInt64(bitPattern: words[WindowLayout.hashWord]) else {
          throw .damagedWindows("a key is not the one of its rows")
        }
      }
    }
  }
}

extension KeyTexts {
  /// Takes the text into use that was saved under a number, and gives its new number and its hash.
  func take(
    _ saved: Int,
    _ group: Int,
    _ pages: Range<Int>,
    _ textUnits: inout RestoredUnits
  ) throws(StageFailure) -> (first: Int, hash: UInt64) {
    let first = try textUnits.take(saved, from: pages, in: group)
    return (first, try restore(first, group, pages, &textUnits))
  }

  /// Whether two texts are the same.
  func areEqual(_ first: Int, _ second: Int) -> Bool {
    var first = units.words(of: first)
    var second = units.words(of: second)
    guard first[1] == second[1] else { return false }
    var further = Self.furtherUnits(length: Int(first[1]))
    guard first[2] == second[2], first[3] == second[3] else { return false }
    while further > 0 {
      first = units.words(of: Int(first[Self.linkWord]))
      second = units.words(of: Int(second[Self.linkWord]))
      guard (1...3).allSatisfy({ first[$0] == second[$0] }) else { return false }
      further -= 1
    }
    return true
  }

  /// The hash of a text, as `StableHash` has it.
  private func restore(
    _ first: Int,
    _ group: Int,
    _ pages: Range<Int>,
    _ textUnits: inout RestoredUnits
  ) throws(StageFailure) -> UInt64 {
    var words = units.restoredWords(of: first)
    let length = words[1]
    guard 0...Int64(units.count * units.stride * 8) ~= length else {
      throw .damagedWindows("a key of \(length) bytes")
    }
    var hash = StableHash.of(length)
    var word = 2
    for _ in 0..<(Int(length) + 7) / 8 {
      if word == units.stride {
        let next = try textUnits.take(Int(words[Self.linkWord]), from: pages, in: group)
        words[Self.linkWord] = Int64(next)
        words = units.restoredWords(of: next)
        word = 1
      }
      hash = StableHash.of(Int64(bitPattern: hash) ^ words[word])
      word += 1
    }
    return hash
  }
}
