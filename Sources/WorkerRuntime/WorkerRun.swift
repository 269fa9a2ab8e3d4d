internal import Dataflow
internal import Expressions
internal import LearnStage
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
  private let isToLeave: () -> Bool

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
  ///   - isToLeave: asked now and then whether somebody wants this worker to go; true once for each time.
  package init(
    coordinator: String,
    id: WorkerID,
    context: Context? = nil,
    listen: Endpoint? = nil,
    patience: Int64? = nil,
    isToLeave: @escaping () -> Bool = { false }
  ) {
    self.coordinator = coordinator
    self.id = id
    self.context = context
    self.listen = listen
    self.patience = patience
    self.isToLeave = isToLeave
  }

  /// Runs the worker, in one epoch after the other until it is let go; what goes wrong is told to the coordinator.
  package func run() -> Outcome {
    do throws(RuntimeError) {
      let endpoint = try explaining { () throws(EndpointError) in try Endpoint(coordinator) }
      let context = try ownContext()
      let ingress = Ingress()
      defer { ingress.journalRest() }
      let control = try ControlLink(in: context, to: endpoint, id: id, patience: patience, isToLeave: isToLeave)
      while true {
        do throws(RuntimeError) {
          try runEpoch(control, context, ingress)
          return .completed
        } catch {
          if case .abandoned = error.kind { continue }
          guard case .failure(let fault) = error.kind else { return control.hasAskedToLeave ? .completed : .failed }
          try control.sendSurely(.failed(message: error.description, fault))
        }
        do throws(RuntimeError) {
          try control.awaitRelease()
          return .failed
        } catch {
          if case .abandoned = error.kind { continue }
          throw error
        }
      }
    } catch {
      return .lost(error.description)
    }
  }

  private func ownContext() throws(RuntimeError) -> Context {
    if let context { return context }
    return try explaining { () throws(TransportError) in try Context() }
  }

  private func runEpoch(
    _ control: ControlLink,
    _ context: Context,
    _ ingress: Ingress
  ) throws(RuntimeError) {
    try control.sendSurely(.hello)
    guard case .assign(let bytes) = try control.next(within: patience == nil ? Self.firstPatience : nil) else {
      throw RuntimeError("the coordinator did not begin with a plan")
    }
    let plan = try explaining(.permanent) { () throws(MalformedBytes) in try WorkerPlan(decoding: bytes) }
    let epoch = try Epoch(plan, control, context, ingress, ownsProcess: self.context == nil, listen: listen)
    switch plan.stage.kind {
    case .source(let source):
      switch source.format {
      case .csv: try epoch.run(CSVSource(source), source)
      case .protobuf: try epoch.run(ProtobufSource(source), source)
      case .json, .jsonl:
        let offset = MonotonicClock.wallTime &- MonotonicClock.now
        try epoch.run(JSONSource(source, clockOffset: offset), source)
      }
    case .window(let window):
      if let emission = window.emission {
        try epoch.run(EmittingLogic(window, emission))
      } else if let resolution = window.resolution {
        try epoch.run(CellLogic(window, resolution: resolution))
      } else {
        try epoch.run(WindowLogic(window))
      }
    case .learn(let learn): try epoch.run(LearnLogic(learn))
    case .score(let score): try epoch.run(ScoreLogic(score))
    case .format(let format):
      try epoch.run(FormatLogic(format, filter: plan.stage.projection.filter.map { Predicate($0) }))
    case .sink(let sink, let target):
      let results = try epoch.openResults(target)
      let filter = plan.stage.projection.filter.map { Predicate($0) }
      try epoch.run(SinkLogic(sink, filter: filter, hasHeader: epoch.hasResults), results)
    }
  }
}
