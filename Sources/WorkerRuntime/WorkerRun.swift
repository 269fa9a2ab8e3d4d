internal import Dataflow
internal import Expressions
internal import Plan
package import Records
internal import ScoreStage
internal import SinkStage
internal import SourceStage
internal import Transport
internal import WindowStage

/// One worker's life: it joins its coordinator, is handed its plan, and runs its stage to the end of the stream.
package struct WorkerRun {
  private let coordinator: String
  private let id: WorkerID

  /// The first answers come from a process that is starting others on a busy machine.
  private static let patience = 30_000

  /// - Parameters:
  ///   - coordinator: the endpoint of the coordinator's control socket.
  ///   - id: which worker this is to be.
  package init(coordinator: String, id: WorkerID) {
    self.coordinator = coordinator
    self.id = id
  }

  /// Runs the worker; what goes wrong is told to the coordinator, and returned.
  package func run() -> String? {
    do throws(RuntimeError) {
      let endpoint = try explaining { () throws(EndpointError) in try Endpoint(coordinator) }
      let context = try explaining { () throws(TransportError) in try Context() }
      let control = try ControlLink(in: context, to: endpoint, id: id)
      do throws(RuntimeError) {
        try run(control, context)
        return nil
      } catch {
        try control.send(.failed(message: error.description))
        return error.description
      }
    } catch {
      return error.description
    }
  }

  private func run(_ control: ControlLink, _ context: Context) throws(RuntimeError) {
    try control.send(.hello)
    guard case .assign(let bytes) = try control.next(within: Self.patience) else {
      throw RuntimeError("the coordinator did not begin with a plan")
    }
    let plan = try explaining { () throws(MalformedBytes) in try WorkerPlan(decoding: bytes) }
    guard case .source(let source) = plan.stage.kind else {
      return try runStage(plan, control, context)
    }
    try control.send(.ready(endpoint: ""))
    let output = try output(control, context)
    let worker = SourceWorker(
      ProjectedSource(CSVSource(source), projection: plan.stage.projection),
      output: OutputChannel(sender: plan.id, epoch: plan.epoch)
    )
    var loop = SourceLoop(
      worker,
      loop: WorkerLoop(control: control, output: output, deadLetterPath: plan.deadLetterPath),
      file: try InputFile(path: source.inputName)
    )
    try loop.run()
  }

  private func runStage(_ plan: WorkerPlan, _ control: ControlLink, _ context: Context) throws(RuntimeError) {
    guard let upstream = plan.upstream else { throw RuntimeError("the plan names no upstream worker") }
    let pull = try explaining { () throws(TransportError) in
      try PullSocket(in: context, options: SocketOptions(highWaterMark: DataOutput.highWaterMark, linger: .discard))
    }
    let listen = try explaining { () throws(EndpointError) in try Endpoint(plan.listen) }
    let bound = try explaining { () throws(TransportError) in try pull.bind(listen) }
    try control.send(.ready(endpoint: bound.description))
    let input = InputChannel(from: upstream, epoch: plan.epoch, schema: plan.stage.inputSchema)
    let channel = OutputChannel(sender: plan.id, epoch: plan.epoch)
    let projection = plan.stage.projection
    switch plan.stage.kind {
    case .source: throw RuntimeError("a source has no input")
    case .window(let window):
      let output = try output(control, context)
      var loop = StageLoop(
        Worker(ProjectedStage(WindowLogic(window), projection: projection), input: input, output: channel),
        loop: WorkerLoop(control: control, output: output, deadLetterPath: plan.deadLetterPath),
        input: pull,
        file: nil
      )
      try loop.run()
    case .score(let score):
      let output = try output(control, context)
      var loop = StageLoop(
        Worker(ProjectedStage(ScoreLogic(score), projection: projection), input: input, output: channel),
        loop: WorkerLoop(control: control, output: output, deadLetterPath: plan.deadLetterPath),
        input: pull,
        file: nil
      )
      try loop.run()
    case .sink(let sink, let target):
      _ = try outputs(control)
      let file =
        switch target {
        case .standardOutput: OutputFile.standardOutput
        case .file(let path): try OutputFile(path: path, appending: false)
        }
      let logic = SinkLogic(sink, filter: plan.stage.filter.map { Predicate($0) })
      var loop = StageLoop(
        Worker(ProjectedStage(logic, projection: plan.stage.projection), input: input, output: nil),
        loop: WorkerLoop(control: control, output: nil, deadLetterPath: plan.deadLetterPath),
        input: pull,
        file: file
      )
      try loop.run()
    }
  }

  private func outputs(_ control: ControlLink) throws(RuntimeError) -> [String] {
    guard case .start(let outputs) = try control.next(within: Self.patience) else {
      throw RuntimeError("the coordinator did not say where to send rows")
    }
    return outputs
  }

  private func output(_ control: ControlLink, _ context: Context) throws(RuntimeError) -> DataOutput {
    let outputs = try outputs(control)
    guard outputs.count == 1 else { throw RuntimeError("the plan has \(outputs.count) output channels, not one") }
    return try DataOutput(
      in: context,
      to: explaining { () throws(EndpointError) in try Endpoint(outputs[0]) }
    )
  }
}

extension StagePlan {
  /// What stands around the stage's own work; nil where nothing does.
  fileprivate var projection: Projection? {
    // A sink filters by itself, after it has seen the scores of all rows.
    let isSink = if case .sink = kind { true } else { false }
    let filter = isSink ? nil : filter
    if compute.isEmpty && filter == nil { return nil }
    return Projection(
      input: inputSchema,
      compute: compute.map { ($0.name, $0.expression) },
      filter: filter
    )
  }
}
