package import Records

/// A worker that the coordinator is to bring up.
package struct CoordinatedWorker: Sendable {
  package let id: WorkerID
  /// `customer/0`: the stage's name and the worker's number, for people.
  package let name: String
  package let isSource: Bool
  /// The workers that send to it, in the order of its inputs.
  package let upstream: [WorkerID]
  /// The workers whose inputs this one's output channels lead to, in order.
  package let downstream: [WorkerID]
  /// Its part of the plan, encoded.
  package let plan: [UInt8]

  package init(
    id: WorkerID,
    name: String,
    isSource: Bool,
    upstream: [WorkerID],
    downstream: [WorkerID],
    plan: [UInt8]
  ) {
    self.id = id
    self.name = name
    self.isSource = isSource
    self.upstream = upstream
    self.downstream = downstream
    self.plan = plan
  }
}

/// Brings the workers of one epoch up, watches them and brings them down: a state machine without I/O. A supervisor feeds
/// it what happens and carries out what it asks for.
package struct Coordinator: Sendable {
  package enum Action: Sendable {
    case send(ControlMessage, to: WorkerID)
    /// End every process that is left, now.
    case terminate
  }

  /// How a run ended.
  package enum Outcome: Hashable, Sendable {
    case completed
    /// A clean stop that the user asked for.
    case interrupted
    /// Nobody reads the results any more; not an error.
    case outputClosed
    /// - Parameters:
    ///   - worker: the name of the worker that is to blame.
    case failed(worker: String, cause: String)
  }

  private struct State: Sendable {
    let worker: CoordinatedWorker
    var endpoints: [String]?
    var hasJoined = false
    /// Where a source has paused.
    var place: UInt64?
    /// When it was last heard of, in nanoseconds of the monotonic clock.
    var lastHeard: Int64?
    var counters = RowCounters()
    var report: WorkerReport?
    var hasExited = false
  }

  private var states: [WorkerID: State] = [:]
  private let order: [WorkerID]
  private var hasStarted = false
  private var wasInterrupted = false
  package private(set) var outcome: Outcome?

  package init(_ workers: [CoordinatedWorker]) {
    order = workers.map(\.id)
    for worker in workers { states[worker.id] = State(worker: worker) }
  }

  /// Takes in a worker's message. Messages of strangers, and such that make no sense now, are ignored.
  ///
  /// - Parameter now: nanoseconds of the monotonic clock.
  package mutating func receive(_ message: ControlMessage, from id: WorkerID, now: Int64 = 0) -> [Action] {
    guard outcome == nil, var state = states[id] else { return [] }
    state.lastHeard = now
    defer { states[id] = state }
    switch message {
    case .hello:
      // The second of two that claim the same place is not heard: ZeroMQ lets in one peer of a name.
      state.hasJoined = true
      return [.send(.assign(plan: state.worker.plan), to: id)]
    case .ready(let endpoints):
      guard endpoints.count == state.worker.upstream.count else {
        outcome = .failed(worker: state.worker.name, cause: "listens at \(endpoints.count) endpoints, not one a sender")
        return [.terminate]
      }
      state.endpoints = endpoints
      states[id] = state
      return startWhenReady()
    case .progress(let counters):
      state.counters = counters
      return []
    case .done(let report):
      state.report = report
      state.counters = report.counters
      states[id] = state
      guard states.values.allSatisfy({ $0.report != nil }) else { return wasInterrupted ? stopWhenPaused() : [] }
      outcome = wasInterrupted ? .interrupted : .completed
      return order.map { .send(.release, to: $0) }
    case .failed(let message):
      outcome = .failed(worker: state.worker.name, cause: message)
      return [.terminate]
    case .outputClosed:
      outcome = .outputClosed
      return [.terminate]
    case .paused(let place):
      state.place = place
      states[id] = state
      return stopWhenPaused()
    case .assign, .start, .pause, .stop, .release, .alive:
      return []
    }
  }

  /// A worker's process has ended.
  ///
  /// - Parameter cause: the signal or exit code and the last lines of its log, for people; nil when it exited with 0.
  package mutating func exited(_ id: WorkerID, cause: String?) -> [Action] {
    states[id]?.hasExited = true
    guard outcome == nil, let state = states[id] else { return [] }
    outcome = .failed(worker: state.worker.name, cause: cause ?? "exited before the stream had ended everywhere")
    return [.terminate]
  }

  /// Lets everybody go, whatever they have done: for workers that nobody here can end, when the run is over.
  package var dismissals: [Action] { order.filter { states[$0]?.hasJoined == true }.map { .send(.release, to: $0) } }

  /// Ends the run when a worker that had joined has not been heard of for `patience` nanoseconds; tells the others that the
  /// coordinator is there. For workers that nobody here can see end.
  package mutating func checkHeartbeats(now: Int64, patience: Int64) -> [Action] {
    guard outcome == nil else { return [] }
    for id in order {
      guard let state = states[id], let last = state.lastHeard, now - last > patience else { continue }
      outcome = .failed(worker: state.worker.name, cause: "has not been heard of for \(patience / 1_000_000_000) s")
      return [.terminate]
    }
    return order.filter { states[$0]?.hasJoined == true }.map { .send(.alive, to: $0) }
  }

  /// The user asks for a clean stop; a second time, for a quick one.
  package mutating func interrupt() -> [Action] {
    guard outcome == nil else { return [] }
    if wasInterrupted || !hasStarted {
      outcome = .interrupted
      return [.terminate]
    }
    wasInterrupted = true
    return sources.map { .send(.pause, to: $0) }
  }

  private var sources: [WorkerID] { order.filter { states[$0]?.worker.isSource == true } }

  /// All workers of a source end it in one place, the furthest that any of them has come to: the results are then those of an
  /// input that ends there. One that had come to the end before it could pause takes the others there.
  private func stopWhenPaused() -> [Action] {
    let places = sources.compactMap { states[$0]?.report == nil ? states[$0]?.place : .max }
    guard places.count == sources.count, let last = places.max() else { return [] }
    return sources.filter { states[$0]?.report == nil }.map { .send(.stop(at: last), to: $0) }
  }

  /// Whether the workers have been told to go: each has done what it had to.
  package var isReleased: Bool { !states.isEmpty && states.values.allSatisfy { $0.report != nil } }

  /// What became of the rows, per worker, in the order of the plan.
  package var progress: [(worker: CoordinatedWorker, counters: RowCounters)] {
    order.compactMap { id in states[id].map { ($0.worker, $0.counters) } }
  }

  /// The closing figures of the workers that have ended, in the order of the plan.
  package var reports: [(worker: CoordinatedWorker, report: WorkerReport)] {
    order.compactMap { id in
      guard let state = states[id], let report = state.report else { return nil }
      return (state.worker, report)
    }
  }

  private mutating func startWhenReady() -> [Action] {
    guard !hasStarted, states.values.allSatisfy({ $0.endpoints != nil }) else { return [] }
    hasStarted = true
    return order.compactMap { id in
      guard let state = states[id] else { return nil }
      return .send(.start(outputs: state.worker.downstream.compactMap { endpoint(of: $0, for: id) }), to: id)
    }
  }

  /// Where `receiver` listens for `sender`.
  private func endpoint(of receiver: WorkerID, for sender: WorkerID) -> String? {
    guard let state = states[receiver], let place = state.worker.upstream.firstIndex(of: sender) else { return nil }
    return state.endpoints?[place]
  }
}
