package import Dataflow
package import Records

/// Gives each row its score, the decision that follows from it and from the rules, and the reasons; and beside them what each
/// challenger would have said.
package struct ScoreLogic: StageLogic, ~Copyable {
  private let outputSchema: Schema
  private var champion: Scorer
  /// nil for one that is left out.
  private let challengers: [Challenger?]
  private var added: ColumnScratch

  /// A challenger at work, once a batch behind a reference, for arrays hold nothing that cannot be copied.
  private final class Challenger {
    var scorer: Scorer

    init(_ plan: ScorePlan) { scorer = Scorer(plan) }
  }

  private static let (score, reasonList) = (0, 2)

  package init(_ plan: ScorePlan) {
    outputSchema = plan.outputSchema
    champion = Scorer(plan)
    challengers = plan.challengers.map { $0.plan.map { Challenger($0) } }
    added = ColumnScratch(ScorePlan.addedFields + plan.challengers.flatMap(\.fields), capacity: 4096)
  }

  package mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
    let rows = batch.rowCount
    let columns = batch.columns
    added.reset(rows: rows)
    champion.score(columns, rows: rows, into: &added, first: Self.score)
    champion.explain(columns, rows: rows, into: &added, column: Self.reasonList)
    var next = Self.reasonList + 1
    for challenger in challengers {
      if let challenger {
        challenger.scorer.score(columns, rows: rows, into: &added, first: next)
      } else {
        for row in 0..<rows {
          added.storeNull(column: next, row: row)
          added.storeNull(column: next + 1, row: row)
        }
      }
      next += 2
    }
    effects.rows.append(
      LooseRows(
        outputSchema,
        positions: batch.positions,
        arrivals: batch.arrivals,
        columns: columns + (0..<added.fields.count).map { added.view($0, rows: rows) },
        rows: .range(0..<rows)
      )
    )
  }

  package mutating func finish(into effects: inout StageEffects) {}
}
