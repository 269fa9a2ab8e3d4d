import Checkpoints
import Dataflow
import Expressions
import LearnStage
import Plan
import Records
import SinkStage
import SourceStage
import TestSupport
import WindowStage
import WorkerRuntime

/// One worker's part of one epoch: what `Epoch` makes of a plan, with wires for sockets, then the real loops step by step.
final class SimulatedEpoch {
  private enum Phase { case sending, receiving, stepping, settling, sleeping }

  let plan: WorkerPlan
  let inputs: [Wire]
  private(set) var outputs: [Wire] = []
  private let keeper: StateKeeper
  private let background: Background
  private let results: (any ResultOutput)?
  private var core: (any WorkerCore)?
  /// The same where it is a source.
  private var source: SourceCore?
  private let makeCore: (Outputs?) throws(RuntimeError) -> any WorkerCore
  /// Frames that were taken and had no room.
  private var waiting: [Frame?] = []
  private var phase = Phase.sending
  private var isBusy: Bool
  private var hadRoom = true
  private var committed: Committed?
  private let copies: Bool

  /// Opens everything and takes back the state.
  init(_ plan: WorkerPlan, _ process: SimulatedProcess, _ simulation: Simulation) throws(RuntimeError) {
    self.plan = plan
    copies = simulation.copies
    isBusy = plan.input.channels.isEmpty
    let background = Background()
    self.background = background
    guard let checkpoint = plan.checkpoint else { throw RuntimeError("the plan has no checkpoints", .permanent) }
    let access = process.access
    keeper = StateKeeper(checkpoint, epoch: plan.epoch, id: plan.id, storage: access) { body throws(RuntimeError) in
      background.begin(body)
    }
    inputs = plan.input.channels.map { simulation.bind($0.endpoint) }
    var start = WorkerStart()
    start.savesAtEnd = true
    if let counters = checkpoint.start?.counters { start.counters = counters }
    let seen = checkpoint.start?.output ?? OutputPlace(length: 0, staged: [])
    switch plan.stage.kind {
    case .source(let source):
      results = nil
      var logic: ProjectedSource<CSVSource>? = ProjectedSource(
        CSVSource(source),
        plan.stage,
        for: plan.outputs
      )
      var offset: UInt64 = 0
      if let state = checkpoint.start?.source {
        do throws(StageFailure) {
          offset = try logic?.restore(state, keepsSchedule: plan.checkpoint?.start?.isOfThisRun ?? false) ?? 0
        } catch {
          throw RuntimeError("\(error)", .checkpoint)
        }
      }
      // The closure is called once.
      simulation.trace("\(plan.name) goes on from byte \(offset)")
      let box = Box(logic.take())
      guard case .file(let path) = source.input, let input = simulation.job.inputs[path] else {
        throw RuntimeError("no such input is made", .permanent)
      }
      makeCore = { outputs throws(RuntimeError) in
        guard let outputs, let logic = box.take() else { throw RuntimeError("a source leads nowhere") }
        return SourceCore(SourceWorker(logic, outputs: outputs, start: start), input, from: offset)
      }
    case .window(let window):
      results = nil
      if let emission = window.emission {
        makeCore = try Self.stage(
          ProjectedStage(EmittingLogic(window, emission), plan.stage, for: plan.outputs),
          plan,
          start,
          keeper,
          access
        )
        break
      }
      if let resolution = window.resolution {
        makeCore = try Self.stage(
          ProjectedStage(CellLogic(window, resolution: resolution), plan.stage, for: plan.outputs),
          plan,
          start,
          keeper,
          access
        )
        break
      }
      makeCore = try Self.stage(
        ProjectedStage(WindowLogic(window), plan.stage, for: plan.outputs),
        plan,
        start,
        keeper,
        access
      )
    case .learn(let learn):
      results = nil
      makeCore = try Self.stage(
        ProjectedStage(LearnLogic(learn), plan.stage, for: plan.outputs),
        plan,
        start,
        keeper,
        access
      )
    case .format(let format):
      results = nil
      let filter = plan.stage.projection.filter.map { Predicate($0) }
      makeCore = try Self.stage(
        ProjectedStage(FormatLogic(format, filter: filter), plan.stage, for: plan.outputs),
        plan,
        start,
        keeper,
        access
      )
    case .sink(let sink, let target):
      switch target {
      case .standardOutput:
        let stream = SimulatedStream(simulation, access)
        results = PrintedResults(stream, mark: simulation.disk.terminal, from: seen.end)
      case .file(let path):
        guard let plain = simulation.disk.results[path] else {
          throw RuntimeError("no such file is made", .permanent)
        }
        let file = OpenedFile(path, plain, access) { simulation.judge($0, at: $1, of: path) }
        let names = StagedNames(kind: "results", epoch: plan.epoch, id: plan.id)
        results = try StagedResults(PublishedFile(file), from: seen, in: access, names: names)
      }
      let filter = plan.stage.projection.filter.map { Predicate($0) }
      let logic = SinkLogic(sink, filter: filter, hasHeader: seen.end > 0)
      makeCore = try Self.stage(ProjectedStage(logic, plan.stage), plan, start, keeper, access)
    case .score: throw RuntimeError("no such stage is made", .permanent)
    }
  }

  private static func stage<Logic: StageLogic & ~Copyable>(
    _ logic: consuming Logic,
    _ plan: WorkerPlan,
    _ start: WorkerStart,
    _ keeper: StateKeeper,
    _ storage: any Storage
  ) throws(RuntimeError) -> (Outputs?) throws(RuntimeError) -> any WorkerCore {
    var logic = logic
    if let start = plan.checkpoint?.start, !start.parts.isEmpty {
      do {
        for (origin, part) in start.parts.enumerated() {
          try StateChain(storage, part.files)
            .read(groups: part.groups, includingUngrouped: part.takesUngrouped) { block, bytes in
              try logic.restore(block, from: origin, bytes)
            }
        }
        try logic.endRestore()
      } catch {
        throw RuntimeError("\(error)", .checkpoint)
      }
    }
    let box = Box<Logic>(logic)
    return { outputs throws(RuntimeError) in
      guard let logic = box.take() else { throw RuntimeError("an epoch was begun twice") }
      var worker = Worker(
        logic,
        inputs: plan.input.channels.map {
          InputChannel(
            from: $0.sender,
            epoch: plan.epoch,
            schema: plan.stage.inputSchema,
            isOrdered: $0.isOrdered,
            offset: $0.offset,
            followsCuts: $0.followsCuts
          )
        },
        order: plan.input.order,
        outputs: outputs,
        limits: plan.limits,
        publication: plan.publication,
        start: start
      )
      worker.needsFullSnapshot = keeper.needsFullSnapshot
      return StageCore(worker)
    }
  }

  /// All inputs of the pipeline are bound.
  func begin(_ outputs: [Wire]) throws(RuntimeError) {
    self.outputs = outputs
    waiting = Array(repeating: nil, count: outputs.count)
    core = try makeCore(plan.channels)
    source = core as? SourceCore
  }

  /// The epoch is over for this worker: its thread waits for the one that saves.
  func leave() { background.finish() }

  /// Lets the thread that saves do its work.
  func work() { background.finish() }
  var isSaving: Bool { background.isUnderWay }

  // MARK: The loops

  /// Takes the next step of the loop.
  ///
  /// - Returns: what to conclude with, at the end.
  func act(_ process: SimulatedProcess, _ simulation: Simulation) throws(RuntimeError) -> WorkerReport? {
    guard let core else { throw RuntimeError("an epoch that has not begun") }
    do throws(RuntimeError) {
      if let source { return try act(source, process, simulation) }
      return try act(core, process, simulation)
    } catch {
      try source?.stageLetters(in: keeper)
      process.send(.progress(core.counters))
      throw error
    }
  }

  private func act(
    _ core: any WorkerCore,
    _ process: SimulatedProcess,
    _ simulation: Simulation
  ) throws(RuntimeError) -> WorkerReport? {
    switch phase {
    case .sending:
      let allSent = sendAll(core, isBusy: isBusy)
      try attend(core, process, simulation)
      if core.hasEnded && allSent { return try report(core) }
      phase = .receiving
    case .receiving:
      for index in inputs.indices {
        var left = simulation.pick(1...4)
        while left > 0, core.wants(index), let storage = inputs[index].receive(at: simulation.turn) {
          try explaining { () throws(WorkerFailure) in try core.receive(storage, on: index) }
          left -= 1
        }
      }
      phase = .stepping
    case .stepping:
      hadRoom = core.hasRoom
      isBusy = false
      if hadRoom {
        isBusy = try explaining { () throws(WorkerFailure) in try core.step(now: 0) } == .working
        try core.stageLetters(in: keeper)
        if core.mayPublish, let results { try core.write(to: results) }
        try save(core, process)
      }
      try attendToSaving(core, process)
      phase = isBusy ? .sending : .settling
    case .settling:
      let isIdle = sendAll(core, isBusy: false)
      phase = isIdle && core.hasEnded || !hadRoom && core.hasRoom ? .sending : .sleeping
    case .sleeping:
      if isAwake(core, process, simulation) { phase = .sending }
    }
    return nil
  }

  private func act(
    _ core: SourceCore,
    _ process: SimulatedProcess,
    _ simulation: Simulation
  ) throws(RuntimeError) -> WorkerReport? {
    switch phase {
    case .sending:
      let allSent = sendAll(core, isBusy: isBusy)
      try attend(core, process, simulation)
      try attendToSaving(core, process)
      if core.hasEnded && allSent { return try report(core) }
      if core.hasRoom, !core.hasEnded, !core.isPaused {
        phase = .stepping
      } else if isBusy {
        isBusy = false
      } else {
        phase = .sleeping
      }
    case .sleeping:
      if isAwake(core, process, simulation) { phase = .sending }
    default:
      let step = try explaining(.permanent) { () throws(WorkerFailure) in try core.step(now: simulation.clock) }
      try core.stageLetters(in: keeper)
      try save(core, process)
      isBusy = step == .working
      if step == .needsInput, !simulation.chance(oneIn: 4) {
        let count = simulation.pick(1...400)
        try explaining(.permanent) { () throws(StageFailure) in try core.supply(count) }
      } else if !isBusy {
        _ = sendAll(core, isBusy: false)
      }
      phase = .sending
    }
    return nil
  }

  /// Something has happened that wakes a loop that sleeps.
  private func isAwake(_ core: any WorkerCore, _ process: SimulatedProcess, _ simulation: Simulation) -> Bool {
    process.hasMail || keeper.isSaving
      || inputs.indices.contains { inputs[$0].holdsAny(at: simulation.turn) && core.wants($0) }
      || outputs.indices.contains { waiting[$0] != nil && !outputs[$0].isFull }
  }

  private func sendAll(_ core: any WorkerCore, isBusy: Bool) -> Bool {
    for index in outputs.indices {
      while true {
        if outputs[index].isFull, waiting[index] != nil { break }
        guard let frame = waiting[index] ?? core.takeFrame(for: index, isBusy: isBusy) else { break }
        waiting[index] = outputs[index].isFull ? frame : nil
        if waiting[index] == nil { outputs[index].send(frame, copied: copies) }
      }
      core.setBlocked(waiting[index] != nil, index)
    }
    return waiting.allSatisfy { $0 == nil }
  }

  // MARK: The coordinator

  private func attend(
    _ core: any WorkerCore,
    _ process: SimulatedProcess,
    _ simulation: Simulation
  ) throws(RuntimeError) {
    if simulation.chance(oneIn: 5) { process.send(.progress(core.counters)) }
    while let message = process.nextMail() {
      switch message {
      case .committed(let checkpoint, let isLast): committed = Committed(checkpoint: checkpoint, isLast: isLast)
      case .release: throw .released
      case .abandon: throw .abandoned
      default: if let source { obey(message, source, process) }
      }
    }
  }

  private func obey(_ message: ControlMessage, _ core: SourceCore, _ process: SimulatedProcess) {
    switch message {
    case .pause:
      core.isPaused = true
      process.send(.paused(at: core.place, time: core.time))
    case .resume: core.isPaused = false
    case .cut(let checkpoint, let place):
      core.isPaused = false
      core.cut(checkpoint, at: place)
    case .stop(let place):
      core.isPaused = false
      core.stop(at: place)
    case .cutBehind(let checkpoint, let time):
      core.isPaused = false
      core.cut(checkpoint, behind: time)
    case .stopBehind(let time):
      core.isPaused = false
      core.stop(behind: time)
    default: break
    }
  }

  // MARK: Saving

  private func save(_ core: any WorkerCore, _ process: SimulatedProcess) throws(RuntimeError) {
    guard let snapshot = core.nextSnapshot() else { return }
    let output = results?.cut(snapshot.checkpoint)
    if let late = try keeper.awaitOutcome() { tell(late, process) }
    try keeper.begin(snapshot, output: output, journal: nil)
  }

  private func report(_ core: any WorkerCore) throws(RuntimeError) -> WorkerReport {
    switch try keeper.awaitOutcome()?.result {
    case .success(let saved)?:
      return WorkerReport(counters: core.counters, figures: [], state: saved.encoded, time: source?.time)
    case .failure(let error)?: throw RuntimeError("could not save its state: \(error)")
    case nil: throw RuntimeError("the end of the stream was not saved")
    }
  }

  private func attendToSaving(_ core: any WorkerCore, _ process: SimulatedProcess) throws(RuntimeError) {
    if keeper.isSaving {
      if !keeper.isAtEnd, let outcome = try keeper.nextOutcome() { tell(outcome, process) }
      if !keeper.isSaving { core.needsFullSnapshot = keeper.needsFullSnapshot }
    }
    guard let committed = committed.take() else { return }
    keeper.forget(committed)
    try results?.publish(committed)
  }

  private func tell(_ outcome: StateKeeper.Outcome, _ process: SimulatedProcess) {
    guard let checkpoint = outcome.checkpoint else { return }
    switch outcome.result {
    case .success(let saved): process.send(.saved(checkpoint: checkpoint, state: saved.encoded))
    case .failure(let error): process.send(.notSaved(checkpoint: checkpoint, message: "could not save: \(error)"))
    }
  }

  /// A checkpoint is committed while the worker waits to be let go.
  func conclude(_ committed: Committed, _ process: SimulatedProcess) throws(RuntimeError) {
    guard let results else { return }
    try results.publish(committed)
    process.send(.published(checkpoint: committed.checkpoint))
  }
}

extension SimulatedEpoch: CustomStringConvertible {
  var description: String {
    guard let core else { return "epoch \(plan.epoch) begins" }
    let wanted = inputs.indices.map { core.wants($0) ? "+" : "-" }.joined()
    let full = waiting.map { $0 == nil ? "." : "|" }.joined()
    let paused = source?.isPaused == true ? ", paused" : ""
    return "epoch \(plan.epoch) \(phase), room \(core.hasRoom), busy \(isBusy), ended \(core.hasEnded)\(paused), "
      + "saving \(keeper.isSaving), in \(core.counters.rowsIn), out \(core.counters.rowsOut), wants \(wanted), waiting \(full)"
  }
}

/// The thread that saves: it does its work when the scheduler says so.
final class Background {
  private var work: Work?

  private final class Work: BackgroundWork {
    private var body: (@Sendable () -> Void)?
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    var isDone: Bool { body == nil }
    func wait() {
      guard let body else { return }
      self.body = nil
      body()
    }
  }

  func begin(_ body: @escaping @Sendable () -> Void) -> any BackgroundWork {
    let work = Work(body)
    self.work = work
    return work
  }

  var isUnderWay: Bool { work?.isDone == false }
  func finish() { work?.wait() }
}

/// Holds a value that is taken once.
private final class Box<Value: ~Copyable> {
  private var value: Value?
  init(_ value: consuming Value?) { self.value = value }
  func take() -> Value? { value.take() }
}

/// What a sink prints.
struct SimulatedStream: PrintedStream, ~Copyable {
  private let simulation: Simulation
  private let access: DiskAccess
  let descriptor: Int32 = -1

  init(_ simulation: Simulation, _ access: DiskAccess) {
    self.simulation = simulation
    self.access = access
  }

  mutating func write(_ text: inout TextBuffer) throws(RuntimeError) -> OutputFile.Outcome {
    let bytes = text.bytes.array
    simulation.judge(bytes, at: simulation.disk.terminal.bytes.count, of: simulation.job.printer ?? "")
    simulation.disk.terminal.print(bytes)
    text.removeAll()
    return .written
  }
}

/// Turns any module's typed error into the runtime's.
func explaining<R, E: Error>(
  _ fault: WorkerFault = .transient,
  _ body: () throws(E) -> R
) throws(RuntimeError) -> R {
  do { return try body() } catch { throw RuntimeError("\(error)", fault) }
}
