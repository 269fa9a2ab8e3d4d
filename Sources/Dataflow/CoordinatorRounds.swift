internal import Records

extension Coordinator {
  /// A checkpoint under way.
  struct Round: Sendable {
    let number: UInt64
    /// The sources stand still until it is known where all of them can be cut.
    var isPausing: Bool
    var answers: [WorkerID: Result<[UInt8], NotSaved>] = [:]
    var isBeingCommitted = false
  }

  /// Why a worker could not save its state.
  struct NotSaved: Error {
    let message: String
  }

  /// Begins a checkpoint when one is due.
  mutating func startRound(now: Int64) -> [Action] {
    guard let policy, let due = nextRound, now >= due, round == nil, stop == nil else { return [] }
    // The stream is about to end, and that makes a checkpoint too. One of several sources may end long before the others.
    guard hasSeveralSources ? !runningSources.isEmpty : states.values.allSatisfy({ $0.report == nil }) else {
      return []
    }
    nextRound = now + policy.interval
    let number = nextCheckpoint
    nextCheckpoint += 1
    round = Round(number: number, isPausing: sources.count > 1)
    if sources.count == 1 { return [.send(.cut(checkpoint: number, at: 0), to: sources[0])] }
    for id in sources { states[id]?.place = nil }
    return runningSources.map { .send(.pause, to: $0) }
  }

  /// All workers of a source are cut in one place, the furthest that any of them has come to; several sources, where the
  /// furthest of them is in the pipeline's order.
  mutating func cutWhenPaused() -> [Action] {
    guard let round, round.isPausing else { return [] }
    if hasSeveralSources {
      guard let time = furthestTime else { return [] }
      self.round?.isPausing = false
      return runningSources.map { .send(.cutBehind(checkpoint: round.number, time: time), to: $0) }
    }
    let places = sources.compactMap { states[$0]?.place?.record }
    guard places.count == sources.count, let furthest = places.max() else { return [] }
    self.round?.isPausing = false
    return sources.map { .send(.cut(checkpoint: round.number, at: furthest), to: $0) }
  }

  /// A worker has saved its part of a checkpoint, or has not.
  mutating func took(
    _ number: UInt64,
    _ id: WorkerID,
    _ answer: Result<[UInt8], NotSaved>
  ) -> [Action] {
    guard round?.number == number, round?.isBeingCommitted == false else { return [] }
    round?.answers[id] = answer
    return completeRound()
  }

  /// Commits a checkpoint for which everybody has saved what belongs to it.
  private mutating func completeRound() -> [Action] {
    guard let round, !round.isPausing, !round.isBeingCommitted else { return [] }
    let number = round.number
    let answers = order.compactMap { id in
      self.states[id].flatMap { state in (round.answers[id] ?? lastState(of: state)).map { (state.worker, $0) } }
    }
    guard answers.count == order.count else { return [] }
    var states: [(worker: CoordinatedWorker, state: [UInt8])] = []
    for (worker, answer) in answers {
      switch answer {
      case .success(let state): states.append((worker, state))
      case .failure(let failure):
        self.round = nil
        return [.warn("checkpoint \(number) was not taken: worker \(worker.name) \(failure.message)")]
      }
    }
    self.round?.isBeingCommitted = true
    return [.commit(Checkpoint(number: number, epoch: epoch, isComplete: false, states: states))]
  }

  /// What a worker saved at its end stands for its part of a checkpoint whose barrier did not come to it: then all that it
  /// reads had ended before, and nothing of that is behind the barrier.
  private func lastState(of state: State) -> Result<[UInt8], NotSaved>? {
    hasSeveralSources ? state.report?.state.map { .success($0) } : nil
  }

  /// A checkpoint is durable.
  package mutating func committed(_ number: UInt64) -> [Action] {
    guard outcome == nil else { return [] }
    failures = 0
    let isLast = phase == .closing(checkpoint: number)
    let news: [Action] = order.map { .send(.committed(checkpoint: number, isLast: isLast), to: $0) }
    guard isLast else {
      if round?.number == number { round = nil }
      return news
    }
    return closeWhenPublished(number) ? news + close() : news
  }

  /// A checkpoint could not be made durable; the last one that was stays what it is.
  package mutating func notCommitted(_ number: UInt64, cause: String) -> [Action] {
    guard outcome == nil else { return [] }
    if phase == .closing(checkpoint: number) {
      outcome = .failed(worker: nil, cause: cause)
      return [.terminate]
    }
    if round?.number == number { round = nil }
    return [.warn("checkpoint \(number) was not taken: \(cause)")]
  }

  /// The stream has ended at a worker that has not saved its part of the checkpoint under way: its barrier will not come.
  mutating func giveUpRound(endedAt id: WorkerID) -> [Action] {
    guard let round, round.answers[id] == nil else { return [] }
    if hasSeveralSources, stop == nil, !runningSources.isEmpty {
      // A source that ends once the cut is known has come to nothing behind it. The others are still to be cut there, so the
      // round goes on: they would forget it for the next one.
      let isSource = states[id]?.worker.isSource == true
      return isSource && round.isPausing ? cutWhenPaused() : completeRound()
    }
    self.round = nil
    guard round.isPausing, stop == nil else { return [] }
    return runningSources.map { .send(.resume, to: $0) }
  }
}
