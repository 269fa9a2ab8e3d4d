package import Dataflow
internal import Glibc
package import Records
internal import Transport

/// What happens while a run goes on, for whoever shows it.
package protocol RunObserver: AnyObject {
  /// A worker wrote a line to its log.
  func log(_ line: String, worker: String)
  /// What became of the rows so far, by worker in the order of the plan; called some ten times a second.
  func progress(_ workers: [(name: String, counters: RowCounters)])
}

/// Starts the workers of a run as processes, watches them, and leaves none behind.
package final class RunSupervisor {
  private let signals: SignalDescriptor
  private let directory: RunDirectory
  private let context: Context
  private let router: RouterSocket
  private let endpoint: Endpoint

  private static let tickMilliseconds = 100
  /// A message that a worker sent before it ended may still be on its way.
  private static let lastWordNanoseconds: Int64 = 300_000_000
  /// Workers that have finished, or were told to end, get this long before they are killed.
  private static let graceNanoseconds: Int64 = 700_000_000
  private static let queuedMessages = 1000
  private static let largestControlMessage = 1 << 30

  /// Call it before any thread is started, so that all threads leave SIGINT and SIGTERM to the supervisor.
  package init() throws(SupervisorError) {
    signals = try wrapping { () throws(SystemCallError) in try SignalDescriptor() }
    let directory = try wrapping { () throws(SystemCallError) in try RunDirectory() }
    self.directory = directory
    let context = try wrapping { () throws(TransportError) in try Context() }
    self.context = context
    let listen = try wrapping { () throws(EndpointError) in try Endpoint("ipc://\(directory.path)/control") }
    var options = SocketOptions(highWaterMark: Self.queuedMessages, linger: .discard)
    options.maximumMessageBytes = Self.largestControlMessage
    do {
      router = try RouterSocket(in: context, options: options)
      endpoint = try router.bind(listen)
    } catch {
      throw SupervisorError("\(error)")
    }
  }

  /// Where worker `id` is to bind its input.
  package func inputEndpoint(of id: WorkerID) -> String { "ipc://\(directory.path)/input-\(id.stage)-\(id.worker)" }

  /// Runs the workers until the stream has ended, one has failed, or the user has had enough.
  ///
  /// - Parameter executable: the path of the worker program.
  package func run(
    _ workers: [CoordinatedWorker],
    executable: String,
    observer: any RunObserver
  ) throws(SupervisorError) -> Coordinator {
    var coordinator = Coordinator(workers)
    var family = Family(workers)
    defer { family.end(grace: Self.graceNanoseconds) }
    for worker in workers {
      let arguments = [
        endpoint.description, String(worker.id.stage), String(worker.id.worker), String(getpid()),
      ]
      try wrapping { () throws(SystemCallError) in
        family.add(try ChildProcess(executable: executable, arguments: arguments), worker)
      }
    }
    while coordinator.outcome == nil {
      try wait(for: family)
      family.readLogs(observer)
      try receive(&coordinator)
      while signals.take() { try perform(coordinator.interrupt()) }
      for (id, cause) in family.reap(patience: Self.lastWordNanoseconds) {
        try perform(coordinator.exited(id, cause: cause))
      }
      observer.progress(coordinator.progress)
    }
    switch coordinator.outcome {
    case .completed, .interrupted: break
    case .failed, .outputClosed, nil: family.terminate()
    }
    family.end(grace: Self.graceNanoseconds)
    family.readLogs(observer)
    return coordinator
  }

  private func wait(for family: borrowing Family) throws(SupervisorError) {
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
      try perform(coordinator.receive(message, from: id))
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
