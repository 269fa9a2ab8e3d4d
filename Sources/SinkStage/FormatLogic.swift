package import Dataflow
package import Expressions
package import Records

/// Makes a line of text of each row that a sink shows: what of a sink's work several workers can share. One sink writes the
/// lines, in the order of the rows.
package struct FormatLogic: StageLogic, ~Copyable {
  private let plan: SinkPlan
  private let schema: Schema
  private var filter: Predicate?
  private let writer: RowWriter
  private var lines: ColumnScratch
  private var text = TextBuffer()

  /// - Parameter filter: which rows are shown; nil: all. All are handed on, for their scores are evaluated.
  package init(_ plan: SinkPlan, filter: consuming Predicate?) {
    self.plan = plan
    self.filter = filter
    schema = plan.lineSchema
    writer = RowWriter(plan)
    lines = ColumnScratch([schema.fields[0]], capacity: 4096)
  }

  package mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
    effects.rows.append(lines(of: LooseRows(batch)))
  }

  /// The rows as lines, with what is evaluated of them.
  package mutating func lines(of loose: LooseRows) -> LooseRows {
    let dense = loose.dense
    let columns = dense.columns
    let rows = dense.count
    lines.reset(rows: rows)
    switch filter.select(columns, rows: rows) {
    case .range(let range): for row in range { Self.store(columns, row, writer, &text, into: &lines) }
    case .rows(let shown):
      var next = 0
      for row in 0..<rows {
        if next < shown.count, Int(shown[next]) == row {
          Self.store(columns, row, writer, &text, into: &lines)
          next += 1
        } else {
          lines.storeNull(column: 0, row: row)
        }
      }
    }
    return LooseRows(
      schema,
      positions: dense.positions,
      arrivals: dense.arrivals,
      columns: [lines.view(0, rows: rows)] + plan.columnsBesideLines.map { columns[$0] },
      rows: .range(0..<rows)
    )
  }

  package mutating func finish(into effects: inout StageEffects) throws(StageFailure) {}

  private static func store(
    _ columns: [ColumnView],
    _ row: Int,
    _ writer: RowWriter,
    _ text: inout TextBuffer,
    into lines: inout ColumnScratch
  ) {
    text.removeAll()
    writer.write(columns, row, to: &text)
    lines.store(text.bytes, column: 0, row: row)
  }
}
