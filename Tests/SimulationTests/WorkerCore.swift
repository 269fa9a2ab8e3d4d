import Dataflow
import Records
import SourceStage
import TestSupport
import WorkerRuntime

/// A worker of the real core, whatever its logic, as the real loops see it.
protocol WorkerCore: AnyObject {
  var hasRoom: Bool { get }
  var hasEnded: Bool { get }
  var mayPublish: Bool { get }
  var counters: RowCounters { get }
  var needsFullSnapshot: Bool { get set }
  func wants(_ input: Int) -> Bool
  func receive(_ storage: FrameStorage, on input: Int) throws(WorkerFailure)
  func step(now: Int64) throws(WorkerFailure) -> SourceStep
  func takeFrame(for output: Int, isBusy: Bool) -> Frame?
  func setBlocked(_ isBlocked: Bool, _ output: Int)
  func nextSnapshot() -> WorkerSnapshot?
  func write(to results: any ResultOutput) throws(RuntimeError)
  func stageLetters(in keeper: StateKeeper) throws(RuntimeError)
}

final class StageCore<Logic: StageLogic & ~Copyable>: WorkerCore {
  private var worker: Worker<Logic>

  init(_ worker: consuming Worker<Logic>) { self.worker = worker }

  var hasRoom: Bool { worker.hasRoom }
  var hasEnded: Bool { worker.hasEnded }
  var mayPublish: Bool { worker.mayPublish }
  var counters: RowCounters { worker.effects.counters }
  var needsFullSnapshot: Bool {
    get { worker.needsFullSnapshot }
    set { worker.needsFullSnapshot = newValue }
  }
  func wants(_ input: Int) -> Bool { worker.wants(input) }
  func receive(_ storage: FrameStorage, on input: Int) throws(WorkerFailure) {
    try worker.receive(storage, on: input)
  }
  func step(now: Int64) throws(WorkerFailure) -> SourceStep { try worker.step() ? .working : .needsInput }
  func takeFrame(for output: Int, isBusy: Bool) -> Frame? { worker.outputs?.takeFrame(for: output, isBusy: isBusy) }
  func setBlocked(_ isBlocked: Bool, _ output: Int) { worker.outputs?.setBlocked(isBlocked, output) }
  func nextSnapshot() -> WorkerSnapshot? { worker.nextSnapshot() }
  func write(to results: any ResultOutput) throws(RuntimeError) {
    _ = try results.write(&worker.effects.output)
    worker.clearDelivered()
  }
  func stageLetters(in keeper: StateKeeper) throws(RuntimeError) {
    try keeper.stage(deadLetters: &worker.effects.deadLetters)
  }
}

final class SourceCore: WorkerCore {
  private var worker: SourceWorker<ProjectedSource<CSVSource>>
  private let input: [UInt8]
  private var offset: Int
  var isPaused = false
  var needsFullSnapshot = false

  init(_ worker: consuming SourceWorker<ProjectedSource<CSVSource>>, _ input: [UInt8], from offset: UInt64) {
    self.worker = worker
    self.input = input
    self.offset = Int(offset)
  }

  var hasRoom: Bool { worker.hasRoom }
  var hasEnded: Bool { worker.hasEnded }
  var mayPublish: Bool { false }
  var counters: RowCounters { worker.effects.counters }
  var place: UInt64 { worker.logic.place }
  var time: Int64 { worker.logic.time }
  func wants(_ input: Int) -> Bool { false }
  func receive(_ storage: FrameStorage, on input: Int) {}
  func step(now: Int64) throws(WorkerFailure) -> SourceStep { try worker.step(now: now) }
  func takeFrame(for output: Int, isBusy: Bool) -> Frame? { worker.outputs?.takeFrame(for: output, isBusy: isBusy) }
  func setBlocked(_ isBlocked: Bool, _ output: Int) { worker.outputs?.setBlocked(isBlocked, output) }
  func nextSnapshot() -> WorkerSnapshot? { worker.nextSnapshot() }
  func write(to results: any ResultOutput) {}
  func stageLetters(in keeper: StateKeeper) throws(RuntimeError) {
    try keeper.stage(deadLetters: &worker.effects.deadLetters)
  }
  func cut(_ checkpoint: UInt64, at place: UInt64) { worker.logic.cut(checkpoint, at: place) }
  func stop(at place: UInt64) { worker.logic.stop(at: place) }
  func cut(_ checkpoint: UInt64, behind time: Int64) { worker.logic.cut(checkpoint, behind: time) }
  func stop(behind time: Int64) { worker.logic.stop(behind: time) }

  /// Hands on the next bytes of the input, or the word that there are none.
  func supply(_ count: Int) throws(StageFailure) {
    guard offset < input.count else { return try worker.logic.endInput() }
    let end = min(offset + count, input.count)
    let bytes = Array(input[offset..<end])
    try worker.logic.supply(bytes.span)
    offset = end
  }
}
