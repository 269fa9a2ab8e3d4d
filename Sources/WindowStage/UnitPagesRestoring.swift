extension UnitPages {
  /// Bytes of a saved page.
  var pageBytes: Int { memory.pageWords * 8 }

  /// Adds a saved page, whose links mean nothing yet.
  mutating func adopt(_ bytes: Span<UInt8>, group: Int) {
    precondition(bytes.count == pageBytes)
    let number = pageCount
    groups.append(UInt8(group))
    memory.reserve(pageCount)
    unsafe table = memory.table
    count = pageCount << Self.shift
    let page = unsafe memory.makePage()
    unsafe table[number] = UInt(bitPattern: page)
    for word in 0..<memory.pageWords { unsafe page[word] = textWord(bytes, at: word * 8) }
  }

  /// Puts the pages at new numbers.
  mutating func arrange(_ numbers: [Int]) {
    precondition(numbers.count == pageCount)
    let last = (numbers.max() ?? -1) + 1
    memory.arrange(numbers, count: last)
    unsafe table = memory.table
    let old = groups
    groups = Array(repeating: 0, count: last)
    for (page, number) in numbers.enumerated() { groups[number] = old[page] }
    holes = (0..<last).reversed().filter { unsafe table[$0] == 0 }
    count = last << Self.shift
  }

  /// The words of a unit, to be written without listing its page: what a restored state is made of, before it is used.
  func restoredWords(of unit: Int) -> MutableUnitWords {
    unsafe MutableUnitWords(base: address(unit, stride: stride), count: stride)
  }

  /// The restored pages are all there is, and all units but those whose bits are set in `used` are free.
  ///
  /// - Parameter areKnown: whether the pages are those of the checkpoint under the same numbers, so that later snapshots need
  ///   not hold them.
  mutating func endRestore(used: [UInt32], areKnown: Bool) {
    for page in (0..<pageCount).reversed() where unsafe table[page] != 0 {
      let group = Int(groups[page])
      free[group].include(page: page)
      for place in (0..<Self.unitsPerPage).reversed() where used[page] & 1 << UInt32(place) == 0 {
        let unit = page << Self.shift + place
        restoredWords(of: unit)[linkWord] = Int64(free[group].first)
        free[group].first = unit
      }
      if areKnown { unsafe table[page] |= Self.unchanged } else { changed.append(UInt32(page)) }
    }
  }
}
