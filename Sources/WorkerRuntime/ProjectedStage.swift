internal import Dataflow
internal import Expressions
internal import Plan
internal import Records

/// A stage with the `compute` and `where` that stand before its own work, and those that it does for the next.
struct ProjectedStage<Logic: StageLogic & ~Copyable>: StageLogic, ~Copyable {
  /// nil where there is nothing to compute and nothing to filter.
  private var before: Projection?
  private var after: Projection?
  private var logic: Logic

  init(_ logic: consuming Logic, _ plan: StagePlan) {
    self.logic = logic
    before = Projection(plan.ownProjection, over: plan.inputSchema)
    after = Projection(plan.forNext, over: plan.ownOutputSchema)
  }

  mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
    if before != nil {
      guard let kept = before?.keep(batch, &effects) else { return }
      try logic.process(kept, into: &effects)
    } else {
      try logic.process(batch, into: &effects)
    }
    after.apply(&effects)
  }

  mutating func finish(into effects: inout StageEffects) throws(StageFailure) {
    try logic.finish(into: &effects)
    after.apply(&effects)
  }
}

/// A source with the `compute` and `where` that stand behind it, and those that it does for the next stage.
struct ProjectedSource<Logic: SourceLogic & ~Copyable>: SourceLogic, ~Copyable {
  private var own: Projection?
  private var after: Projection?
  private var logic: Logic

  init(_ logic: consuming Logic, _ plan: StagePlan) {
    self.logic = logic
    own = Projection(plan.ownProjection, over: plan.inputSchema)
    after = Projection(plan.forNext, over: plan.ownOutputSchema)
  }

  mutating func supply(_ bytes: Span<UInt8>) throws(StageFailure) { try logic.supply(bytes) }
  mutating func endMessage() { logic.endMessage() }
  mutating func endInput() throws(StageFailure) { try logic.endInput() }
  var place: UInt64 { logic.place }
  mutating func stop(at place: UInt64) { logic.stop(at: place) }

  mutating func step(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> SourceStep {
    let step = try logic.step(now: now, into: &effects)
    own.apply(&effects)
    after.apply(&effects)
    return step
  }
}

extension Projection {
  /// nil where there is nothing to do.
  fileprivate init?(_ plan: ProjectionPlan, over input: Schema) {
    if plan.isEmpty { return nil }
    self.init(input: input, compute: plan.compute.map { ($0.name, $0.expression) }, filter: plan.filter)
  }

  /// The batch with its computed columns, without the rows that the filter drops, which are counted.
  fileprivate mutating func keep(_ batch: RecordBatch, _ effects: inout StageEffects) -> RecordBatch? {
    let (kept, dropped) = apply(batch)
    effects.counters.filtered += Int64(dropped)
    return kept
  }
}

extension Projection? where Wrapped: ~Copyable {
  /// Does to the batches that a step left what the projection says.
  fileprivate mutating func apply(_ effects: inout StageEffects) {
    guard self != nil, !effects.batches.isEmpty else { return }
    var batches: [RecordBatch] = []
    swap(&batches, &effects.batches)
    for batch in batches {
      if let kept = self?.keep(batch, &effects) { effects.batches.append(kept) }
    }
  }
}

extension StagePlan {
  /// What stands around the stage's own work. Sinks filter by themselves, after they have seen the scores of all rows.
  fileprivate var ownProjection: ProjectionPlan {
    switch kind {
    case .sink, .format: ProjectionPlan(compute: projection.compute, filter: nil)
    case .source, .window, .score: projection
    }
  }
}
