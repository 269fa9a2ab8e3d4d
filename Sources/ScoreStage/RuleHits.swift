internal import Expressions
internal import Records

/// Which rules hold for each row of a batch; used again from batch to batch.
struct RuleHits: ~Copyable {
  private var conditions: ConditionSet
  private let count: Int

  init(_ rules: [Rule]) {
    conditions = ConditionSet(rules.map(\.condition))
    count = rules.count
  }

  mutating func find(_ columns: [ColumnView], rows: Int) { conditions.evaluate(columns: columns, rows: rows) }

  /// Gives `body` the rules that hold for a row, in their order, until it says that it has enough.
  @inline(__always)
  func forEach(in row: Int, _ body: (Int) -> Bool) {
    for rule in 0..<count where conditions.holds(rule, row: row) {
      guard body(rule) else { return }
    }
  }
}
