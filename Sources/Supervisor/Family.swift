internal import Dataflow
internal import Glibc
internal import Records
internal import Telemetry

/// The workers of a run, however they live.
protocol WorkerFamily: AnyObject {
  func start(_ worker: CoordinatedWorker) throws(SupervisorError)
  /// What becomes readable when a member ends or writes to its log.
  var descriptors: [Int32] { get }
  func readLogs(_ observer: any RunObserver)
  /// Members that have ended and whose last message, if they sent one, has had the time to come.
  ///
  /// - Returns: who, and why for people; nil as the cause for one that ended well.
  func reap(patience: Int64) -> [(WorkerID, cause: String?)]
  /// Ends one of them, now; its end is not reported.
  func kill(_ id: WorkerID)
  /// Ends those that are left, now.
  func terminate()
  /// Waits for all to end, and ends those that take longer than `grace` nanoseconds.
  func end(grace: Int64)
}

/// Workers that people or other programs start, here or elsewhere: only their messages tell of them.
final class DistantFamily: WorkerFamily {
  func start(_ worker: CoordinatedWorker) {}
  var descriptors: [Int32] { [] }
  func readLogs(_ observer: any RunObserver) {}
  func reap(patience: Int64) -> [(WorkerID, cause: String?)] { [] }
  func kill(_ id: WorkerID) {}
  func terminate() {}
  func end(grace: Int64) {}
}

/// Workers that are processes started here.
final class ProcessFamily: WorkerFamily {
  private struct Member {
    let worker: CoordinatedWorker
    let process: ChildProcess
    /// When its end was first seen, in nanoseconds of the monotonic clock.
    var ended: Int64?
    var isReported = false
  }

  private var members: [Member] = []

  private let executable: String
  private let endpoint: String

  /// - Parameters:
  ///   - executable: the path of the worker program.
  ///   - endpoint: where the coordinator listens.
  init(executable: String, endpoint: String) {
    self.executable = executable
    self.endpoint = endpoint
  }

  func start(_ worker: CoordinatedWorker) throws(SupervisorError) {
    let arguments = [endpoint, String(worker.id.stage), String(worker.id.worker), String(getpid())]
    let process = try wrapping { () throws(SystemCallError) in
      try ChildProcess(executable: executable, arguments: arguments)
    }
    forget(worker.id)
    members.append(Member(worker: worker, process: process))
  }

  /// Whoever had the place before is nobody's concern any more.
  private func forget(_ id: WorkerID) {
    members.removeAll { $0.worker.id == id && !$0.process.isRunning }
    for index in members.indices where members[index].worker.id == id { members[index].isReported = true }
  }

  func kill(_ id: WorkerID) {
    for member in members where member.worker.id == id { member.process.send(signal: SIGKILL) }
    forget(id)
  }

  var descriptors: [Int32] {
    members.flatMap { member in
      [member.ended == nil ? member.process.exitDescriptor : -1, member.process.log.descriptor].filter { $0 != -1 }
    }
  }

  func readLogs(_ observer: any RunObserver) {
    for member in members {
      for line in member.process.log.readLines() { observer.log(line, worker: member.worker.name) }
    }
  }

  func reap(patience: Int64) -> [(WorkerID, cause: String?)] {
    var ended: [(WorkerID, cause: String?)] = []
    for index in members.indices {
      let process = members[index].process
      process.reap()
      guard !process.isRunning else { continue }
      if members[index].ended == nil { members[index].ended = MonotonicClock.now }
      if members[index].isReported { continue }
      let waited = MonotonicClock.now - (members[index].ended ?? 0)
      guard process.wasKilled || waited >= patience else { continue }
      members[index].isReported = true
      _ = process.log.readLines()
      let log = process.log.lastLines.map { "\n  | \($0)" }.joined()
      ended.append((members[index].worker.id, process.failure.map { $0 + log }))
    }
    return ended
  }

  func terminate() {
    for member in members { member.process.send(signal: SIGKILL) }
  }

  func end(grace: Int64) {
    let deadline = MonotonicClock.now + grace
    var killed = false
    while true {
      for member in members { member.process.reap() }
      var waiting = members.filter { $0.process.isRunning }.map {
        pollfd(fd: $0.process.exitDescriptor, events: Int16(POLLIN), revents: 0)
      }
      if waiting.isEmpty { return }
      let rest = deadline - MonotonicClock.now
      if rest <= 0 && !killed {
        for member in members { member.process.send(signal: SIGKILL) }
        killed = true
      }
      unsafe poll(&waiting, nfds_t(waiting.count), killed ? -1 : Int32(max(rest / 1_000_000, 1)))
    }
  }
}
