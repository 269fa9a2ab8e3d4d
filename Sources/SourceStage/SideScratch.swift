internal import Dataflow
internal import Records

/// Rows for a side output, until there are enough for a batch or the step ends.
struct SideScratch: ~Copyable {
  private let output: StageOutput
  private let schema: Schema
  private var rows: ColumnScratch
  private var count = 0

  private static var mostRows: Int { 512 }
  private static var mostText: Int { 1 << 20 }

  init(_ output: StageOutput, _ schema: Schema) {
    self.output = output
    self.schema = schema
    rows = ColumnScratch(RecordLayout.positionFields + schema.fields, capacity: Self.mostRows)
  }

  /// Adds a row that stands in the place `row` of others with the same columns.
  mutating func add(_ row: Int, of other: borrowing ColumnScratch, _ position: Position, arrival: Int64) {
    rows.copy(row, of: other, to: count)
    place(position, arrival: arrival)
  }

  /// Adds a dead letter.
  mutating func add(_ letter: DeadLetter, raw: Span<UInt8>, _ position: Position, arrival: Int64) {
    let columns = RecordLayout.columnsBefore
    store(letter.source, column: columns)
    rows.store(Int64(letter.line), column: columns + 1, row: count)
    rows.store(Int64(letter.offset), column: columns + 2, row: count)
    if let field = letter.field {
      store(field, column: columns + 3)
    } else {
      rows.storeNull(column: columns + 3, row: count)
    }
    store(letter.reason, column: columns + 4)
    let kept = raw.extracting(first: DeadLetter.mostBytes)
    store(unsafe kept.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }, column: columns + 5)
    place(position, arrival: arrival)
  }

  private mutating func store(_ text: String, column: Int) {
    let bytes = Array(text.utf8)
    rows.store(bytes.span, column: column, row: count)
  }

  private mutating func place(_ position: Position, arrival: Int64) {
    rows.store(position.time, column: 0, row: count)
    rows.store(Int64(bitPattern: position.tag), column: 1, row: count)
    rows.store(arrival, column: 2, row: count)
    count += 1
  }

  var isFull: Bool { count == Self.mostRows || rows.longestText >= Self.mostText }

  /// Leaves the rows.
  mutating func leave(into effects: inout StageEffects) {
    guard count > 0 else { return }
    let columns = schema.fields.indices.map { rows.view($0 + RecordLayout.columnsBefore, rows: count) }
    let batch = RecordBatch(
      schema,
      positions: rows.positions(rows: count),
      arrivals: rows.view(2, rows: count),
      columns: columns,
      rows: .range(0..<count)
    )
    effects.side.append(SideRows(output, batch))
    count = 0
    rows.reset(rows: Self.mostRows)
  }
}

/// What a source leaves beside its rows.
///
/// A row of a side output stands where the watermark was when it came, by its own ordinal: such positions rise, and are those of
/// no other row.
extension RecordSource where Reader: ~Copyable {
  /// Where what became of the next record stands in a side output.
  private var sidePosition: Position { plan.position(time: floor, record: records) }

  /// Leaves the row that was read last for those that read late rows.
  ///
  /// - Returns: false where nobody does.
  mutating func leaveLate(arrival: Int64, into effects: inout StageEffects) -> Bool {
    guard lateRows != nil else { return false }
    let position = sidePosition
    lateRows?.add(read, of: rows, position, arrival: arrival)
    if lateRows?.isFull == true { lateRows?.leave(into: &effects) }
    return true
  }

  /// Leaves a dead letter for those that read them, where somebody does.
  mutating func leave(_ letter: DeadLetter, raw: Span<UInt8>, into effects: inout StageEffects) {
    guard letters != nil else { return }
    // The other one is in the file.
    effects.counters.copied += 1
    let (position, now) = (sidePosition, now)
    letters?.add(letter, raw: raw, position, arrival: now)
    if letters?.isFull == true { letters?.leave(into: &effects) }
  }

  mutating func leaveSides(into effects: inout StageEffects) {
    if lateRows != nil { lateRows?.leave(into: &effects) }
    if letters != nil { letters?.leave(into: &effects) }
  }
}
