internal import Dataflow
internal import Expressions
internal import Plan
package import Records
internal import ScoreStage
internal import SinkStage
internal import SourceStage
internal import Telemetry
package import Transport
internal import WindowStage

/// One worker's life: it joins its coordinator, is handed its plan, and runs its stage to the end of the stream.
package struct WorkerRun {
  private let coordinator: String
  private let id: WorkerID
  private let context: Context?
  private let listen: Endpoint?
  private let patience: Int64?

  /// How a life ended.
  package enum Outcome: Hashable, Sendable {
    case completed
    /// The coordinator has been told why.
    case failed
    /// Nobody has been told.
    case lost(String)
  }

  /// The first answers come from a process that is starting others on a busy machine.
  private static let firstPatience = 30_000

  /// - Parameters:
  ///   - coordinator: the endpoint of the coordinator's control socket.
  ///   - id: which worker this is to be.
  ///   - context: shared with the coordinator, for workers that are threads of its process; nil: one of its own.
  ///   - listen: where to bind the inputs, each on a port of its own, instead of where the plan says.
  ///   - patience: how long the coordinator may be silent, in nanoseconds; nil where it ends with this worker's parent.
  package init(
    coordinator: String,
    id: WorkerID,
    context: Context? = nil,
    listen: Endpoint? = nil,
    patience: Int64? = nil
  ) {
    self.coordinator = coordinator
    self.id = id
    self.context = context
    self.listen = listen
    self.patience = patience
  }

  /// Runs the worker; what goes wrong is told to the coordinator.
  package func run() -> Outcome {
    do throws(RuntimeError) {
      let endpoint = try explaining { () throws(EndpointError) in try Endpoint(coordinator) }
      let context = try ownContext()
      let control = try ControlLink(in: context, to: endpoint, id: id, patience: patience)
      do throws(RuntimeError) {
        try run(control, context)
        return .completed
      } catch {
        try control.sendSurely(.failed(message: error.description))
        return .failed
      }
    } catch {
      return .lost(error.description)
    }
  }

  private func ownContext() throws(RuntimeError) -> Context {
    if let context { return context }
    return try explaining { () throws(TransportError) in try Context() }
  }

  private func run(_ control: ControlLink, _ context: Context) throws(RuntimeError) {
    try control.sendSurely(.hello)
    guard case .assign(let bytes) = try control.next(within: patience == nil ? Self.firstPatience : nil) else {
      throw RuntimeError("the coordinator did not begin with a plan")
    }
    let plan = try explaining { () throws(MalformedBytes) in try WorkerPlan(decoding: bytes) }
    var poller = Poller()
    switch plan.stage.kind {
    case .source(let source):
      switch source.format {
      case .csv: try runSource(CSVSource(source), source, plan, control, context, poller)
      case .json, .jsonl:
        let offset = MonotonicClock.wallTime &- MonotonicClock.now
        try runSource(JSONSource(source, clockOffset: offset), source, plan, control, context, poller)
      }
    case .window(let window):
      let inputs = try bindInputs(plan, control, context, &poller)
      try runStage(WindowLogic(window), plan, inputs, control, context, poller)
    case .score(let score):
      let inputs = try bindInputs(plan, control, context, &poller)
      try runStage(ScoreLogic(score), plan, inputs, control, context, poller)
    case .format(let format):
      let inputs = try bindInputs(plan, control, context, &poller)
      let logic = FormatLogic(format, filter: plan.stage.projection.filter.map { Predicate($0) })
      try runStage(logic, plan, inputs, control, context, poller)
    case .sink(let sink, let target):
      let inputs = try bindInputs(plan, control, context, &poller)
      let file =
        switch target {
        case .standardOutput: OutputFile.standardOutput
        case .file(let path): try OutputFile(path: path, appending: false)
        }
      let logic = SinkLogic(sink, filter: plan.stage.projection.filter.map { Predicate($0) })
      try runStage(logic, plan, inputs, control, context, poller, file)
    }
  }

  private func runSource<Logic: SourceLogic & ~Copyable>(
    _ logic: consuming Logic,
    _ source: SourcePlan,
    _ plan: WorkerPlan,
    _ control: ControlLink,
    _ context: Context,
    _ poller: consuming Poller
  ) throws(RuntimeError) {
    if source.speed != nil { MonotonicClock.wakeExactly() }
    // The input is opened before the worker is ready: where that fails, nothing has started.
    let input = try SourceReader(source.input, context)
    try control.sendSurely(.ready(endpoints: []))
    var poller = poller
    let outputs = try openOutputs(control, context, &poller)
    let projected = ProjectedSource(logic, plan.stage)
    let worker = SourceWorker(projected, outputs: Outputs(outputs.map { _ in plan.channel }, partition: plan.partition))
    let loop = WorkerLoop(control: control, outputs: outputs, poller: poller, deadLetterPath: plan.deadLetterPath)
    var run = SourceLoop(worker, loop: loop, input: input, cut: source.cut, ownsProcess: self.context == nil)
    try run.run()
  }

  private func runStage<Logic: StageLogic & ~Copyable>(
    _ logic: consuming Logic,
    _ plan: WorkerPlan,
    _ inputs: [DataInput],
    _ control: ControlLink,
    _ context: Context,
    _ poller: consuming Poller,
    _ file: consuming OutputFile? = nil
  ) throws(RuntimeError) {
    var poller = poller
    let outputs = try openOutputs(control, context, &poller)
    let schema = plan.stage.inputSchema
    let worker = Worker(
      ProjectedStage(logic, plan.stage),
      inputs: plan.input.channels.map {
        InputChannel(from: $0.sender, epoch: plan.epoch, schema: schema, isOrdered: plan.input.isOrdered)
      },
      order: plan.input.order,
      outputs: outputs.isEmpty ? nil : Outputs(outputs.map { _ in plan.channel }, partition: plan.partition),
      limits: plan.limits,
      publication: plan.publication
    )
    let loop = WorkerLoop(control: control, outputs: outputs, poller: poller, deadLetterPath: plan.deadLetterPath)
    var run = StageLoop(worker, loop: loop, inputs: inputs, file: file, ownsProcess: self.context == nil)
    try run.run()
  }

  /// Binds an input for each sender, and says where.
  private func bindInputs(
    _ plan: WorkerPlan,
    _ control: ControlLink,
    _ context: Context,
    _ poller: inout Poller
  ) throws(RuntimeError) -> [DataInput] {
    guard !plan.input.channels.isEmpty else { throw RuntimeError("the plan names no upstream worker") }
    var inputs: [DataInput] = []
    for channel in plan.input.channels {
      let planned = try explaining { () throws(EndpointError) in try Endpoint(channel.endpoint) }
      inputs.append(try DataInput(in: context, at: listen ?? planned, poller: &poller))
    }
    try control.sendSurely(.ready(endpoints: inputs.map(\.endpoint.description)))
    return inputs
  }

  /// Waits until every input of the pipeline is bound, and opens a channel to each worker of the next stage.
  private func openOutputs(
    _ control: ControlLink,
    _ context: Context,
    _ poller: inout Poller
  ) throws(RuntimeError) -> [DataOutput] {
    // People who start workers by hand take their time.
    guard case .start(let endpoints) = try control.next(within: patience == nil ? Self.firstPatience : nil) else {
      throw RuntimeError("the coordinator did not say where to send rows")
    }
    var outputs: [DataOutput] = []
    for text in endpoints {
      let endpoint = try explaining { () throws(EndpointError) in try Endpoint(text) }
      outputs.append(try DataOutput(in: context, to: endpoint, poller: &poller))
    }
    return outputs
  }
}

extension WorkerPlan {
  fileprivate var channel: OutputChannel { OutputChannel(sender: id, epoch: epoch) }
}
