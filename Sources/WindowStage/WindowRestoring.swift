package import Dataflow
internal import Records

extension WindowLogic {
  package mutating func restore(
    _ block: StateBlock,
    from origin: Int,
    _ bytes: Span<UInt8>
  ) throws(StageFailure) {
    precondition(table.count == 0, "state is given back before any row")
    let (kind, page) = try Self.page(of: block, from: origin)
    switch kind {
    case .head: try restoration.add(try Self.head(bytes, rows.layout), of: page.group, from: origin)
    case .slots:
      try restoration.add(page, kind)
      try Self.adopt(bytes, page, into: &rows.slots)
    case .chunks:
      try restoration.add(page, kind)
      try Self.adopt(bytes, page, into: &rows.chunks)
    case .texts:
      try restoration.add(page, kind)
      try Self.adopt(bytes, page, into: &rows.texts.units)
    case .cellHead, .cellSlots, .cells, .cellTexts, .cellValues, .cellRegisters, .cellRanks:
      throw .otherWindows
    }
  }

  /// What a saved block is.
  static func page(
    of block: StateBlock,
    from origin: Int
  ) throws(StageFailure) -> (kind: BlockKind, page: Restoration.Page) {
    let group = Int(block.group)
    guard group < KeyGroups.count, let kind = BlockKind(rawValue: block.kind) else {
      throw .damagedWindows("a block of kind \(block.kind) of key group \(group)")
    }
    return (kind, Restoration.Page(origin: origin, group: group, number: Int(block.number)))
  }

  /// From one worker the pages keep their numbers and count as saved; from several they get new ones and count as changed.
  package mutating func endRestore() throws(StageFailure) {
    let saved = restoration
    restoration = Restoration()
    guard !saved.isEmpty else { return }
    try saved.check()
    let isAlone = saved.origins.count == 1
    var slots = try Self.number(saved.slots, isAlone, &rows.slots)
    var chunks = try Self.number(saved.chunks, isAlone, &rows.chunks)
    var textUnits = try Self.number(saved.texts, isAlone, &rows.texts.units)
    try rows.restore(saved, &slots, &chunks)
    if plan.inputSchema.fields[plan.key].type == .string {
      try rows.restoreTexts(saved, &textUnits)
    }
    if !rows.layout.isPlain { try rows.findAgain(saved, &textUnits) }
    rows.slots.endRestore(used: slots.used, areKnown: isAlone)
    rows.chunks.endRestore(used: chunks.used, areKnown: isAlone)
    rows.texts.units.endRestore(used: textUnits.used, areKnown: isAlone)
    try fillTable()
  }

  private static func head(_ bytes: Span<UInt8>, _ layout: WindowLayout) throws(StageFailure) -> StateHead {
    let head: StateHead
    do throws(MalformedBytes) {
      head = try StateHead(bytes.indices.map { bytes[$0] })
    } catch {
      throw .damagedWindows("the head of a key group: \(error)")
    }
    guard head.layout == layout.fingerprint else {
      throw .otherWindows
    }
    return head
  }

  static func adopt(
    _ bytes: Span<UInt8>,
    _ page: Restoration.Page,
    into units: inout UnitPages
  ) throws(StageFailure) {
    guard bytes.count == units.pageBytes else {
      throw .damagedWindows("block \(page.number) of key group \(page.group) has \(bytes.count) bytes")
    }
    units.adopt(bytes, group: page.group)
  }

  static func number(
    _ saved: [Restoration.Page],
    _ keepsNumbers: Bool,
    _ units: inout UnitPages
  ) throws(StageFailure) -> RestoredUnits {
    let numbers = keepsNumbers ? saved.map(\.number) : Array(saved.indices)
    guard Set(numbers).count == numbers.count else { throw .damagedWindows("a block is there twice") }
    units.arrange(numbers)
    return try RestoredUnits(saved, numbers: numbers, groups: units.groups)
  }

  /// Enters every key into the table.
  private mutating func fillTable() throws(StageFailure) {
    table = KeyTable(keys: rows.openSlots.reduce(0) { $0 + $1.nonzeroBitCount })
    let isText = plan.inputSchema.fields[plan.key].type == .string
    let textWord = rows.layout.textWord
    for page in rows.openSlots.indices {
      var from = page << UnitPages.shift
      while from >> UnitPages.shift == page, let slot = rows.openSlot(from: from) {
        from = slot + 1
        let words = rows.slots.words(of: slot)
        let hash = UInt64(bitPattern: words[WindowLayout.hashWord])
        let other = table.find(hash) { other in
          !isText || rows.texts.areEqual(Int(words[textWord]), Int(rows.slots.words(of: other)[textWord]))
        }
        guard other == nil else { throw .damagedWindows("a key is there twice") }
        table.insert(hash, slot: slot)
      }
    }
  }
}
