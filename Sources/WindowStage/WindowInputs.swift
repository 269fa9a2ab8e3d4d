internal import Expressions
internal import Records

/// Evaluates the inputs of a plan that are no columns.
struct WindowInputs: ~Copyable {
  private var projection: Projection
  private let first: Int
  private let isEmpty: Bool

  init(_ plan: WindowPlan, _ layout: WindowLayout) {
    let computed = layout.values.filter { $0.column == nil }
    projection = Projection(
      input: plan.inputSchema,
      compute: computed.map { ("input \($0.input)", plan.inputs[$0.input]) },
      filter: nil
    )
    first = plan.inputSchema.fields.count
    isEmpty = computed.isEmpty
  }

  /// Their values, in the order of the layout's; valid until the next call.
  mutating func evaluate(_ batch: RecordBatch) -> [ColumnView] {
    guard !isEmpty else { return [] }
    return projection.apply(LooseRows(batch)).rows.map { Array($0.columns.dropFirst(first)) } ?? []
  }
}
