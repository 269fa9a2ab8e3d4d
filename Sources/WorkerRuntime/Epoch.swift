internal import Checkpoints
package import Dataflow
package import Plan
internal import Records
internal import SourceStage
internal import Telemetry
internal import Transport

/// One worker's part of one epoch: it binds its inputs, takes back its state, and runs its stage to the end of the stream.
struct Epoch {
  private let plan: WorkerPlan
  private let control: ControlLink
  private let context: Context
  private let ingress: Ingress
  private let ownsProcess: Bool
  private let listen: Endpoint?
  /// nil where no checkpoints are taken.
  private let keeper: StateKeeper?

  /// - Parameters:
  ///   - ingress: what a live source has from earlier epochs.
  ///   - ownsProcess: whether the process does nothing else.
  ///   - listen: where to bind the inputs, each on a port of its own, instead of where the plan says.
  init(
    _ plan: WorkerPlan,
    _ control: ControlLink,
    _ context: Context,
    _ ingress: Ingress,
    ownsProcess: Bool,
    listen: Endpoint?
  ) throws(RuntimeError) {
    self.plan = plan
    self.control = control
    self.context = context
    self.ingress = ingress
    self.ownsProcess = ownsProcess
    self.listen = listen
    guard let checkpoint = plan.checkpoint else {
      keeper = nil
      return
    }
    let storage = try explaining { () throws(StorageError) in try DirectoryStorage(path: checkpoint.directory) }
    keeper = StateKeeper(checkpoint, epoch: plan.epoch, id: plan.id, storage: storage)
  }

  // MARK: Sources

  func run<Logic: SourceLogic & ~Copyable>(
    _ logic: consuming Logic,
    _ source: SourcePlan
  ) throws(RuntimeError) {
    if source.speed != nil { MonotonicClock.wakeExactly() }
    let state = plan.checkpoint?.start?.source
    let place = state.flatMap { MessagePlace(state: $0) }
    // The input is opened before the worker is ready: where that fails, nothing has started.
    let input = try SourceReader(source, context, ingress, plan.checkpoint, from: place)
    var projected = ProjectedSource(logic, plan.stage, for: plan.outputs, following: plan.trace)
    if let start = plan.checkpoint?.start, let state {
      do throws(StageFailure) {
        try input.skip(to: projected.restore(state, keepsSchedule: start.isOfThisRun))
      } catch {
        throw RuntimeError("\(error)", .checkpoint)
      }
    }
    try control.sendSurely(.ready(endpoints: []))
    var poller = Poller()
    let outputs = try openOutputs(&poller)
    guard let channels = plan.channels else {
      throw RuntimeError("the plan names nobody who reads the source", .permanent)
    }
    let worker = SourceWorker(projected, outputs: channels, start: start)
    let loop = makeLoop(outputs, poller)
    var run = SourceLoop(
      worker,
      loop: loop,
      input: input,
      cut: source.cut,
      idle: source.idle,
      ownsProcess: ownsProcess,
      isFollowing: plan.trace != nil
    )
    try run.run()
  }

  // MARK: Other stages

  /// - Parameter results: where a sink writes.
  func run<Logic: StageLogic & ~Copyable>(
    _ logic: consuming Logic,
    _ results: (any ResultOutput)? = nil
  ) throws(RuntimeError) {
    var poller = Poller()
    let inputs = try bindInputs(&poller)
    let schema = plan.stage.inputSchema
    var projected = ProjectedStage(logic, plan.stage, for: plan.outputs)
    try restore(&projected)
    try control.sendSurely(.ready(endpoints: inputs.map(\.endpoint.description)))
    let outputs = try openOutputs(&poller)
    var worker = Worker(
      projected,
      inputs: plan.input.channels.map {
        InputChannel(
          from: $0.sender,
          epoch: plan.epoch,
          schema: schema,
          isOrdered: $0.isOrdered,
          offset: $0.offset,
          followsCuts: $0.followsCuts
        )
      },
      order: plan.input.order,
      outputs: plan.channels,
      limits: plan.limits,
      publication: plan.publication,
      start: start
    )
    worker.needsFullSnapshot = keeper?.needsFullSnapshot ?? true
    let loop = makeLoop(outputs, poller)
    var run = StageLoop(
      worker,
      loop: loop,
      inputs: inputs,
      results: results,
      ownsProcess: ownsProcess,
      watch: plan.trace.map { RowWatch($0, channels: inputs.count) }
    )
    try run.run()
  }

  /// Gives a stage its state back.
  private func restore<Logic: StageLogic & ~Copyable>(_ logic: inout Logic) throws(RuntimeError) {
    guard let start = plan.checkpoint?.start, let keeper, !start.parts.isEmpty else { return }
    do {
      for (origin, part) in start.parts.enumerated() {
        try StateChain(keeper.storage, part.files)
          .read(groups: part.groups, includingUngrouped: part.takesUngrouped) { block, bytes in
            try logic.restore(block, from: origin, bytes)
          }
      }
      try logic.endRestore()
    } catch {
      throw RuntimeError("\(error)", .checkpoint)
    }
  }

  private var start: WorkerStart {
    var start = WorkerStart()
    start.savesAtEnd = plan.checkpoint != nil
    if let counters = plan.checkpoint?.start?.counters { start.counters = counters }
    return start
  }

  // MARK: Results

  /// Whether an earlier epoch has written any.
  var hasResults: Bool { resultsStart.end > 0 }

  private var resultsStart: OutputPlace { plan.checkpoint?.start?.output ?? OutputPlace(length: 0, staged: []) }

  func openResults(_ target: SinkTarget) throws(RuntimeError) -> any ResultOutput {
    guard let keeper, let checkpoint = plan.checkpoint else {
      switch target {
      case .standardOutput: return DirectResults(.standardOutput)
      case .file(let path): return DirectResults(try OutputFile(path: path, appending: false))
      }
    }
    switch target {
    case .standardOutput:
      let mark = "\(checkpoint.directory)/\(StoredName.printed)"
      return PrintedResults(OutputFile.standardOutput, mark: try PrintedMark(path: mark), from: resultsStart.end)
    case .file(let path):
      guard PublishedFile.isPossible(path) else {
        let mark = "\(checkpoint.directory)/\(StoredName.printed(to: path))"
        let file = try OutputFile(path: path, appending: true)
        return PrintedResults(file, mark: try PrintedMark(path: mark), from: resultsStart.end)
      }
      let names = StagedNames(kind: "results", epoch: plan.epoch, id: plan.id)
      let target = try explaining(.permanent) { () throws(StorageError) in try PublishedFile(path) }
      return try StagedResults(target, from: resultsStart, in: keeper.storage, names: names)
    }
  }

  // MARK: Channels

  private func makeLoop(_ outputs: [DataOutput], _ poller: consuming Poller) -> WorkerLoop {
    WorkerLoop(
      control: control,
      outputs: outputs,
      poller: poller,
      deadLetterPath: plan.deadLetterPath,
      keeper: keeper
    )
  }

  /// Binds an input for each sender.
  private func bindInputs(_ poller: inout Poller) throws(RuntimeError) -> [DataInput] {
    guard !plan.input.channels.isEmpty else { throw RuntimeError("the plan names no upstream worker", .permanent) }
    var inputs: [DataInput] = []
    for channel in plan.input.channels {
      let planned = try explaining(.permanent) { () throws(EndpointError) in try Endpoint(channel.endpoint) }
      inputs.append(try DataInput(in: context, at: listen ?? planned, poller: &poller))
    }
    return inputs
  }

  /// Waits until every input of the pipeline is bound, and opens a channel to each worker of the stages that read this one.
  private func openOutputs(_ poller: inout Poller) throws(RuntimeError) -> [DataOutput] {
    // Others may have much state to take back, and people who start workers by hand take their time.
    guard case .start(let endpoints) = try control.next() else {
      throw RuntimeError("the coordinator did not say where to send rows")
    }
    guard endpoints.count == plan.outputs.reduce(0, { $0 + $1.workers }) else {
      throw RuntimeError("the coordinator named \(endpoints.count) workers to send rows to", .permanent)
    }
    var outputs: [DataOutput] = []
    for text in endpoints {
      let endpoint = try explaining(.permanent) { () throws(EndpointError) in try Endpoint(text) }
      outputs.append(try DataOutput(in: context, to: endpoint, poller: &poller))
    }
    return outputs
  }
}

extension WorkerPlan {
  /// Channels to the workers of all stages that read this one; nil for a sink.
  package var channels: Outputs? {
    if outputs.isEmpty { return nil }
    return Outputs(
      outputs.map { output in
        (Array(repeating: OutputChannel(sender: id, epoch: epoch), count: output.workers), output.partition)
      }
    )
  }
}
