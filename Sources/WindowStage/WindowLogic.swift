package import Dataflow
internal import Expressions
package import Records

/// The window stage: adds to each row what the sliding windows of its key hold at it.
///
/// The result for a row depends on nothing but the rows before it in the pipeline's order, so not on how they are cut
/// into batches.
package struct WindowLogic: ~Copyable, StageLogic {
  package let plan: WindowPlan
  var rows: KeyedRows
  var table = KeyTable()
  /// The slot at which the search for forgotten keys goes on.
  var sweepSlot = 0
  /// What was given back of a saved state so far.
  var restoration = Restoration()
  private(set) var staged = StagedRows()
  private var inputs: WindowInputs
  private var scratch: ColumnScratch

  package init(_ plan: WindowPlan) {
    self.plan = plan
    rows = KeyedRows(WindowLayout(plan))
    inputs = WindowInputs(plan, rows.layout.values)
    scratch = ColumnScratch(Array(plan.outputSchema.fields.suffix(plan.aggregates.count)), capacity: 1024)
  }

  /// Keys with rows in any window, and those not yet found to have none.
  package var keyCount: Int { table.count }

  /// Memory of the state: keys, their sums and their rows.
  package var memoryBytes: Int {
    table.memoryBytes + rows.texts.memoryBytes + rows.slots.memoryBytes + rows.chunks.memoryBytes
      + rows.values.memoryBytes
  }

  package mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
    let results = try results(batch)
    effects.rows.append(
      LooseRows(
        plan.outputSchema,
        positions: batch.positions,
        arrivals: batch.arrivals,
        columns: batch.columns + results,
        rows: .range(0..<batch.rowCount)
      )
    )
  }

  /// Takes in the rows of a batch and gives a column for each aggregate; valid until the next call.
  mutating func results(_ batch: RecordBatch) throws(StageFailure) -> [ColumnView] {
    try stage(batch)
    let count = batch.rowCount
    let keysBefore = table.count
    try findSlots(batch.column(plan.key), 0..<count)
    scratch.reset(rows: count)
    try Self.run(staged, count, &rows, into: &scratch)
    // A new key pays for the search of four slots, so that keys that went quiet never outnumber the others for long.
    sweep(at: staged.latest, slots: 4 * (table.count - keysBefore) + count / 64 + 1)
    return scratch.fields.indices.map { scratch.view($0, rows: count) }
  }

  package mutating func finish(into effects: inout StageEffects) throws(StageFailure) {
    effects.figures += [Figure(.liveKeys, Double(keyCount)), Figure(.stateBytes, Double(memoryBytes))]
  }

  /// Takes in the times and values of a batch.
  mutating func stage(_ batch: RecordBatch) throws(StageFailure) {
    guard batch.schema.fingerprint == plan.inputSchema.fingerprint else {
      throw StageFailure("the window stage was given rows of another schema than its plan's")
    }
    try staged.read(batch, rows.layout.values, rows.layout.shape, inputs.evaluate(batch))
  }

  /// Finds the slot of each row's key, or makes one. Apart from the work on the slots, so that these look-ups, which wait
  /// for nothing but memory, overlap.
  mutating func findSlots(_ keys: ColumnView, _ range: Range<Int>) throws(StageFailure) {
    if keys.type == .string {
      for row in range { staged.slots[row] = try slot(of: keys.utf8(row), row: row) }
    } else {
      for row in range {
        let hash = StableHash.of(keys.int64(row))
        staged.slots[row] = if let slot = table.find(hash) { slot } else { try open(hash, row: row) }
      }
    }
  }

  private mutating func slot(of key: Span<UInt8>, row: Int) throws(StageFailure) -> Int {
    let hash = StableHash.of(key)
    let textWord = rows.layout.textWord
    if let slot = table.find(hash, where: { rows.texts.holds(key, at: Int(rows.slots.words(of: $0)[textWord])) }) {
      return slot
    }
    let slot = try open(hash, row: row)
    let text = rows.texts.insert(key, in: KeyGroups.group(ofHash: hash))
    rows.slots.mutableWords(of: slot)[textWord] = Int64(text)
    return slot
  }

  private mutating func open(_ hash: UInt64, row: Int) throws(StageFailure) -> Int {
    let slot = try rows.open(hash, at: staged.words[row * rows.layout.shape.rowWords])
    table.insert(hash, slot: slot)
    return slot
  }

  /// Appends a staged row, whose slot is found, to its key.
  mutating func append(_ row: Int) throws(StageFailure) { try rows.append(row, of: staged) }

  private static func run(
    _ staged: StagedRows,
    _ count: Int,
    _ rows: inout KeyedRows,
    into scratch: inout ColumnScratch
  ) throws(StageFailure) {
    guard rows.layout.isPlain else {
      try runAny(staged, count, &rows, into: &scratch)
      return
    }
    // The usual shapes as constants, so that the work on them is compiled for each.
    switch (rows.layout.values.count, rows.layout.shape.hasFlags) {
    case (0, false):
      try run(staged, count, &rows, NoValues(), into: &scratch)
    case (1, false):
      try run(staged, count, &rows, OneValue(), into: &scratch)
    default:
      try run(staged, count, &rows, rows.layout.shape, into: &scratch)
    }
  }

  private static func run<Shape: RowShape>(
    _ staged: StagedRows,
    _ count: Int,
    _ rows: inout KeyedRows,
    _ shape: Shape,
    into scratch: inout ColumnScratch
  ) throws(StageFailure) {
    let layout = rows.layout
    let ages = layout.ages.span
    let results = layout.results.span
    let words = staged.words.span
    let slots = staged.slots.span
    for row in -KeyedRows.rowsAhead..<count {
      rows.fetchAhead(of: row, slots, count, edges: ages.count, shape)
      if row < 0 { continue }
      let slot = rows.slots.mutableWords(of: slots[row])
      try rows.append(words, at: row &* shape.rowWords, to: slot, ages, shape)
      for column in results.indices {
        results[column].store(slot.words, shape, column: column, row: row, into: &scratch)
      }
    }
  }
  /// The same for edges and results of all kinds.
  private static func runAny(
    _ staged: StagedRows,
    _ count: Int,
    _ rows: inout KeyedRows,
    into scratch: inout ColumnScratch
  ) throws(StageFailure) {
    let layout = rows.layout
    let shape = layout.shape
    let words = staged.words.span
    let slots = staged.slots.span
    for row in -KeyedRows.rowsAhead..<count {
      rows.fetchAhead(of: row, slots, count, edges: layout.edges.count, shape)
      if row < 0 { continue }
      let slot = rows.slots.mutableWords(of: slots[row])
      let start = row &* shape.rowWords
      try rows.append(words, at: start, staged.columns, to: slot, slots[row], layout)
      for column in layout.results.indices {
        let result = layout.results[column]
        rows.store(result, slot, at: words[start], shape, column: column, row: row, into: &scratch)
      }
    }
  }
}
