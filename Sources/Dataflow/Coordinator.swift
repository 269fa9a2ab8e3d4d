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

/// How a run takes checkpoints, and what it bears.
package struct CheckpointPolicy: Hashable, Sendable {
  /// Nanoseconds from one checkpoint to the next.
  package let interval: Int64
  /// Epochs that may fail one after the other without a checkpoint between them.
  package let attempts: Int

  package init(interval: Int64, attempts: Int) {
    self.interval = interval
    self.attempts = attempts
  }
}

/// Brings the workers of each epoch up, has them take checkpoints, watches them, and brings them down: a state machine without
/// I/O. A supervisor feeds it what happens and carries out what it asks for.
///
/// An epoch begins with `begin` and the workers of one deployment. It ends when the stream has ended, when somebody wants it to
/// end, or when a worker fails; where checkpoints are taken, the next begins from the last one that was committed.
package struct Coordinator: Sendable {
  package enum Action: Sendable {
    case send(ControlMessage, to: WorkerID)
    /// Start this worker: none of its place is alive.
    case start(CoordinatedWorker)
    /// End this worker's process: it does not answer.
    case kill(CoordinatedWorker)
    /// Make this checkpoint durable, and tell by `committed` or `notCommitted`.
    case commit(Checkpoint)
    /// The epoch is over: `begin` the next, from the last checkpoint committed.
    case restart(EpochEnd)
    /// Say this to whoever watches the run.
    case warn(String)
    /// End every process that is left, now.
    case terminate
  }

  /// Why one epoch is followed by another.
  package enum EpochEnd: Hashable, Sendable {
    case failure(worker: String, cause: String, fault: WorkerFault)
    /// Other numbers of workers were asked for.
    case rescale
  }

  /// What all workers have saved, to be committed as one.
  package struct Checkpoint: Sendable {
    package let number: UInt64
    package let epoch: UInt32
    /// The input has been read to its end.
    package let isComplete: Bool
    /// The state of each, in the encoding of the workers' runtime, in the order of the plan.
    package let states: [(worker: CoordinatedWorker, state: [UInt8])]
  }

  /// How a run ended.
  package enum Outcome: Hashable, Sendable {
    case completed
    /// A clean stop that the user asked for.
    case interrupted
    /// Nobody reads the results any more; not an error.
    case outputClosed
    /// - Parameters:
    ///   - worker: the name of the worker that is to blame; nil where it is none.
    case failed(worker: String?, cause: String)
  }

  struct State: Sendable {
    let worker: CoordinatedWorker
    /// Whether it has been started and has not ended.
    var isAlive = false
    /// Whether it has been given the plan of this epoch.
    var hasJoined = false
    /// Whether it has said hello and there was no plan for it yet.
    var awaitsPlan = false
    var endpoints: [String]?
    /// Where a source has paused: before which record, and the greatest event time of those before it.
    var place: (record: UInt64, time: Int64)?
    /// When it was last heard of, in nanoseconds of the monotonic clock.
    var lastHeard: Int64?
    var counters = RowCounters()
    var report: WorkerReport?
    /// The last checkpoint whose results it has shown.
    var published: UInt64?
  }

  enum Phase: Hashable, Sendable {
    /// No epoch.
    case waiting
    /// Workers come and are given their places.
    case joining(since: Int64)
    case running
    /// The last checkpoint of the epoch is being committed, or its results are being shown.
    case closing(checkpoint: UInt64)
  }

  /// Why the sources are to stop before their input has ended.
  enum Stop: Hashable, Sendable {
    case interrupt
    case rescale
  }

  let policy: CheckpointPolicy?
  var states: [WorkerID: State] = [:]
  var order: [WorkerID] = []
  var phase = Phase.waiting
  var stop: Stop?
  /// Whether the sources have been told where to stop. One that ends for that moves the place no more.
  var isStopPlaced = false
  var round: Round?
  var nextRound: Int64?
  var nextCheckpoint: UInt64 = 1
  /// Epochs that have failed since the last checkpoint.
  var failures = 0
  package internal(set) var epoch: UInt32 = 0
  package internal(set) var outcome: Outcome?

  /// How long a worker that was alive may take to come to the next epoch.
  private static let joinPatience: Int64 = 5_000_000_000

  /// - Parameter policy: nil where no checkpoints are taken: then any failure ends the run.
  package init(policy: CheckpointPolicy? = nil) { self.policy = policy }

  // MARK: Epochs

  /// Begins an epoch with these workers, of which some may be alive.
  ///
  /// - Parameters:
  ///   - nextCheckpoint: the number of its first checkpoint.
  ///   - now: nanoseconds of the monotonic clock.
  package mutating func begin(
    _ workers: [CoordinatedWorker],
    epoch: UInt32 = 1,
    nextCheckpoint: UInt64 = 1,
    now: Int64 = 0
  ) -> [Action] {
    guard outcome == nil else { return [] }
    let (before, orderBefore) = (states, order)
    self.epoch = epoch
    self.nextCheckpoint = nextCheckpoint
    order = workers.map(\.id)
    states = [:]
    phase = .joining(since: now)
    (round, nextRound, stop) = (nil, nil, nil)
    isStopPlaced = false
    var actions: [Action] = []
    for worker in workers {
      var state = State(worker: worker)
      let old = before[worker.id]
      state.isAlive = true
      state.counters = old?.counters ?? RowCounters()
      if let old, old.isAlive {
        state.lastHeard = old.lastHeard
        if old.awaitsPlan {
          state.hasJoined = true
          actions.append(.send(.assign(plan: worker.plan), to: worker.id))
        } else if old.hasJoined {
          actions.append(.send(.abandon, to: worker.id))
        }
      } else {
        actions.append(.start(worker))
      }
      states[worker.id] = state
    }
    for id in orderBefore {
      guard states[id] == nil, let old = before[id], old.isAlive else { continue }
      actions.append(old.hasJoined ? .send(.release, to: id) : .kill(old.worker))
    }
    return actions
  }

  /// Takes in a worker's message. Messages of strangers, and such that make no sense now, are ignored.
  ///
  /// - Parameter now: nanoseconds of the monotonic clock.
  package mutating func receive(_ message: ControlMessage, from id: WorkerID, now: Int64 = 0) -> [Action] {
    guard outcome == nil, let state = states[id] else { return [] }
    states[id]?.lastHeard = now
    if case .hello = message { return greet(state) }
    // What it said before it was given its place belongs to an epoch that is over.
    guard state.hasJoined, phase != .waiting else { return [] }
    switch message {
    case .ready(let endpoints):
      guard endpoints.count == state.worker.upstream.count else {
        return fail(state.worker, "listens at \(endpoints.count) endpoints, not one a sender", .permanent)
      }
      states[id]?.endpoints = endpoints
      return startWhenReady(now: now)
    case .progress(let counters):
      states[id]?.counters = counters
      return []
    case .done(let report):
      states[id]?.report = report
      states[id]?.counters = report.counters
      return end(of: id)
    case .failed(let message, let fault): return fail(state.worker, message, fault)
    case .outputClosed:
      outcome = .outputClosed
      return [.terminate]
    case .paused(let record, let time):
      states[id]?.place = (record, time)
      return stop == nil ? cutWhenPaused() : stopWhenPaused()
    case .saved(let checkpoint, let saved): return took(checkpoint, id, .success(saved))
    case .notSaved(let checkpoint, let message):
      return took(checkpoint, id, .failure(NotSaved(message: message)))
    case .published(let checkpoint):
      states[id]?.published = checkpoint
      return closeWhenPublished()
    case .hello, .assign, .start, .pause, .stop, .stopBehind, .resume, .cut, .cutBehind, .committed, .abandon, .leave,
      .release, .alive, .scale, .apply, .answer:
      return []
    }
  }

  /// A worker's process has ended.
  ///
  /// - Parameter cause: the signal or exit code and the last lines of its log, for people; nil when it exited with 0.
  package mutating func exited(_ id: WorkerID, cause: String?) -> [Action] {
    guard outcome == nil, let state = states[id] else { return [] }
    states[id]?.isAlive = false
    states[id]?.hasJoined = false
    guard phase != .waiting else { return [] }
    return fail(state.worker, cause ?? "exited before the stream had ended everywhere", .transient)
  }

  /// Lets everybody go, whatever they have done: for workers that nobody here can end, when the run is over.
  package var dismissals: [Action] { order.filter { states[$0]?.hasJoined == true }.map { .send(.release, to: $0) } }

  /// Time passes: a checkpoint may be due, and workers may have fallen silent.
  package mutating func tick(now: Int64) -> [Action] {
    guard outcome == nil else { return [] }
    switch phase {
    case .joining(let since):
      guard epoch > 1, now - since > Self.joinPatience else { return [] }
      phase = .joining(since: now)
      return order.flatMap { id -> [Action] in
        guard let state = states[id], !state.hasJoined else { return [] }
        return [.kill(state.worker), .start(state.worker)]
      }
    case .running: return startRound(now: now)
    case .waiting, .closing: return []
    }
  }

  /// Takes a worker that had joined and has not been heard of for `patience` nanoseconds for dead; tells the others that the
  /// coordinator is there. For workers that nobody here can see end.
  package mutating func checkHeartbeats(now: Int64, patience: Int64) -> [Action] {
    guard outcome == nil else { return [] }
    for id in order {
      guard let state = states[id], state.isAlive, let last = state.lastHeard, now - last > patience else { continue }
      states[id]?.isAlive = false
      states[id]?.hasJoined = false
      states[id]?.lastHeard = nil
      return fail(state.worker, "has not been heard of for \(patience / 1_000_000_000) s", .transient)
    }
    return order.filter { states[$0]?.hasJoined == true }.map { .send(.alive, to: $0) }
  }

  // MARK: Stopping

  /// The user asks for a clean stop; a second time, for a quick one.
  package mutating func interrupt() -> [Action] {
    guard outcome == nil else { return [] }
    if case .closing = phase { return [] }
    if stop == .interrupt || phase != .running {
      outcome = .interrupted
      return [.terminate]
    }
    let isPausing = stop == .rescale
    stop = .interrupt
    return isPausing ? [] : pauseSources()
  }

  /// Whether rows flow and nobody wants them to stop.
  package var isFlowing: Bool { outcome == nil && phase == .running && stop == nil }

  /// Ends the epoch cleanly, so that the next can have other numbers of workers or other plans; only while rows flow and where
  /// checkpoints are taken.
  package mutating func rescale() -> [Action] {
    guard isFlowing, policy != nil else { return [] }
    stop = .rescale
    return pauseSources()
  }

  /// The stage of a worker's place and how many workers it has; nil where the epoch has no such stage.
  package func stage(of id: WorkerID) -> (name: String, workers: Int)? {
    let workers = order.filter { $0.stage == id.stage }
    return workers.first.flatMap { states[$0] }.map { (String($0.worker.name.prefix { $0 != "/" }), workers.count) }
  }

  /// For how many nanoseconds a worker that is thought to be alive has not been heard of; nil for one that never was.
  package func silence(of id: WorkerID, now: Int64) -> Int64? {
    guard let state = states[id], state.isAlive else { return nil }
    return state.lastHeard.map { now - $0 }
  }

  var sources: [WorkerID] { order.filter { states[$0]?.worker.isSource == true } }
  /// Those that have not come to their end.
  var runningSources: [WorkerID] { sources.filter { states[$0]?.report == nil } }
  /// Whether more than one stage is a source: records of one say nothing of places in another, so that places are event times.
  var hasSeveralSources: Bool { Set(sources.map(\.stage)).count > 1 }

  /// The greatest event time that any source has come to; nil while one has not said where it is.
  var furthestTime: Int64? {
    let times = sources.compactMap { states[$0]?.report?.time ?? states[$0]?.place?.time }
    return times.count == sources.count ? times.max() : nil
  }

  private mutating func pauseSources() -> [Action] {
    // A checkpoint for which they have paused already is given up.
    if round?.isPausing == true { round = nil }
    for id in sources { states[id]?.place = nil }
    return sources.map { .send(.pause, to: $0) }
  }

  /// All workers of a source end it in one place, the furthest that any of them has come to: the results are then those of an
  /// input that ends there. One that had come to the end before it could pause takes the others there. Where another run is to
  /// go on from there, several sources end in one place of the pipeline's order.
  private mutating func stopWhenPaused() -> [Action] {
    guard !isStopPlaced else { return [] }
    if policy != nil, hasSeveralSources {
      guard let time = furthestTime else { return [] }
      isStopPlaced = true
      return runningSources.map { .send(.stopBehind(time: time), to: $0) }
    }
    let places = sources.compactMap { id -> (stage: UInt16, record: UInt64)? in
      let record = states[id]?.report == nil ? states[id]?.place?.record : .max
      return record.map { (id.stage, $0) }
    }
    guard places.count == sources.count else { return [] }
    isStopPlaced = true
    return runningSources.map { id in
      let last = places.filter { $0.stage == id.stage }.map(\.record).max()
      return .send(.stop(at: last ?? 0), to: id)
    }
  }

  /// The stream has ended at a worker.
  private mutating func end(of id: WorkerID) -> [Action] {
    var actions = giveUpRound(endedAt: id)
    guard states.values.allSatisfy({ $0.report != nil }) else { return actions + (stop == nil ? [] : stopWhenPaused()) }
    guard policy != nil else { return actions + close() }
    let number = nextCheckpoint
    nextCheckpoint += 1
    phase = .closing(checkpoint: number)
    let states = order.compactMap { id in
      self.states[id].flatMap { state in state.report.map { (worker: state.worker, state: $0.state ?? []) } }
    }
    // A stop for which nobody had to stop before the end is none.
    let isComplete = stop == nil
    actions.append(
      .commit(Checkpoint(number: number, epoch: epoch, isComplete: isComplete, states: states))
    )
    return actions
  }

  /// Everything of the epoch is done.
  mutating func close() -> [Action] {
    if stop == .rescale {
      phase = .waiting
      return [.restart(.rescale)]
    }
    outcome = stop == .interrupt ? .interrupted : .completed
    return order.map { .send(.release, to: $0) }
  }

  func closeWhenPublished(_ number: UInt64) -> Bool {
    order.allSatisfy { id in
      guard let state = states[id], state.worker.downstream.isEmpty else { return true }
      return state.published == number
    }
  }

  private mutating func closeWhenPublished() -> [Action] {
    guard case .closing(let number) = phase, closeWhenPublished(number) else { return [] }
    return close()
  }

  // MARK: Failure

  /// A worker cannot go on. Where checkpoints are taken, another epoch may.
  mutating func fail(_ worker: CoordinatedWorker, _ cause: String, _ fault: WorkerFault) -> [Action] {
    guard let policy, fault != .permanent, stop != .interrupt else {
      outcome = .failed(worker: worker.name, cause: cause)
      return [.terminate]
    }
    failures += 1
    guard failures <= policy.attempts else {
      let times = policy.attempts == 1 ? "once" : "\(policy.attempts) times"
      outcome = .failed(
        worker: worker.name,
        cause: cause + "\nit was tried again \(times) from the same checkpoint, and failed each time"
      )
      return [.terminate]
    }
    phase = .waiting
    round = nil
    return [.restart(.failure(worker: worker.name, cause: cause, fault: fault))]
  }

  // MARK: Joining

  private mutating func greet(_ state: State) -> [Action] {
    let id = state.worker.id
    if phase == .waiting || state.hasJoined {
      // One that had joined and greets again is another process at its place.
      states[id]?.awaitsPlan = true
      return phase == .waiting ? [] : fail(state.worker, "was started again", .transient)
    }
    states[id]?.hasJoined = true
    states[id]?.isAlive = true
    return [.send(.assign(plan: state.worker.plan), to: id)]
  }

  private mutating func startWhenReady(now: Int64) -> [Action] {
    guard case .joining = phase, states.values.allSatisfy({ $0.endpoints != nil }) else { return [] }
    phase = .running
    nextRound = policy.map { now + $0.interval }
    return order.compactMap { id in
      guard let state = states[id] else { return nil }
      let downstream = state.worker.downstream
      let outputs = downstream.indices.compactMap { index in
        // One that reads several outputs listens for each.
        endpoint(of: downstream[index], for: id, number: downstream[..<index].count { $0 == downstream[index] })
      }
      return .send(.start(outputs: outputs), to: id)
    }
  }

  /// Where `receiver` listens for `sender`, on which of several channels.
  private func endpoint(of receiver: WorkerID, for sender: WorkerID, number: Int) -> String? {
    guard let state = states[receiver] else { return nil }
    let places = state.worker.upstream.indices.filter { state.worker.upstream[$0] == sender }
    return places.indices.contains(number) ? state.endpoints?[places[number]] : nil
  }

  // MARK: What is known

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
}
