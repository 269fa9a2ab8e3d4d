package import Records

/// What `compute` and `where` do with a batch: first the computed columns, each of which sees those before it, then the
/// filter.
package struct Projection: ~Copyable {
  package let outputSchema: Schema
  private var evaluators: [Evaluator]
  private var filter: Predicate?
  private var computed: ColumnScratch

  /// - Parameters:
  ///   - compute: names and values of the columns to add.
  ///   - filter: of type `bool`; nil keeps every row.
  package init(input: Schema, compute: [(name: String, expression: Expression)], filter: Expression?) {
    let added = compute.map { Field($0.name, $0.expression.type, nullable: $0.expression.isNullable) }
    outputSchema = input.appending(added)
    evaluators = compute.map { Evaluator($0.expression) }
    self.filter = filter.map { Predicate($0) }
    computed = ColumnScratch(added, capacity: 4096)
  }

  /// The rows with their computed columns and without those that the filter drops; nil when it drops all.
  package mutating func apply(_ loose: LooseRows) -> (rows: LooseRows?, dropped: Int) {
    let dense = loose.dense
    let rows = dense.count
    var columns = dense.columns
    computed.reset(rows: rows)
    for index in evaluators.indices {
      evaluators[index].evaluate(columns: columns, rows: rows)
      evaluators[index].result.store(into: &computed, column: index, rows: rows)
      columns.append(computed.view(index, rows: rows))
    }
    let kept = filter?.select(columns: columns, rows: rows) ?? .range(0..<rows)
    if kept.count == 0 { return (nil, rows) }
    if evaluators.isEmpty && kept.count == rows { return (dense, 0) }
    let result = LooseRows(
      outputSchema,
      positions: dense.positions,
      arrivals: dense.arrivals,
      columns: columns,
      rows: kept
    )
    return (result, rows - kept.count)
  }
}

extension Register {
  func store(into scratch: inout ColumnScratch, column: Int, rows: Int) {
    switch scratch.fields[column].type {
    case .string:
      for row in 0..<rows {
        if isNull(row) {
          scratch.storeNull(column: column, row: row)
        } else {
          withText(row) { scratch.store($0, column: column, row: row) }
        }
      }
      return
    case .bool: for row in 0..<rows { scratch.store(values[row] != 0, column: column, row: row) }
    default: for row in 0..<rows { scratch.store(values[row], column: column, row: row) }
    }
    guard hasNulls else { return }
    for row in 0..<rows where nulls[row] { scratch.storeNull(column: column, row: row) }
  }
}
