import Dataflow
import Records
import TestSupport

/// A worker of the real core, whatever its logic.
protocol SimulatedCore: AnyObject {
  var hasRoom: Bool { get }
  var hasEnded: Bool { get }
  func wants(_ input: Int) -> Bool
  func receive(_ storage: FrameStorage, on input: Int) throws
  func step() throws -> SourceStep
  func takeFrame(for output: Int, isBusy: Bool) -> Frame?
  func setBlocked(_ isBlocked: Bool, _ output: Int)
  /// The position up to which all rows that were taken in have been worked on.
  var workedOn: Position { get }
  /// Rows that were worked on.
  var rowsIn: Int { get }
  /// Rows that were left for the outputs.
  var rowsOut: Int { get }
}

/// Notes what passes a logic.
struct ObservedLogic<Logic: StageLogic & ~Copyable>: StageLogic, ~Copyable {
  var logic: Logic
  /// Batches may hold no more rows, and, where they come in order, positions only grow.
  let limit: Int
  let isOrdered: Bool
  let progress: Progress

  /// How far it has come.
  final class Progress {
    var workedOn = Position.first
  }

  init(_ logic: consuming Logic, limit: Int, isOrdered: Bool, progress: Progress) {
    self.logic = logic
    self.limit = limit
    self.isOrdered = isOrdered
    self.progress = progress
  }

  mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
    guard batch.rowCount <= limit else { throw StageFailure("a batch of \(batch.rowCount) rows is above \(limit)") }
    if isOrdered {
      for row in 0..<batch.rowCount {
        guard batch.positions[row] > progress.workedOn else {
          throw StageFailure("a row comes out of order", at: batch.positions[row])
        }
        progress.workedOn = batch.positions[row]
      }
    }
    try logic.process(batch, into: &effects)
  }

  mutating func finish(into effects: inout StageEffects) throws(StageFailure) { try logic.finish(into: &effects) }
}

final class StageCore<Logic: StageLogic & ~Copyable>: SimulatedCore {
  private var worker: Worker<ObservedLogic<Logic>>
  private let collected: Collected?
  private let progress = ObservedLogic<Logic>.Progress()

  init(
    _ logic: consuming Logic,
    inputs: [InputChannel],
    order: InputOrder,
    outputs: Outputs?,
    limits: BatchLimits,
    isOrdered: Bool,
    collected: Collected?
  ) {
    worker = Worker(
      ObservedLogic(logic, limit: limits.rows, isOrdered: isOrdered, progress: progress),
      inputs: inputs,
      order: order,
      outputs: outputs,
      limits: limits,
      publication: .atCuts
    )
    self.collected = collected
  }

  var workedOn: Position { progress.workedOn }
  var hasRoom: Bool { worker.hasRoom }
  var hasEnded: Bool { worker.hasEnded }
  var rowsIn: Int { Int(worker.effects.counters.rowsIn) }
  var rowsOut: Int { Int(worker.effects.counters.rowsOut) }
  func wants(_ input: Int) -> Bool { worker.wants(input) }
  func receive(_ storage: FrameStorage, on input: Int) throws { try worker.receive(storage, on: input) }
  func takeFrame(for output: Int, isBusy: Bool) -> Frame? { worker.outputs?.takeFrame(for: output, isBusy: isBusy) }
  func setBlocked(_ isBlocked: Bool, _ output: Int) { worker.outputs?.setBlocked(isBlocked, output) }

  func step() throws -> SourceStep {
    let rows = rowsIn
    let goesOn = try worker.step()
    if let collected, goesOn, rows == rowsIn, worker.mayPublish, !worker.hasEnded {
      collected.cuts.append(collected.rows.count)
    }
    return goesOn ? .working : .needsInput
  }
}

final class SourceCore: SimulatedCore {
  private var worker: SourceWorker<DealtSource>

  init(_ logic: consuming DealtSource, outputs: Outputs) { worker = SourceWorker(logic, outputs: outputs) }

  var hasRoom: Bool { worker.hasRoom }
  var hasEnded: Bool { worker.hasEnded }
  var workedOn: Position { .first }
  var rowsIn: Int { 0 }
  var rowsOut: Int { Int(worker.effects.counters.rowsOut) }
  func wants(_ input: Int) -> Bool { false }
  func receive(_ storage: FrameStorage, on input: Int) throws {}
  func step() throws -> SourceStep { try worker.step(now: 0) }
  func takeFrame(for output: Int, isBusy: Bool) -> Frame? { worker.outputs?.takeFrame(for: output, isBusy: isBusy) }
  func setBlocked(_ isBlocked: Bool, _ output: Int) { worker.outputs?.setBlocked(isBlocked, output) }
}
