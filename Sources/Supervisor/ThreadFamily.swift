internal import Dataflow
internal import Glibc
internal import Records
internal import Synchronization
internal import Telemetry
internal import Transport

/// Workers that are threads of this process, joined by sockets within it.
final class ThreadFamily: WorkerFamily {
  private var members: [(worker: CoordinatedWorker, thread: WorkerThread, isReported: Bool)] = []
  private let context: Context
  private let work: @Sendable (WorkerID) -> String?

  /// - Parameters:
  ///   - context: that of all sockets; shut down to end the threads.
  ///   - work: runs a worker to its end; what it gives says why it failed, if the coordinator does not know.
  init(context: Context, work: @escaping @Sendable (WorkerID) -> String?) {
    self.context = context
    self.work = work
  }

  func start(_ worker: CoordinatedWorker) throws(SupervisorError) {
    let id = worker.id
    let work = work
    members.append((worker, try WorkerThread { work(id) }, false))
  }

  var descriptors: [Int32] { [] }

  func readLogs(_ observer: any RunObserver) {}

  func reap(patience: Int64) -> [(WorkerID, cause: String?)] {
    var ended: [(WorkerID, cause: String?)] = []
    for index in members.indices where !members[index].isReported {
      guard let end = members[index].thread.end, MonotonicClock.now - end.time >= patience else { continue }
      members[index].isReported = true
      ended.append((members[index].worker.id, end.cause))
    }
    return ended
  }

  /// A thread cannot be ended: it is left to itself.
  func kill(_ id: WorkerID) {
    for index in members.indices where members[index].worker.id == id { members[index].isReported = true }
  }

  func terminate() { context.shutdown() }

  func end(grace: Int64) {
    let deadline = MonotonicClock.now + grace
    var isShutDown = false
    for member in members {
      while !member.thread.wait(until: deadline) {
        // A thread that writes where nobody reads cannot be ended; it goes with the process.
        if isShutDown { break }
        context.shutdown()
        isShutDown = true
      }
    }
  }
}

/// A plain thread that says how it ended.
private final class WorkerThread: Sendable {
  private let outcome = Mutex<(time: Int64, cause: String?)?>(nil)
  private let work: @Sendable () -> String?

  /// Bytes of its stack: the same as a process has for its first thread.
  private static let stack = 8 << 20

  init(_ work: @escaping @Sendable () -> String?) throws(SupervisorError) {
    self.work = work
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setstacksize(&attributes, Self.stack)
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let argument = unsafe Unmanaged.passRetained(self).toOpaque()
    let code = unsafe pthread_create(
      &thread,
      &attributes,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<WorkerThread>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      },
      argument
    )
    guard code == 0 else {
      unsafe Unmanaged<WorkerThread>.fromOpaque(argument).release()
      throw SupervisorError("\(SystemCallError("start a thread", code: code))")
    }
  }

  private func run() {
    let cause = work()
    outcome.withLock { $0 = (MonotonicClock.now, cause) }
  }

  /// When and why it ended; nil while it runs.
  var end: (time: Int64, cause: String?)? { outcome.withLock { $0 } }

  /// Waits for its end; false when that does not come before `deadline`.
  func wait(until deadline: Int64) -> Bool {
    while end == nil {
      if MonotonicClock.now >= deadline { return false }
      MonotonicClock.sleep(until: MonotonicClock.now + 1_000_000)
    }
    return true
  }
}
