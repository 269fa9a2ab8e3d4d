package import Dataflow
internal import Records

extension CellLogic {
  package mutating func restore(
    _ block: StateBlock,
    from origin: Int,
    _ bytes: Span<UInt8>
  ) throws(StageFailure) {
    precondition(table.count == 0, "state is given back before any row")
    let (kind, page) = try WindowLogic.page(of: block, from: origin)
    if let number = CellHead.kinds.firstIndex(of: kind) { try restoration.add(page, number) }
    switch kind {
    case .head, .slots, .chunks, .texts:
      guard rows != nil else { throw .otherWindows }
      try rows?.restore(block, from: origin, bytes)
    case .cellHead: try restoration.add(try Self.head(bytes, cells.layout), of: page.group, from: origin)
    case .cellSlots: try WindowLogic.adopt(bytes, page, into: &cells.slots)
    case .cells: try WindowLogic.adopt(bytes, page, into: &cells.cells)
    case .cellTexts: try WindowLogic.adopt(bytes, page, into: &cells.texts.units)
    case .cellValues: try WindowLogic.adopt(bytes, page, into: &cells.values.units)
    case .cellRegisters: try WindowLogic.adopt(bytes, page, into: &cells.values.sketches.registers)
    case .cellRanks: try WindowLogic.adopt(bytes, page, into: &cells.values.sketches.ranks)
    }
  }

  /// As that of `WindowLogic`.
  package mutating func endRestore() throws(StageFailure) {
    let saved = restoration
    restoration = CellRestoration()
    // Every key group that has a key has both kinds of state.
    let groups = saved.heads.map { $0 != nil }
    let groupsOfRows =
      switch rows {
      case let rows?: rows.restoration.heads.map { $0 != nil }
      case nil: groups
      }
    guard groupsOfRows == groups else { throw .otherWindows }
    try rows?.endRestore()
    guard !saved.isEmpty else { return }
    try saved.check()
    let isAlone = saved.origins.count == 1
    var slots = try WindowLogic.number(saved.pages[0], isAlone, &cells.slots)
    var units = RestoredCells(
      cells: try WindowLogic.number(saved.pages[1], isAlone, &cells.cells),
      texts: try WindowLogic.number(saved.pages[2], isAlone, &cells.texts.units),
      values: try WindowLogic.number(saved.pages[3], isAlone, &cells.values.units),
      registers: try WindowLogic.number(saved.pages[4], isAlone, &cells.values.sketches.registers),
      ranks: try WindowLogic.number(saved.pages[5], isAlone, &cells.values.sketches.ranks)
    )
    try cells.restore(saved.pages[0], &slots, &units)
    if plan.inputSchema.fields[plan.key].type == .string { try restoreTexts(saved, &units) }
    cells.slots.endRestore(used: slots.used, areKnown: isAlone)
    cells.cells.endRestore(used: units.cells.used, areKnown: isAlone)
    cells.texts.units.endRestore(used: units.texts.used, areKnown: isAlone)
    cells.values.units.endRestore(used: units.values.used, areKnown: isAlone)
    cells.values.sketches.registers.endRestore(used: units.registers.used, areKnown: isAlone)
    cells.values.sketches.ranks.endRestore(used: units.ranks.used, areKnown: isAlone)
    try fillTable()
  }

  private static func head(_ bytes: Span<UInt8>, _ layout: CellLayout) throws(StageFailure) -> CellHead {
    let head: CellHead
    do throws(MalformedBytes) {
      head = try CellHead(bytes.indices.map { bytes[$0] })
    } catch {
      throw .damagedWindows("the head of a key group: \(error)")
    }
    guard head.layout == layout.fingerprint else { throw .otherWindows }
    return head
  }

  private mutating func restoreTexts(_ saved: CellRestoration, _ units: inout RestoredCells) throws(StageFailure) {
    let textWord = cells.layout.textWord
    var from = 0
    while let slot = cells.open.first(from: from) {
      from = slot + 1
      let group = cells.slots.group(of: slot)
      let pages = units.texts.pages(from: saved.heads[group]?.origin ?? 0)
      let words = cells.slots.restoredWords(of: slot)
      let (first, hash) = try cells.texts.take(Int(words[textWord]), group, pages, &units.texts)
      words[textWord] = Int64(first)
      guard hash == UInt64(bitPattern: words[CellLayout.hashWord]) else {
        throw .damagedWindows("a key is not the one of its cells")
      }
    }
  }

  /// Enters every key into the table.
  private mutating func fillTable() throws(StageFailure) {
    table = KeyTable(keys: cells.open.count)
    let isText = plan.inputSchema.fields[plan.key].type == .string
    let textWord = cells.layout.textWord
    var from = 0
    while let slot = cells.open.first(from: from) {
      from = slot + 1
      let words = cells.slots.words(of: slot)
      let hash = UInt64(bitPattern: words[CellLayout.hashWord])
      let other = table.find(hash) { other in
        !isText || cells.texts.areEqual(Int(words[textWord]), Int(cells.slots.words(of: other)[textWord]))
      }
      guard other == nil else { throw .damagedWindows("a key is there twice") }
      table.insert(hash, slot: slot)
    }
  }
}

/// The units that slots link to, by kind.
struct RestoredCells: ~Copyable {
  var cells: RestoredUnits
  var texts: RestoredUnits
  var values: RestoredUnits
  var registers: RestoredUnits
  var ranks: RestoredUnits
}

extension KeyedCells {
  /// Finds the open slots among the restored ones and follows all that they link to, giving links their new numbers.
  ///
  /// What the work on rows relies on is checked: a key's cells lead from the oldest edge to the tail, each later than
  /// the one before, through units of its group that nothing else has. What edges passed, and what windows hold, is
  /// found again when the next row of the key comes: until then all edges are at its first cell.
  mutating func restore(
    _ saved: [Restoration.Page],
    _ slotUnits: inout RestoredUnits,
    _ units: inout RestoredCells
  ) throws(StageFailure) {
    for page in saved {
      let slotPages = slotUnits.pages(from: page.origin)
      for place in 0..<UnitPages.unitsPerPage {
        let number = page.number << UnitPages.shift + place
        let slot = try slotUnits.find(number, from: slotPages, in: page.group)
        let words = slots.restoredWords(of: slot)
        guard words[CellLayout.tailWord] != 0 else { continue }
        _ = try slotUnits.take(number, from: slotPages, in: page.group)
        let hash = UInt64(bitPattern: words[CellLayout.hashWord])
        guard KeyGroups.group(ofHash: hash) == page.group else { throw .damagedWindows("a key is in another's group") }
        try restoreCells(words, page, &units.cells)
        for number in layout.sets.indices {
          try values.restore(layout.sets[number], number, slot, words, page, &units)
        }
        open.open(slot, pageCount: slots.pageCount)
      }
    }
  }

  private mutating func restoreCells(
    _ words: MutableUnitWords,
    _ page: Restoration.Page,
    _ units: inout RestoredUnits
  ) throws(StageFailure) {
    let layout = layout
    let pages = units.pages(from: page.origin)
    let tail = Int(words[CellLayout.tailWord] &- 1)
    var saved = Int(words[layout.oldestWord])
    var cell = try units.take(saved, from: pages, in: page.group)
    for edge in layout.ages.indices {
      if edge > 0 { words[layout.cursor(edge)] = Int64(cell) }
      for word in 0..<layout.amountWords { words[layout.amount(edge) + word] = 0 }
    }
    beginDerived(words)
    // The least of windows up to now are among those of cells.
    for extreme in layout.extremes where extreme.newer == 0 { words[extreme.word + 1] = 1 }
    words[CellLayout.momentWord] = 0
    add(cells.words(of: cell), to: words, CellLayout.amountWord)
    while saved != tail {
      let passed = cells.restoredWords(of: cell)
      saved = Int(passed[CellLayout.linkWord])
      let next = try units.take(saved, from: pages, in: page.group)
      passed[CellLayout.linkWord] = Int64(next)
      let number = cells.words(of: next)[CellLayout.numberWord]
      guard number > passed[CellLayout.numberWord] else { throw .damagedWindows("a key's cells are out of order") }
      cell = next
      add(cells.words(of: cell), to: words, CellLayout.amountWord)
    }
    words[CellLayout.tailWord] = Int64(cell) + 1
  }
}

extension CellValues {
  /// Takes the values of a key's set into use, and its registers, if it has any.
  mutating func restore(
    _ set: CellSet,
    _ number: Int,
    _ slot: Int,
    _ words: MutableUnitWords,
    _ page: Restoration.Page,
    _ units: inout RestoredCells
  ) throws(StageFailure) {
    let pages = units.values.pages(from: page.origin)
    let size = words[set.word + CellSet.size]
    var saved = words[set.word + CellSet.head]
    let register = words[set.word + CellSet.registers]
    let givenUp = words[set.word + CellSet.givenUp]
    guard 0...Int64(set.exact) ~= size else { throw .damagedWindows("a key has \(size) different values") }
    set.begin(words)
    words[set.word + CellSet.givenUp] = givenUp
    words[set.word + CellSet.size] = size
    let owner = Self.owner(slot, number)
    var last = CellSet.none
    for _ in 0..<size {
      let unit = try units.values.take(Int(saved), from: pages, in: page.group)
      let value = self.units.restoredWords(of: unit)
      saved = value[Self.next]
      let hash = UInt64(bitPattern: value[Self.hash])
      guard find(hash, owner) == nil else { throw .damagedWindows("a key has a value twice") }
      value[Self.owner] = owner
      value[Self.previous] = last
      value[Self.next] = CellSet.none
      if last == CellSet.none {
        words[set.word + CellSet.head] = Int64(unit)
      } else {
        let before = self.units.restoredWords(of: Int(last))
        guard before[Self.cell] <= value[Self.cell] else { throw .damagedWindows("a key's values are out of order") }
        before[Self.next] = Int64(unit)
      }
      enter(unit, hash, owner)
      last = Int64(unit)
    }
    words[set.word + CellSet.tail] = last
    for window in 0..<set.windows {
      words[set.word + CellSet.first(window)] = words[set.word + CellSet.head]
      words[set.word + CellSet.count(window)] = size
    }
    guard givenUp != CellSet.never else { return }
    sketches.begin(set, words)
    try sketches.restore(set, register, words, page, &units)
  }
}

extension CellSketches {
  fileprivate mutating func restore(
    _ set: CellSet,
    _ first: Int64,
    _ words: MutableUnitWords,
    _ page: Restoration.Page,
    _ units: inout RestoredCells
  ) throws(StageFailure) {
    let pages = units.registers.pages(from: page.origin)
    var saved = first
    var last = CellSet.none
    while saved != CellSet.none {
      let unit = try units.registers.take(Int(saved), from: pages, in: page.group)
      let register = registers.restoredWords(of: unit)
      saved = register[Self.next]
      register[Self.next] = CellSet.none
      let place = register[Self.number]
      guard 0..<Int64(HyperLogLog.registers) ~= place, enter(unit, Int(place), set, words) else {
        throw .damagedWindows("a register of a key is out of its range, or there twice")
      }
      try restoreRanks(register, page, &units.ranks)
      if last == CellSet.none {
        words[set.word + CellSet.registers] = Int64(unit)
      } else {
        registers.restoredWords(of: Int(last))[Self.next] = Int64(unit)
      }
      last = Int64(unit)
    }
  }

  private func restoreRanks(
    _ register: MutableUnitWords,
    _ page: Restoration.Page,
    _ units: inout RestoredUnits
  ) throws(StageFailure) {
    let pages = units.pages(from: page.origin)
    var rank = CellRank(register[Self.newest]).rank
    guard 1...HyperLogLog.mostRank ~= rank else { throw .damagedWindows("a register has the rank \(rank)") }
    var link = register
    var word = Self.older
    while link[word] != CellSet.none {
      let unit = try units.take(Int(link[word]), from: pages, in: page.group)
      link[word] = Int64(unit)
      link = ranks.restoredWords(of: unit)
      word = Self.next
      let older = CellRank(link[Self.rank]).rank
      guard rank < older, older <= HyperLogLog.mostRank else {
        throw .damagedWindows("a register has the rank \(older)")
      }
      rank = older
    }
  }
}
