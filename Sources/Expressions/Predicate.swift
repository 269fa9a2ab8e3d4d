package import Records

/// A condition by which rows are kept.
package struct Predicate: ~Copyable {
  private var evaluator: SetEvaluator

  /// - Parameter condition: of type `bool`.
  package init(_ condition: Expression) {
    precondition(condition.type == .bool)
    evaluator = SetEvaluator(ExpressionSet([condition]))
  }

  /// The rows for which the condition is true: a null is not.
  package mutating func select(columns: [ColumnView], rows: Int) -> RowSelection {
    var selected: [UInt32] = []
    var first = 0
    while first < rows {
      let part = first..<min(first + SetEvaluator.mostRows, rows)
      evaluator.evaluate(columns: columns, rows: part)
      evaluator.appendHolding(0, to: &selected, first: first)
      first = part.upperBound
    }
    return selected.count == rows ? .range(0..<rows) : .rows(selected)
  }
}

extension SetEvaluator {
  /// Adds the rows for which a condition holds, the first row evaluated being row `first`.
  func appendHolding(_ condition: Int, to selected: inout [UInt32], first: Int) {
    for row in 0..<rowCount where holds(condition, row: row) { selected.append(UInt32(first + row)) }
  }
}
