internal import Dataflow
internal import Expressions
internal import Records

/// A stage with the `compute` and `where` that stand before its own work.
struct ProjectedStage<Logic: StageLogic & ~Copyable>: StageLogic, ~Copyable {
  private var projection: Projection?
  private var logic: Logic

  /// - Parameter projection: nil where there is nothing to compute and nothing to filter.
  init(_ logic: consuming Logic, projection: consuming Projection?) {
    self.projection = consume projection
    self.logic = logic
  }

  mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
    guard projection != nil else { return try logic.process(batch, into: &effects) }
    guard let kept = projection?.keep(batch, &effects) else { return }
    try logic.process(kept, into: &effects)
  }

  mutating func finish(into effects: inout StageEffects) throws(StageFailure) {
    try logic.finish(into: &effects)
  }
}

/// A source with the `compute` and `where` that stand behind it.
struct ProjectedSource<Logic: SourceLogic & ~Copyable>: SourceLogic, ~Copyable {
  private var projection: Projection?
  private var logic: Logic

  init(_ logic: consuming Logic, projection: consuming Projection?) {
    self.projection = consume projection
    self.logic = logic
  }

  mutating func supply(_ bytes: Span<UInt8>) throws(StageFailure) { try logic.supply(bytes) }
  mutating func endInput() throws(StageFailure) { try logic.endInput() }
  mutating func stop() { logic.stop() }

  mutating func step(now: Int64, into effects: inout StageEffects) throws(StageFailure) -> SourceStep {
    let step = try logic.step(now: now, into: &effects)
    guard projection != nil, !effects.batches.isEmpty else { return step }
    var batches: [RecordBatch] = []
    swap(&batches, &effects.batches)
    for batch in batches {
      if let kept = projection?.keep(batch, &effects) { effects.batches.append(kept) }
    }
    return step
  }
}

extension Projection {
  /// The batch with its computed columns, without the rows that the filter drops, which are counted.
  fileprivate mutating func keep(_ batch: RecordBatch, _ effects: inout StageEffects) -> RecordBatch? {
    let (kept, dropped) = apply(batch)
    effects.counters.filtered += Int64(dropped)
    return kept
  }
}
