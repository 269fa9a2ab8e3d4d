package import Records

/// A condition by which rows are kept.
package struct Predicate {
  private var evaluator: Evaluator

  /// - Parameter condition: of type `bool`.
  package init(_ condition: Expression) {
    precondition(condition.type == .bool)
    evaluator = Evaluator(condition)
  }

  /// The rows for which the condition is true: a null is not.
  package mutating func select(columns: [ColumnView], rows: Int) -> RowSelection {
    evaluator.evaluate(columns: columns, rows: rows)
    let result = evaluator.result
    var selected: [UInt32] = []
    for row in 0..<rows where result.values[row] != 0 && !result.isNull(row) { selected.append(UInt32(row)) }
    return selected.count == rows ? .range(0..<rows) : .rows(selected)
  }
}
