internal import Expressions
internal import Records

/// What 100 rules over 50 features cost a row, in this process: what a score stage does with them, without the stage.
struct Rules {
  let rounds: Int

  /// Rows of a batch: a lone one in real time, many in a micro-batch.
  private static let sizes = [1, 10, 100, 1000]
  private static let rows = 200_000
  /// Microseconds a row, whatever the batch.
  private static let budget = 20.0

  func run() throws {
    let schema = Schema(RuleFeatures.fields)
    let conditions = try Self.conditions(schema)
    var table = [["rows of a batch", "us a row", "least", "greatest", "rules that hold"]]
    var slowest = 0.0
    Report.heading(
      "\(conditions.count) rules over \(schema.fields.count) features, \(ExpressionSet(conditions).stepCount) steps,"
        + " in process, \(rounds) rounds"
    )
    for size in Self.sizes {
      let batches = (0..<max(1, 1000 / size)).map { RuleFeatures.batch(schema, rows: size, seed: UInt64($0)).columns }
      var rules = ConditionSet(conditions)
      var cost = Measurement()
      var holding = 0
      // The first round fills the caches.
      for round in 0...rounds {
        let start = ContinuousClock.now
        holding = Self.evaluate(&rules, batches, size: size)
        let elapsed = (ContinuousClock.now - start) / .microseconds(1)
        if round > 0 { cost.add(elapsed / Double(Self.rows)) }
      }
      slowest = max(slowest, cost.median)
      table.append(
        ["\(size)"] + cost.texts { Figures.fixed($0, 2) } + [Figures.fixed(Double(holding) / Double(Self.rows), 1)]
      )
    }
    Report.table(table)
    Report.line(
      "  budget: at most \(Figures.fixed(Self.budget, 0)) us, \(slowest <= Self.budget ? "met" : "missed"): "
        + Figures.fixed(slowest, 2)
    )
  }

  /// How many rules held, over all rows.
  private static func evaluate(_ rules: inout ConditionSet, _ batches: [[ColumnView]], size: Int) -> Int {
    var holding = 0
    for batch in 0..<rows / size {
      rules.evaluate(columns: batches[batch % batches.count], rows: size)
      for row in 0..<size { rules.forEachHolding(row: row) { _ in holding += 1 } }
    }
    return holding
  }

  private static func conditions(_ schema: Schema) throws -> [Expression] {
    try RuleFeatures.rules.map { text in
      do throws(ExpressionError) {
        return try Expression.compile(text, schema: schema, names: ExpressionNames(lists: RuleFeatures.lists))
      } catch { throw BenchmarkFailure("\(text): \(error.message)") }
    }
  }
}
