package import Records

/// What `compute` and `where` do with a batch: the computed columns, each of which sees those before it, and the
/// filter, in one list of steps.
package struct Projection: ~Copyable {
  package let outputSchema: Schema
  private var evaluator: SetEvaluator
  private let hasFilter: Bool
  private var computed: ColumnScratch

  /// - Parameters:
  ///   - compute: names and values of the columns to add.
  ///   - filter: of type `bool`; nil keeps every row.
  package init(input: Schema, compute: [(name: String, expression: Expression)], filter: Expression?) {
    precondition(filter.map { $0.type == .bool } ?? true)
    let added = compute.map { Field($0.name, $0.expression.type, nullable: $0.expression.isNullable) }
    outputSchema = input.appending(added)
    let expressions = compute.map(\.expression) + (filter.map { [$0] } ?? [])
    evaluator = SetEvaluator(ExpressionSet(chained: expressions, over: input))
    hasFilter = filter != nil
    computed = ColumnScratch(added, capacity: 4096)
  }

  /// The rows with their computed columns and without those that the filter drops; nil when it drops all.
  package mutating func apply(_ loose: LooseRows) -> (rows: LooseRows?, dropped: Int) {
    let dense = loose.dense
    let rows = dense.count
    var selected: [UInt32] = []
    computed.reset(rows: rows)
    var first = 0
    while first < rows {
      let part = first..<min(first + SetEvaluator.mostRows, rows)
      evaluator.evaluate(columns: dense.columns, rows: part)
      for column in computed.fields.indices {
        evaluator.store(column, into: &computed, column: column, columns: dense.columns, first: first)
      }
      if hasFilter { evaluator.appendHolding(computed.fields.count, to: &selected, first: first) }
      first = part.upperBound
    }
    let kept: RowSelection = !hasFilter || selected.count == rows ? .range(0..<rows) : .rows(selected)
    if kept.count == 0 { return (nil, rows) }
    if computed.fields.isEmpty && kept.count == rows { return (dense, 0) }
    let result = LooseRows(
      outputSchema,
      positions: dense.positions,
      arrivals: dense.arrivals,
      columns: dense.columns + computed.fields.indices.map { computed.view($0, rows: rows) },
      rows: kept
    )
    return (result, rows - kept.count)
  }
}
