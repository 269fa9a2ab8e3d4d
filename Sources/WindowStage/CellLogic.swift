package import Dataflow
internal import Expressions
package import Records

/// The window stage where some windows are made of cells of time, and the others, if any, of rows.
///
/// As `WindowLogic`, the result for a row depends on nothing but the rows before it in the pipeline's order.
package struct CellLogic: ~Copyable, StageLogic {
  package let plan: WindowPlan
  /// The windows that are made of rows.
  var rows: WindowLogic?
  var cells: KeyedCells
  var table = KeyTable()
  /// What was given back of a saved state so far.
  var restoration = CellRestoration()
  private var sweepSlot = 0
  private var staged = StagedRows()
  private var inputs: WindowInputs
  /// For each set, the hashes of the batch's values.
  private var hashes: [UInt64] = []
  private var scratch: ColumnScratch

  /// - Parameter plan: with a resolution.
  package init(_ plan: WindowPlan, resolution: Int64) {
    self.plan = plan
    rows = plan.ofRows.map { WindowLogic($0) }
    cells = KeyedCells(CellLayout(plan, resolution: resolution))
    inputs = WindowInputs(plan, cells.layout.values)
    let added = plan.outputSchema.fields.suffix(plan.aggregates.count)
    let fields = zip(added, plan.aggregates).filter { $1.resolution != nil }.map(\.0)
    scratch = ColumnScratch(fields, capacity: 1024)
  }

  /// Keys with a cell in any window, and those not yet found to have none.
  package var keyCount: Int { table.count }

  /// Memory of the state.
  package var memoryBytes: Int {
    let ofRows =
      switch rows {
      case let rows?: rows.memoryBytes
      case nil: 0
      }
    return ofRows + table.memoryBytes + cells.memoryBytes
  }

  package mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
    let ofRows = try rows?.results(batch) ?? []
    let count = batch.rowCount
    try stage(batch)
    let keysBefore = table.count
    scratch.reset(rows: count)
    try findSlots(batch.column(plan.key), count)
    Self.run(staged, count, hashes, &cells, into: &scratch)
    if count > 0 { sweep(slots: 4 * (table.count - keysBefore) + count / 64 + 1) }
    var (ofCells, rest) = (0, ofRows.makeIterator())
    var columns = batch.columns
    for aggregate in plan.aggregates {
      if aggregate.resolution != nil {
        columns.append(scratch.view(ofCells, rows: count))
        ofCells += 1
      } else if let column = rest.next() {
        columns.append(column)
      }
    }
    effects.rows.append(
      LooseRows(
        plan.outputSchema,
        positions: batch.positions,
        arrivals: batch.arrivals,
        columns: columns,
        rows: .range(0..<count)
      )
    )
  }

  package mutating func finish(into effects: inout StageEffects) throws(StageFailure) {
    effects.figures += [Figure(.liveKeys, Double(keyCount)), Figure(.stateBytes, Double(memoryBytes))]
  }

  /// Takes in the times, values and hashes of a batch.
  private mutating func stage(_ batch: RecordBatch) throws(StageFailure) {
    guard batch.schema.fingerprint == plan.inputSchema.fingerprint else {
      throw StageFailure("the window stage was given rows of another schema than its plan's")
    }
    let computed = inputs.evaluate(batch)
    let values = cells.layout.values
    try staged.read(batch, values, cells.layout.shape, computed)
    let count = batch.rowCount
    let room = count * cells.layout.sets.count
    if hashes.count < room { hashes = Array(repeating: 0, count: room) }
    for (number, set) in cells.layout.sets.enumerated() {
      let before = values[..<set.value].count { $0.column == nil }
      let column = values[set.value].column.map { batch.column($0) } ?? computed[before]
      hash(column, set, from: number * count)
    }
  }

  private mutating func hash(_ column: ColumnView, _ set: CellSet, from first: Int) {
    for row in 0..<column.count {
      hashes[first + row] =
        switch column.type {
        case .string: StableHash.of(column.utf8(row))
        case .bool: StableHash.of(column.bool(row) ? 1 : 0)
        default: StableHash.of(set.kept(column.int64(row)))
        }
    }
  }

  // MARK: Rows

  /// Finds the slot of each row's key, or makes one.
  private mutating func findSlots(_ keys: ColumnView, _ count: Int) throws(StageFailure) {
    for row in 0..<count { staged.slots[row] = try slot(of: keys, row) }
  }

  private static func run(
    _ staged: StagedRows,
    _ count: Int,
    _ hashes: [UInt64],
    _ cells: inout KeyedCells,
    into scratch: inout ColumnScratch
  ) {
    let layout = cells.layout
    let shape = layout.shape
    let rows = staged.words.span
    let slots = staged.slots.span
    for row in 0..<count {
      if row &+ Self.rowsAhead < count { cells.fetch(slots[row &+ Self.rowsAhead]) }
      let start = row &* shape.rowWords
      let words = cells.slots.mutableWords(of: slots[row])
      cells.come(to: rows[start])
      cells.come(words)
      for column in layout.results.indices where layout.results[column].isBeforeThisRow {
        cells.store(layout.results[column], words, column: column, row: row, into: &scratch)
      }
      cells.append(rows, at: start, words, layout, shape)
      let flags = rows[start &+ shape.flagsWord]
      for number in layout.sets.indices where flags &>> Int64(layout.sets[number].value) & 1 != 0 {
        cells.see(hashes[number &* count &+ row], number, slots[row], words)
      }
      for column in layout.results.indices where !layout.results[column].isBeforeThisRow {
        cells.store(layout.results[column], words, column: column, row: row, into: &scratch)
      }
    }
  }

  /// How many rows ahead a slot is fetched into the cache.
  private static var rowsAhead: Int { 8 }

  /// The slot of a row's key, or a new one.
  private mutating func slot(of keys: ColumnView, _ row: Int) throws(StageFailure) -> Int {
    guard keys.type == .string else {
      let hash = StableHash.of(keys.int64(row))
      if let slot = table.find(hash) { return slot }
      return try open(hash, row)
    }
    let key = keys.utf8(row)
    let hash = StableHash.of(key)
    let textWord = cells.layout.textWord
    let known = table.find(hash, where: { cells.texts.holds(key, at: Int(cells.slots.words(of: $0)[textWord])) })
    if let known { return known }
    let slot = try open(hash, row)
    let text = cells.texts.insert(key, in: KeyGroups.group(ofHash: hash))
    cells.slots.mutableWords(of: slot)[textWord] = Int64(text)
    return slot
  }

  private mutating func open(_ hash: UInt64, _ row: Int) throws(StageFailure) -> Int {
    guard cells.cells.count < Cursor.mostChunks, cells.values.units.count < Cursor.mostChunks else {
      throw StageFailure("the windows hold more than \(Cursor.mostChunks) cells; use more workers")
    }
    let slot = cells.openKey(hash, at: staged.words[row &* cells.layout.shape.rowWords])
    table.insert(hash, slot: slot)
    return slot
  }

  // MARK: Keys

  /// As that of `WindowLogic`.
  private mutating func sweep(slots budget: Int) {
    var budget = budget
    var pages = cells.open.pages.count
    while budget > 0, pages > 0 {
      budget -= 1
      if sweepSlot >> UnitPages.shift >= cells.open.pages.count { sweepSlot = 0 }
      guard let slot = cells.open.firstOfPage(from: sweepSlot) else {
        sweepSlot = (sweepSlot >> UnitPages.shift + 1) << UnitPages.shift
        pages -= 1
        continue
      }
      sweepSlot = slot + 1
      if slot & (UnitPages.unitsPerPage - 1) == UnitPages.unitsPerPage - 1 { pages -= 1 }
      if cells.isForgotten(slot) { forget(slot) }
    }
  }

  private mutating func forget(_ slot: Int) {
    let words = cells.slots.words(of: slot)
    table.remove(UInt64(bitPattern: words[CellLayout.hashWord]), slot: slot)
    if plan.inputSchema.fields[plan.key].type == .string { cells.texts.remove(Int(words[cells.layout.textWord])) }
    cells.close(slot)
  }
}

extension KeyedCells {
  @inline(__always)
  func fetch(_ slot: Int) {
    var word = 0
    while word < slots.stride {
      slots.fetch(word, of: slot)
      word &+= UnitPages.lineWords
    }
  }

  /// A key has a value of a set in its newest cell.
  @inline(__always)
  mutating func see(_ hash: UInt64, _ number: Int, _ slot: Int, _ words: MutableUnitWords) {
    values.see(hash, number, layout.sets[number], slot, words, moment.borders)
  }
}
