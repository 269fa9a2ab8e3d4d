package import Dataflow
package import Expressions
package import Records

/// Writes rows as text, and tells at the end how good their scores were.
package struct SinkLogic: StageLogic, ~Copyable {
  private let plan: SinkPlan
  private var filter: Predicate?
  private let writer: RowWriter
  private let frameSchema: Schema
  private var evaluation: Evaluation?
  /// Of each challenger.
  private var comparisons: [Comparison]
  private var budget: DailyBudget?
  private var hasHeader: Bool
  private var saved = SavedPieces()

  /// - Parameters:
  ///   - filter: which rows are written; nil: all. All are evaluated.
  ///   - hasHeader: whether the header is written already.
  package init(_ plan: SinkPlan, filter: consuming Predicate?, hasHeader: Bool = false) {
    self.hasHeader = hasHeader
    self.plan = plan
    self.filter = filter
    writer = RowWriter(plan)
    frameSchema = plan.frameSchema
    budget = plan.budget.map { DailyBudget($0) }
    evaluation = plan.evaluation.map { Evaluation($0, scoreIsNullable: plan.inputSchema.fields[$0.score].isNullable) }
    comparisons = Comparison.all(of: plan)
  }

  package mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
    let columns = batch.columns
    evaluation?.add(columns, times: batch.positions, rows: batch.rowCount)
    for index in comparisons.indices { comparisons[index].add(columns, times: batch.positions, rows: batch.rowCount) }
    let kept = plan.format == .lines ? lines(columns[0]) : filter.select(columns, rows: batch.rowCount)
    effects.counters.filtered += Int64(batch.rowCount - kept.count)
    if plan.format != .frames { writeHeader(&effects.output) }
    guard budget == nil else {
      budget?.add(columns, batch.positions, kept, writer, into: &effects)
      return
    }
    if plan.format == .frames {
      writeFrame(columns, batch.positions, kept, to: &effects.output)
    } else {
      writer.write(columns, kept, to: &effects.output)
    }
    effects.counters.rowsOut += Int64(kept.count)
  }

  package mutating func advance(
    to progress: Position,
    into effects: inout StageEffects
  ) throws(StageFailure) -> Position {
    budget?.advance(to: progress, into: &effects)
    return progress
  }

  package mutating func finish(into effects: inout StageEffects) throws(StageFailure) {
    writeHeader(&effects.output)
    if let figures = evaluation?.finish() { effects.figures += figures }
    for index in comparisons.indices { effects.figures += comparisons[index].finish() }
  }

  package mutating func snapshot(isFull: Bool) -> (any StateSnapshot)? {
    SinkSnapshot(
      SinkState(
        hasHeader: hasHeader,
        evaluation: evaluation?.state,
        budget: budget?.state,
        comparisons: comparisons.map(\.state)
      )
    )
  }

  package mutating func restore(
    _ block: StateBlock,
    from origin: Int,
    _ bytes: Span<UInt8>
  ) throws(StageFailure) {
    try saved.add(block, from: origin, bytes)
  }

  package mutating func endRestore() throws(StageFailure) {
    let bytes = try saved.joined()
    saved = SavedPieces()
    let state = try SinkState(
      bytes,
      evaluates: evaluation != nil,
      hasCards: evaluation?.hasCards == true,
      keep: budget?.keep
    )
    // The end of an epoch, where the state is saved before the header of empty results is written, is not in the state.
    hasHeader = hasHeader || state.hasHeader
    if let saved = state.evaluation { evaluation?.restore(saved) }
    if let saved = state.budget { budget?.restore(saved) }
    // A challenger that was not there when the state was saved begins now; nobody waits for it.
    for index in comparisons.indices {
      if let saved = state.comparisons.first(where: { $0.name == comparisons[index].name }) {
        comparisons[index].restore(saved)
      }
    }
  }

  /// The rows that are to be shown.
  private func lines(_ column: ColumnView) -> RowSelection {
    guard column.hasNulls else { return .range(0..<column.count) }
    return .rows((0..<UInt32(column.count)).filter { !column.isNull(Int($0)) })
  }

  private func writeFrame(
    _ columns: [ColumnView],
    _ positions: PositionsView,
    _ rows: RowSelection,
    to output: inout TextBuffer
  ) {
    guard rows.count > 0 else { return }
    let batch = RecordBatch(frameSchema, positions: positions, columns: plan.columns.map { columns[$0] }, rows: rows)
    let header = FrameHeader(
      kind: .rows,
      epoch: 0,
      sender: WorkerID(stage: 0, worker: 0),
      sequence: 0,
      watermark: batch.positions[rows.count - 1]
    )
    output.append(Frame(header, batch).storage.bytes)
  }

  private mutating func writeHeader(_ text: inout TextBuffer) {
    if !hasHeader { writer.writeHeader(to: &text) }
    hasHeader = true
  }
}

extension Predicate? where Wrapped: ~Copyable {
  /// The rows that pass; all where there is no predicate.
  mutating func select(_ columns: [ColumnView], rows: Int) -> RowSelection {
    self?.select(columns: columns, rows: rows) ?? .range(0..<rows)
  }
}
