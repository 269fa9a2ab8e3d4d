package import Records

/// The results of a set of expressions as columns.
package struct ComputedColumns: ~Copyable {
  private var evaluator: SetEvaluator
  private var scratch: ColumnScratch

  package init(_ set: ExpressionSet) {
    evaluator = SetEvaluator(set)
    scratch = ColumnScratch(
      set.expressions.enumerated().map { Field("\($0)", $1.type, nullable: $1.isNullable) },
      capacity: SetEvaluator.mostRows
    )
  }

  /// Evaluates the expressions over the first `rows` rows of `columns`, which are those of their schema, and gives
  /// their values to `body`, some hundred rows at a time, beside the first of these rows.
  package mutating func evaluate(
    columns: [ColumnView],
    rows: Int,
    _ body: (borrowing SetEvaluator, _ rows: Range<Int>) -> Void = { _, _ in }
  ) {
    scratch.reset(rows: rows)
    var first = 0
    while first < rows {
      let part = first..<min(first + SetEvaluator.mostRows, rows)
      evaluator.evaluate(columns: columns, rows: part)
      for index in scratch.fields.indices {
        evaluator.store(index, into: &scratch, column: index, columns: columns, first: first)
      }
      body(evaluator, part)
      first = part.upperBound
    }
  }

  /// The values of an expression, by its place in the set; valid until the next evaluation.
  package func column(_ index: Int, rows: Int) -> ColumnView { scratch.view(index, rows: rows) }
}
