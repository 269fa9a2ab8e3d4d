package import Dataflow
internal import Expressions
package import Plan
package import Records

/// A stage with the `compute` and `where` that stand before its own work, and what it does for those that read it.
package struct ProjectedStage<Logic: StageLogic & ~Copyable>: StageLogic, ~Copyable {
  /// nil where there is nothing to compute and nothing to filter.
  private var before: Projection?
  private let deliveries: Deliveries
  private var logic: Logic

  /// - Parameter readers: what is done with the rows for each stage that reads them.
  package init(_ logic: consuming Logic, _ plan: StagePlan, for readers: [WorkerPlan.OutputPlan] = []) {
    self.logic = logic
    before = Projection(plan.ownProjection, over: plan.inputSchema)
    deliveries = Deliveries(readers, of: plan)
  }

  package mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
    if before != nil {
      guard let kept = before?.keep(LooseRows(batch), &effects) else { return }
      try logic.process(kept.assembled(), into: &effects)
    } else {
      try logic.process(batch, into: &effects)
    }
    deliveries.apply(&effects)
  }

  package mutating func advance(
    to progress: Position,
    into effects: inout StageEffects
  ) throws(StageFailure) -> Position {
    let reached = try logic.advance(to: progress, into: &effects)
    deliveries.apply(&effects)
    return reached
  }

  package mutating func finish(into effects: inout StageEffects) throws(StageFailure) {
    try logic.finish(into: &effects)
    deliveries.apply(&effects)
  }

  package mutating func snapshot(isFull: Bool) -> (any StateSnapshot)? { logic.snapshot(isFull: isFull) }
  package mutating func restore(_ block: StateBlock, from origin: Int, _ bytes: Span<UInt8>) throws(StageFailure) {
    try logic.restore(block, from: origin, bytes)
  }
  package mutating func endRestore() throws(StageFailure) { try logic.endRestore() }
}

/// A source with the `compute` and `where` that stand behind it, and what it does for the stages that read it.
package struct ProjectedSource<Logic: SourceLogic & ~Copyable>: SourceLogic, ~Copyable {
  private var own: Projection?
  private let deliveries: Deliveries
  private var logic: Logic
  /// nil where no row is followed.
  private var hold: RowHold?

  /// - Parameters:
  ///   - readers: what is done with the rows for each stage that reads them.
  ///   - trace: a row to follow.
  package init(
    _ logic: consuming Logic,
    _ plan: StagePlan,
    for readers: [WorkerPlan.OutputPlan] = [],
    following trace: RowTrace? = nil
  ) {
    self.logic = logic
    hold = trace.map { RowHold($0) }
    own = Projection(plan.ownProjection, over: plan.inputSchema)
    deliveries = Deliveries(readers, of: plan)
  }

  package mutating func supply(_ bytes: Span<UInt8>) throws(StageFailure) { try logic.supply(bytes) }
  package mutating func endMessage() { logic.endMessage() }
  package mutating func endReplayedMessage() { logic.endReplayedMessage() }
  package mutating func promise(_ time: Int64) { logic.promise(time) }
  package var lastPromise: Int64? { logic.lastPromise }
  package mutating func endInput() throws(StageFailure) { try logic.endInput() }
  package var place: UInt64 { logic.place }
  package var time: Int64 { logic.time }
  package var latest: Int64? { logic.latest }
  package var isStopped: Bool { logic.isStopped || hold?.isDone == true }
  package mutating func stop(at place: UInt64) { logic.stop(at: place) }
  package mutating func stop(behind time: Int64) { logic.stop(behind: time) }
  package mutating func cut(_ number: UInt64, at place: UInt64) { logic.cut(number, at: place) }
  package mutating func cut(_ number: UInt64, behind time: Int64) { logic.cut(number, behind: time) }
  package var state: [UInt8] { logic.state }
  package mutating func restore(_ state: [UInt8], keepsSchedule: Bool) throws(StageFailure) -> UInt64 {
    try logic.restore(state, keepsSchedule: keepsSchedule)
  }

  package mutating func step(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> SourceStep {
    let step = hold == nil ? try logic.step(now: now, into: &effects) : try stepHolding(now: now, into: &effects)
    own.apply(&effects)
    deliveries.apply(&effects)
    return step
  }

  private mutating func stepHolding(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> SourceStep {
    if let step = hold?.step(now: now, into: &effects) { return step }
    let step = try logic.step(now: now, into: &effects)
    return hold?.keep(step, &effects) ?? step
  }
}

extension Projection {
  /// nil where there is nothing to do.
  init?(_ plan: ProjectionPlan, over input: Schema) {
    if plan.isEmpty { return nil }
    self.init(input: input, compute: plan.compute.map { ($0.name, $0.expression) }, filter: plan.filter)
  }

  /// The rows with their computed columns, without those that the filter drops, which are counted.
  mutating func keep(_ rows: LooseRows, _ effects: inout StageEffects) -> LooseRows? {
    let (kept, dropped) = apply(rows)
    effects.counters.filtered += Int64(dropped)
    return kept
  }
}

extension Projection? where Wrapped: ~Copyable {
  /// Does to the rows that a step left what the projection says.
  fileprivate mutating func apply(_ effects: inout StageEffects) {
    guard self != nil, !effects.rows.isEmpty else { return }
    precondition(effects.rows.count == 1, "a step leaves its rows in one piece, for they share what computes on them")
    guard let kept = self?.keep(effects.rows[0], &effects) else { return effects.rows.removeAll() }
    effects.rows[0] = kept
  }
}

extension StagePlan {
  /// What stands around the stage's own work. Sinks filter by themselves, after they have seen the scores of all rows.
  fileprivate var ownProjection: ProjectionPlan {
    switch kind {
    case .sink, .format: ProjectionPlan(compute: projection.compute, filter: nil)
    case .source, .window, .learn, .score: projection
    }
  }
}
