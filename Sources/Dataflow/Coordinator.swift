package import Records

/// A worker that the coordinator is to bring up.
package struct CoordinatedWorker: Sendable {
  package let id: WorkerID
  /// `customer/0`: the stage's name and the worker's number, for people.
  package let name: String
  package let isSource: Bool
  /// The workers whose inputs this one's output channels lead to, in order.
  package let downstream: [WorkerID]
  /// Its part of the plan, encoded.
  package let plan: [UInt8]

  package init(id: WorkerID, name: String, isSource: Bool, downstream: [WorkerID], plan: [UInt8]) {
    self.id = id
    self.name = name
    self.isSource = isSource
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
    var endpoint: String?
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
  package mutating func receive(_ message: ControlMessage, from id: WorkerID) -> [Action] {
    guard outcome == nil, var state = states[id] else { return [] }
    defer { states[id] = state }
    switch message {
    case .hello:
      return [.send(.assign(plan: state.worker.plan), to: id)]
    case .ready(let endpoint):
      state.endpoint = endpoint
      states[id] = state
      return startWhenReady()
    case .progress(let counters):
      state.counters = counters
      return []
    case .done(let report):
      state.report = report
      state.counters = report.counters
      states[id] = state
      guard states.values.allSatisfy({ $0.report != nil }) else { return [] }
      outcome = wasInterrupted ? .interrupted : .completed
      return order.map { .send(.release, to: $0) }
    case .failed(let message):
      outcome = .failed(worker: state.worker.name, cause: message)
      return [.terminate]
    case .outputClosed:
      outcome = .outputClosed
      return [.terminate]
    case .assign, .start, .stop, .release:
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

  /// The user asks for a clean stop; a second time, for a quick one.
  package mutating func interrupt() -> [Action] {
    guard outcome == nil else { return [] }
    if wasInterrupted || !hasStarted {
      outcome = .interrupted
      return [.terminate]
    }
    wasInterrupted = true
    return order.filter { states[$0]?.worker.isSource == true }.map { .send(.stop, to: $0) }
  }

  /// What became of the rows, per worker, in the order of the plan.
  package var progress: [(name: String, counters: RowCounters)] {
    order.compactMap { id in states[id].map { ($0.worker.name, $0.counters) } }
  }

  /// The closing figures of the workers that have ended, in the order of the plan.
  package var reports: [(worker: CoordinatedWorker, report: WorkerReport)] {
    order.compactMap { id in
      guard let state = states[id], let report = state.report else { return nil }
      return (state.worker, report)
    }
  }

  private mutating func startWhenReady() -> [Action] {
    guard !hasStarted, states.values.allSatisfy({ $0.endpoint != nil }) else { return [] }
    hasStarted = true
    return order.compactMap { id in
      guard let state = states[id] else { return nil }
      return .send(.start(outputs: state.worker.downstream.compactMap { states[$0]?.endpoint }), to: id)
    }
  }
}
