import Dataflow
import Expressions
import LearnStage
import Plan
import Records
import ScoreStage
import SinkStage
import SourceStage
import TestSupport
import WindowStage

/// Stages of any plan that was accepted, run over a few rows.
enum StageSubject {
  static func run(_ plan: StagePlan) {
    // Bounds the time that one input takes.
    guard plan.inputSchema.fields.count <= 100, plan.projection.compute.count <= 100 else { return }
    var random = SeededRandom(seed: 1)
    var effects = StageEffects()
    let rows = Row.random(plan.inputSchema, count: 5, &random)
    var projection = Projection(
      input: plan.inputSchema,
      compute: plan.projection.compute.map { ($0.name, $0.expression) },
      filter: nil
    )
    guard let batch = projection.apply(LooseRows(.of(plan.inputSchema, rows))).rows?.assembled() else { return }
    batch.readEverything()
    let filter = plan.projection.filter
    var predicate = filter.map { Predicate($0) }
    _ = predicate?.select(columns: batch.columns, rows: batch.rowCount)
    do throws(StageFailure) {
      switch plan.kind {
      case .source: break
      case .window(let plan):
        if let emission = plan.emission {
          try use(EmittingLogic(plan, emission), batch, &effects)
        } else if let resolution = plan.resolution {
          try use(CellLogic(plan, resolution: resolution), batch, &effects)
        } else {
          try use(WindowLogic(plan), batch, &effects)
        }
      case .learn(let plan): try use(LearnLogic(plan), batch, &effects)
      case .score(let plan): try use(ScoreLogic(plan), batch, &effects)
      case .sink(let sink, _): try use(SinkLogic(sink, filter: filter.map { Predicate($0) }), batch, &effects)
      case .format(let sink): try use(FormatLogic(sink, filter: filter.map { Predicate($0) }), batch, &effects)
      }
    } catch {}
    for rows in effects.rows { rows.assembled().readEverything() }
  }

  private static func use<Logic: StageLogic & ~Copyable>(
    _ logic: consuming Logic,
    _ batch: RecordBatch,
    _ effects: inout StageEffects
  ) throws(StageFailure) {
    var logic = logic
    try logic.process(batch, into: &effects)
    // In steps of a batch each, and no more of them than one input may take.
    var steps = 0
    while steps < 100, try logic.advance(to: .last, into: &effects) < .last { steps += 1 }
    try logic.finish(into: &effects)
  }
}
