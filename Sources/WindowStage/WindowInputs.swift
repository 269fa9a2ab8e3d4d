internal import Expressions
internal import Records

/// Evaluates the inputs of a plan that are no columns.
struct WindowInputs: ~Copyable {
  private var computed: ComputedColumns
  private let count: Int

  init(_ plan: WindowPlan, _ values: [WindowLayout.Value]) {
    let expressions = values.filter { $0.column == nil }.map { plan.inputs[$0.input] }
    computed = ComputedColumns(ExpressionSet(expressions))
    count = expressions.count
  }

  /// Their values, in the order of the layout's; valid until the next call.
  mutating func evaluate(_ batch: RecordBatch) -> [ColumnView] {
    guard count > 0 else { return [] }
    computed.evaluate(columns: batch.columns, rows: batch.rowCount)
    return (0..<count).map { computed.column($0, rows: batch.rowCount) }
  }
}
