package import Dataflow
internal import Glibc
package import Records
internal import Telemetry
package import Transport

/// What happens while a run goes on, for whoever shows it.
package protocol RunObserver: AnyObject {
  /// A worker wrote a line to its log.
  func log(_ line: String, worker: String)
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
  private let isolation: Isolation
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
  private static let queuedMessages = 1000
  private static let largestControlMessage = 1 << 30

  /// Call it before any thread is started, so that all threads leave SIGINT and SIGTERM to the supervisor.
  ///
  /// - Parameter listen: where workers join; nil: a place of its own.
  package init(_ isolation: Isolation, listen: Endpoint? = nil) throws(SupervisorError) {
    self.isolation = isolation
    signals = try wrapping { () throws(SystemCallError) in try SignalDescriptor() }
    let directory = try wrapping { () throws(SystemCallError) in try RunDirectory() }
    self.directory = directory
    let context = try wrapping { () throws(TransportError) in try Context() }
    self.context = context
    let own = if case .thread = isolation { "inproc://control" } else { "ipc://\(directory.path)/control" }
    let place = try wrapping { () throws(EndpointError) in try Endpoint(own) }
    var options = SocketOptions(highWaterMark: Self.queuedMessages, linger: .milliseconds(1000))
    options.maximumMessageBytes = Self.largestControlMessage
    do {
      router = try RouterSocket(in: context, options: options)
      endpoint = try router.bind(listen ?? place)
    } catch {
      throw SupervisorError("\(error)")
    }
  }

  /// Where the end of the channel from `sender` to `receiver` is to be bound.
  package func inputEndpoint(_ receiver: WorkerID, _ sender: WorkerID) -> String {
    let name = "\(receiver.stage)-\(receiver.worker)-\(sender.worker)"
    if case .thread = isolation { return "inproc://\(name)" }
    return "ipc://\(directory.path)/\(name)"
  }

  /// Runs the workers until the stream has ended, one has failed, or the user has had enough.
  package func run(
    _ workers: [CoordinatedWorker],
    observer: any RunObserver
  ) throws(SupervisorError) -> Coordinator {
    var coordinator = Coordinator(workers)
    let family = makeFamily()
    defer { family.end(grace: Self.graceNanoseconds) }
    for worker in workers { try family.start(worker) }
    var nextHeartbeat: Int64 = 0
    while coordinator.outcome == nil {
      try wait(for: family)
      family.readLogs(observer)
      try receive(&coordinator)
      while signals.take() { try perform(coordinator.interrupt()) }
      for (id, cause) in family.reap(patience: Self.lastWordNanoseconds) {
        try perform(coordinator.exited(id, cause: cause))
      }
      if case .distant = isolation, MonotonicClock.now >= nextHeartbeat {
        nextHeartbeat = MonotonicClock.now + Self.heartbeatNanoseconds
        let now = MonotonicClock.now
        try perform(coordinator.checkHeartbeats(now: now, patience: Self.patienceNanoseconds))
      }
      observer.progress(coordinator.progress)
    }
    if !coordinator.isReleased {
      if case .distant = isolation { try perform(coordinator.dismissals) }
      family.terminate()
    }
    family.end(grace: Self.graceNanoseconds)
    family.readLogs(observer)
    return coordinator
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

  private func receive(_ coordinator: inout Coordinator) throws(SupervisorError) {
    while true {
      guard let delivery = try wrapping({ () throws(TransportError) in try router.receive() }) else { return }
      // A stranger's bytes are nobody's message.
      guard let id = WorkerID(identity: delivery.identity),
        let message = try? ControlMessage(decoding: delivery.payload.copyBytes())
      else { continue }
      try perform(coordinator.receive(message, from: id, now: MonotonicClock.now))
    }
  }

  private func perform(_ actions: [Coordinator.Action]) throws(SupervisorError) {
    for action in actions {
      guard case .send(let message, let id) = action else { continue }
      try wrapping { () throws(TransportError) in
        var bytes = try Message(copying: message.encoded)
        // A worker that is gone is reported by its exit.
        _ = try router.trySend(to: id.identity, &bytes)
      }
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
