package import Dataflow
internal import Glibc
package import Records
internal import Telemetry
package import Transport

/// What happens while a run goes on, for whoever shows it.
package protocol RunObserver: AnyObject {
  /// A worker wrote a line to its log.
  func log(_ line: String, worker: String)
  /// Something that people should know and that does not end the run.
  func warn(_ text: String)
  /// What became of the rows so far, by worker in the order of the plan; called some ten times a second.
  func progress(_ workers: [(worker: CoordinatedWorker, counters: RowCounters)])
}

/// How the workers of a run live.
package enum Isolation: Sendable {
  /// Each a process of its own, of the program at this path.
  case process(executable: String)
  /// Each a thread of this process.
  ///
  /// - Parameter work: runs a worker to its end; what it gives says why it failed, if the coordinator does not know.
  case thread(work: @Sendable (_ id: WorkerID, _ coordinator: String, _ context: Context) -> String?)
  /// Somebody else starts them.
  case distant
}

/// Starts the workers of a run, watches them, and leaves none behind.
package final class RunSupervisor {
  private let signals: SignalDescriptor
  private let directory: RunDirectory
  private let context: Context
  private let router: RouterSocket
  let isolation: Isolation
  /// The sockets of the workers that were let in, by their places.
  var addresses: [WorkerID: [UInt8]] = [:]
  /// Those of others that wait for a place to become free.
  var candidates: [WorkerID: [UInt8]] = [:]
  /// The places that workers of another version of the control protocol have asked for.
  private var strangers: Set<WorkerID> = []
  /// Where the coordinator listens for workers.
  package let endpoint: Endpoint

  private static let tickMilliseconds = 100
  /// A message that a worker sent before it ended may still be on its way.
  private static let lastWordNanoseconds: Int64 = 300_000_000
  /// Workers that have finished, or were told to end, get this long before they are killed.
  private static let graceNanoseconds: Int64 = 700_000_000
  /// A worker that nobody here started may be silent for so long.
  package static let patienceNanoseconds: Int64 = 10_000_000_000
  private static let heartbeatNanoseconds: Int64 = 1_000_000_000
  /// One that has been silent for so long is gone where another wants its place.
  static let silenceNanoseconds: Int64 = 2_500_000_000
  private static let queuedMessages = 1000
  private static let largestControlMessage = 1 << 30

  /// Call it before any thread is started, so that all threads leave SIGINT and SIGTERM to the supervisor.
  ///
  /// - Parameters:
  ///   - pipeline: its name, by which people find the run.
  ///   - listen: where workers join; nil: a place of its own.
  package init(_ isolation: Isolation, of pipeline: String, listen: Endpoint? = nil) throws(SupervisorError) {
    self.isolation = isolation
    signals = try wrapping { () throws(SystemCallError) in try SignalDescriptor() }
    let directory = try wrapping { () throws(SystemCallError) in try RunDirectory() }
    self.directory = directory
    let context = try wrapping { () throws(TransportError) in try Context() }
    self.context = context
    let own = try wrapping { () throws(EndpointError) in try Endpoint(RunDirectory.control(in: directory.path)) }
    var place = listen ?? own
    if case .thread = isolation {
      place = try wrapping { () throws(EndpointError) in try Endpoint("inproc://control") }
    }
    var options = SocketOptions(highWaterMark: Self.queuedMessages, linger: .milliseconds(1000))
    options.maximumMessageBytes = Self.largestControlMessage
    do {
      router = try RouterSocket(in: context, options: options)
      endpoint = try router.bind(place)
      // People who steer the run find it here, wherever its workers join.
      if place.description != own.description { _ = try router.bind(own) }
    } catch {
      throw SupervisorError("\(error)")
    }
    try wrapping { () throws(SystemCallError) in try directory.announce(pipeline) }
  }

  /// Where, in an epoch, the end of the channel from `sender` to `receiver` is to be bound.
  private func inputEndpoint(_ epoch: UInt32, _ receiver: WorkerID, _ sender: WorkerID) -> String {
    let name = "\(epoch)-\(receiver.stage)-\(receiver.worker)-\(sender.stage)-\(sender.worker)"
    if case .thread = isolation { return "inproc://\(name)" }
    return "ipc://\(directory.path)/\(name)"
  }

  /// Runs epoch after epoch until the stream has ended, or cannot go on, or the user has had enough.
  ///
  /// - Parameter announce: told who the workers are, before anybody joins.
  package func run(
    _ planner: any EpochPlanner,
    observer: any RunObserver,
    announce: ([CoordinatedWorker]) -> Void = { _ in }
  ) throws(SupervisorError) -> Coordinator {
    var run = Run(
      planner: planner,
      observer: observer,
      family: makeFamily(),
      coordinator: Coordinator(policy: planner.policy)
    )
    let family = run.family
    defer { family.end(grace: Self.graceNanoseconds) }
    try begin(after: nil, &run, announce)
    var nextHeartbeat: Int64 = 0
    while run.coordinator.outcome == nil {
      try wait(for: family)
      family.readLogs(observer)
      try receive(&run)
      while signals.take() { try perform(run.coordinator.interrupt(), &run) }
      for (id, cause) in family.reap(patience: Self.lastWordNanoseconds) {
        try perform(run.coordinator.exited(id, cause: cause), &run)
      }
      let now = MonotonicClock.now
      try perform(run.coordinator.tick(now: now), &run)
      try answer(&run)
      if case .distant = isolation, now >= nextHeartbeat {
        nextHeartbeat = now + Self.heartbeatNanoseconds
        try perform(run.coordinator.checkHeartbeats(now: now, patience: Self.patienceNanoseconds), &run)
        for address in candidates.values { try send(.alive, to: address) }
      }
      try admit(&run)
      observer.progress(run.coordinator.progress)
    }
    if !run.coordinator.isReleased {
      if case .distant = isolation { try perform(run.coordinator.dismissals, &run) }
      family.terminate()
    }
    family.end(grace: Self.graceNanoseconds)
    family.readLogs(observer)
    return run.coordinator
  }

  /// What a run consists of while it goes on.
  struct Run {
    let planner: any EpochPlanner
    let observer: any RunObserver
    let family: any WorkerFamily
    var coordinator: Coordinator
    /// Who asked for other numbers of workers or another version, and when.
    var request: (change: RunChange, what: String, address: [UInt8], time: Int64)?
  }

  private func begin(
    after end: Coordinator.EpochEnd?,
    _ run: inout Run,
    _ announce: ([CoordinatedWorker]) -> Void = { _ in }
  ) throws(SupervisorError) {
    let epoch = try run.planner.nextEpoch(after: end) { self.inputEndpoint($0, $1, $2) }
    for warning in epoch.warnings { run.observer.warn(warning) }
    announce(epoch.workers)
    let actions = run.coordinator.begin(
      epoch.workers,
      epoch: epoch.number,
      nextCheckpoint: epoch.nextCheckpoint,
      now: MonotonicClock.now
    )
    try perform(actions, &run)
  }

  private func makeFamily() -> any WorkerFamily {
    switch isolation {
    case .process(let executable): return ProcessFamily(executable: executable, endpoint: endpoint.description)
    case .distant: return DistantFamily()
    case .thread(let work):
      let (coordinator, context) = (endpoint.description, context)
      return ThreadFamily(context: context) { id in work(id, coordinator, context) }
    }
  }

  private func wait(for family: any WorkerFamily) throws(SupervisorError) {
    var poller = Poller()
    _ = poller.add(router, for: .readable)
    _ = poller.add(fileDescriptor: signals.descriptor, for: .readable)
    for descriptor in family.descriptors { _ = poller.add(fileDescriptor: descriptor, for: .readable) }
    do { _ = try poller.wait(milliseconds: Self.tickMilliseconds) } catch { throw SupervisorError("\(error)") }
  }

  private func receive(_ run: inout Run) throws(SupervisorError) {
    while true {
      guard let delivery = try wrapping({ () throws(TransportError) in try router.receive() }) else { return }
      let bytes = delivery.payload.copyBytes()
      // A stranger's bytes are nobody's message.
      guard let message = try? ControlMessage(decoding: bytes) else {
        if let version = ControlMessage.otherVersion(of: bytes) { try refuse(delivery.identity, version, run) }
        continue
      }
      guard let id = WorkerID(identity: delivery.identity) else {
        switch message {
        case .scale(let stage, let workers): try rescale(stage, to: Int(workers), for: delivery.identity, &run)
        case .apply(let path): try apply(path, for: delivery.identity, &run)
        default: break
        }
        continue
      }
      // No one can wait for a place but the next of a stage.
      guard let stage = run.coordinator.stage(of: id), id.worker <= stage.workers else { continue }
      let hasPlace = id.worker < stage.workers
      if case .hello = message, hasPlace, addresses[id] == nil || !isDistant { addresses[id] = delivery.identity }
      guard addresses[id] == delivery.identity else {
        if case .hello = message { candidates[id] = delivery.identity }
        if case .leave = message, candidates[id] == delivery.identity {
          candidates[id] = nil
          try send(.release, to: delivery.identity)
        }
        continue
      }
      if case .leave = message {
        try letGo(id, &run)
      } else {
        try perform(run.coordinator.receive(message, from: id, now: MonotonicClock.now), &run)
      }
    }
  }

  /// Turns away who speaks another version of the control protocol, and says so once.
  private func refuse(_ address: [UInt8], _ version: UInt8, _ run: Run) throws(SupervisorError) {
    guard let id = WorkerID(identity: address), let stage = run.coordinator.stage(of: id) else { return }
    let what =
      "worker \(stage.name)/\(id.worker) speaks version \(version) of the control protocol, and this coordinator version"
      + " \(ControlMessage.version)"
    guard isDistant else {
      throw SupervisorError("\(what): the `sluice-worker` beside `sluice` is of another version; install both anew")
    }
    if strangers.insert(id).inserted {
      run.observer.warn("\(what); run the same version of Sluice everywhere")
    }
    // It sees the version, and says what is wrong.
    try send(.release, to: address)
  }

  var isDistant: Bool { if case .distant = isolation { true } else { false } }

  func perform(_ actions: [Coordinator.Action], _ run: inout Run) throws(SupervisorError) {
    for action in actions {
      switch action {
      case .send(let message, let id): if let address = addresses[id] { try send(message, to: address) }
      case .start(let worker):
        addresses[worker.id] = candidates.removeValue(forKey: worker.id)
        if addresses[worker.id] == nil {
          try run.family.start(worker)
        } else {
          try perform(run.coordinator.receive(.hello, from: worker.id, now: MonotonicClock.now), &run)
        }
      case .kill(let worker):
        addresses[worker.id] = nil
        run.family.kill(worker.id)
      case .commit(let checkpoint): try commit(checkpoint, &run)
      case .restart(let end):
        if case .failure(let worker, let cause, _) = end {
          run.observer.warn("worker \(worker) \(cause); going on from the last checkpoint")
        }
        try begin(after: end, &run)
      case .warn(let text): run.observer.warn(text)
      case .terminate: break
      }
    }
  }

  private func commit(_ checkpoint: Coordinator.Checkpoint, _ run: inout Run) throws(SupervisorError) {
    let actions: [Coordinator.Action]
    do throws(SupervisorError) {
      for warning in try run.planner.commit(checkpoint) { run.observer.warn(warning) }
      actions = run.coordinator.committed(checkpoint.number)
    } catch {
      actions = run.coordinator.notCommitted(checkpoint.number, cause: "\(error)")
    }
    try perform(actions, &run)
  }

  func send(_ message: ControlMessage, to address: [UInt8]) throws(SupervisorError) {
    try wrapping { () throws(TransportError) in
      var bytes = try Message(copying: message.encoded)
      // A worker that is gone is reported by its exit.
      _ = try router.trySend(to: address, &bytes)
    }
  }
}

/// Why a run could not be started or watched.
package struct SupervisorError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

func wrapping<R: ~Copyable, E: Error>(_ body: () throws(E) -> R) throws(SupervisorError) -> R {
  do { return try body() } catch { throw SupervisorError("\(error)") }
}
