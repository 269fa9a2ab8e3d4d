import Dataflow
import Records
import Testing

/// Checkpoints, and what becomes of an epoch that fails or is to be followed by another.
@Suite struct CoordinatorEpochTests {
  private static let source = CoordinatorTests.source
  private static let sink = CoordinatorTests.sink
  private static let policy = CheckpointPolicy(interval: 100, attempts: 2)

  private static func started() -> Coordinator { CoordinatorTests.started(policy) }

  /// Several source workers and a sink, flowing.
  private static func started(sources count: UInt16) -> Coordinator {
    let sources = CoordinatorTests.ids(0, count)
    var coordinator = CoordinatorTests.joined(
      sources.map {
        CoordinatedWorker(id: $0, name: "in/\($0.worker)", isSource: true, upstream: [], downstream: [sink], plan: [])
      } + [CoordinatedWorker(id: sink, name: "out/0", isSource: false, upstream: sources, downstream: [], plan: [])],
      policy
    )
    for id in sources { _ = coordinator.receive(.ready(endpoints: []), from: id) }
    _ = coordinator.receive(.ready(endpoints: sources.map { "\($0.worker)" }), from: sink)
    return coordinator
  }

  /// The actions in short.
  private static func words(_ actions: [Coordinator.Action]) -> [String] {
    actions.map { action in
      switch action {
      case .send(let message, let id): "\(word(message)) to \(id.stage)/\(id.worker)"
      case .start(let worker): "start \(worker.name)"
      case .kill(let worker): "kill \(worker.name)"
      case .commit(let checkpoint): "commit \(checkpoint.number)\(checkpoint.isComplete ? ", complete" : "")"
      case .restart(.failure(let worker, _, _)): "restart after \(worker)"
      case .restart(.rescale): "restart to rescale"
      case .warn: "warn"
      case .terminate: "terminate"
      }
    }
  }

  private static func word(_ message: ControlMessage) -> String {
    switch message {
    case .assign: "assign"
    case .start: "start"
    case .pause: "pause"
    case .resume: "resume"
    case .cut(let checkpoint, let place): "cut \(checkpoint) at \(place)"
    case .stop(let place): "stop at \(place)"
    case .committed(let checkpoint, let isLast): "\(isLast ? "last" : "committed") \(checkpoint)"
    case .abandon: "abandon"
    case .release: "release"
    default: "\(message)"
    }
  }

  /// Takes a checkpoint of the pair of workers to its commit.
  private static func takeCheckpoint(_ number: UInt64, _ coordinator: inout Coordinator, now: Int64) {
    #expect(words(coordinator.tick(now: now)) == ["cut \(number) at 0 to 0/0"])
    #expect(coordinator.receive(.saved(checkpoint: number, state: [1]), from: source).isEmpty)
    #expect(words(coordinator.receive(.saved(checkpoint: number, state: [2]), from: sink)) == ["commit \(number)"])
  }

  // MARK: Rounds

  @Test func aCheckpointIsCommittedWhenAllHaveSaved() throws {
    var coordinator = Self.started()
    #expect(coordinator.tick(now: 99).isEmpty, "none is due yet")
    #expect(Self.words(coordinator.tick(now: 100)) == ["cut 1 at 0 to 0/0"])
    #expect(coordinator.tick(now: 300).isEmpty, "one at a time")
    #expect(coordinator.receive(.saved(checkpoint: 1, state: [2]), from: Self.sink).isEmpty)
    let actions = coordinator.receive(.saved(checkpoint: 1, state: [1]), from: Self.source)
    guard case .commit(let checkpoint)? = actions.first else {
      Issue.record("all have saved")
      return
    }
    #expect(checkpoint.states.map(\.state) == [[1], [2]], "in the order of the plan")
    #expect(!checkpoint.isComplete && checkpoint.number == 1)
    #expect(Self.words(coordinator.committed(1)) == ["committed 1 to 0/0", "committed 1 to 1/0"])
    #expect(Self.words(coordinator.tick(now: 300)) == ["cut 2 at 0 to 0/0"])
  }

  @Test func severalSourceWorkersAreCutWhereTheFurthestIs() {
    var coordinator = Self.started(sources: 3)
    let ids = CoordinatorTests.ids(0, 3)
    #expect(Self.words(coordinator.tick(now: 100)) == ["pause to 0/0", "pause to 0/1", "pause to 0/2"])
    #expect(coordinator.receive(.paused(at: 9), from: ids[1]).isEmpty)
    #expect(coordinator.receive(.paused(at: 4), from: ids[2]).isEmpty)
    let actions = coordinator.receive(.paused(at: 7), from: ids[0])
    #expect(Self.words(actions) == ["cut 1 at 9 to 0/0", "cut 1 at 9 to 0/1", "cut 1 at 9 to 0/2"])
  }

  @Test func aSourceThatEndsWhileOthersPauseGivesTheRoundUp() {
    var coordinator = Self.started(sources: 2)
    let ids = CoordinatorTests.ids(0, 2)
    _ = coordinator.tick(now: 100)
    _ = coordinator.receive(.paused(at: 4), from: ids[0])
    #expect(Self.words(coordinator.receive(.done(CoordinatorTests.noReport), from: ids[1])) == ["resume to 0/0"])
    #expect(coordinator.receive(.paused(at: 4), from: ids[0]).isEmpty, "a late word changes nothing")
    #expect(coordinator.tick(now: 1000).isEmpty, "the end makes a checkpoint too")
  }

  @Test func aWorkerThatEndsUnsavedGivesTheRoundUp() {
    var coordinator = Self.started()
    _ = coordinator.tick(now: 100)
    _ = coordinator.receive(.saved(checkpoint: 1, state: []), from: Self.sink)
    #expect(coordinator.receive(.done(CoordinatorTests.noReport), from: Self.source).isEmpty)
    #expect(coordinator.receive(.saved(checkpoint: 1, state: []), from: Self.source).isEmpty)
    #expect(
      Self.words(coordinator.receive(.done(CoordinatorTests.noReport), from: Self.sink)) == ["commit 2, complete"]
    )
  }

  @Test func whatCouldNotBeSavedIsToldAndTriedAgain() {
    var coordinator = Self.started()
    _ = coordinator.tick(now: 100)
    #expect(coordinator.receive(.notSaved(checkpoint: 1, message: "no room"), from: Self.sink).isEmpty)
    let actions = coordinator.receive(.saved(checkpoint: 1, state: []), from: Self.source)
    guard case .warn(let text)? = actions.first, actions.count == 1 else {
      Issue.record("nothing is committed")
      return
    }
    #expect(text.contains("out/0") && text.contains("no room"))
    Self.takeCheckpoint(2, &coordinator, now: 200)
  }

  @Test func anAnswerOfAnotherCheckpointIsIgnored() {
    var coordinator = Self.started()
    _ = coordinator.tick(now: 100)
    _ = coordinator.receive(.saved(checkpoint: 7, state: []), from: Self.sink)
    #expect(coordinator.receive(.saved(checkpoint: 1, state: []), from: Self.source).isEmpty)
  }

  @Test func aCommitThatFailsIsToldAndTheRunGoesOn() {
    var coordinator = Self.started()
    Self.takeCheckpoint(1, &coordinator, now: 100)
    #expect(Self.words(coordinator.notCommitted(1, cause: "no room")) == ["warn"])
    #expect(coordinator.outcome == nil)
    Self.takeCheckpoint(2, &coordinator, now: 200)
  }

  // MARK: The end

  @Test func theEndIsShownBeforeAnybodyGoes() {
    var coordinator = Self.started()
    _ = coordinator.receive(.done(CoordinatorTests.noReport), from: Self.source)
    #expect(
      Self.words(coordinator.receive(.done(CoordinatorTests.noReport), from: Self.sink)) == ["commit 1, complete"]
    )
    #expect(Self.words(coordinator.committed(1)) == ["last 1 to 0/0", "last 1 to 1/0"])
    #expect(coordinator.receive(.published(checkpoint: 1), from: Self.source).isEmpty, "it has nothing to show")
    #expect(coordinator.outcome == nil)
    let actions = coordinator.receive(.published(checkpoint: 1), from: Self.sink)
    #expect(Self.words(actions) == ["release to 0/0", "release to 1/0"])
    #expect(coordinator.outcome == .completed)
  }

  @Test func aLastCommitThatFailsFailsTheRun() {
    var coordinator = Self.started()
    _ = coordinator.receive(.done(CoordinatorTests.noReport), from: Self.source)
    _ = coordinator.receive(.done(CoordinatorTests.noReport), from: Self.sink)
    #expect(Self.words(coordinator.notCommitted(1, cause: "no room")) == ["terminate"])
    #expect(coordinator.outcome == .failed(worker: nil, cause: "no room"))
  }

  @Test func aSinkThatDiesBeforeItHasShownTheEndIsFollowedByAnother() {
    var coordinator = Self.started()
    _ = coordinator.receive(.done(CoordinatorTests.noReport), from: Self.source)
    _ = coordinator.receive(.done(CoordinatorTests.noReport), from: Self.sink)
    _ = coordinator.committed(1)
    #expect(Self.words(coordinator.exited(Self.sink, cause: "killed")) == ["restart after out/0"])
    let actions = coordinator.begin(CoordinatorTests.pair, epoch: 2, nextCheckpoint: 2)
    #expect(Self.words(actions) == ["abandon to 0/0", "start out/0"])
  }

  /// The word that one has come to the place where all are to end is not the end of the input.
  @Test func sourcesThatStopSendNobodyElsewhere() {
    var coordinator = Self.started(sources: 2)
    let ids = CoordinatorTests.ids(0, 2)
    _ = coordinator.interrupt()
    _ = coordinator.receive(.paused(at: 3), from: ids[0])
    #expect(
      Self.words(coordinator.receive(.paused(at: 5), from: ids[1])) == ["stop at 5 to 0/0", "stop at 5 to 0/1"]
    )
    #expect(coordinator.receive(.done(CoordinatorTests.noReport), from: ids[0]).isEmpty)
    #expect(coordinator.receive(.done(CoordinatorTests.noReport), from: ids[1]).isEmpty)
    let actions = coordinator.receive(.done(CoordinatorTests.noReport), from: Self.sink)
    #expect(Self.words(actions) == ["commit 1"], "the input goes on where it stopped")
  }

  @Test func anInterruptTakesOverFromARound() {
    var coordinator = Self.started(sources: 2)
    let ids = CoordinatorTests.ids(0, 2)
    _ = coordinator.tick(now: 100)
    _ = coordinator.receive(.paused(at: 3), from: ids[0])
    #expect(Self.words(coordinator.interrupt()) == ["pause to 0/0", "pause to 0/1"])
    #expect(coordinator.receive(.paused(at: 8), from: ids[1]).isEmpty, "the first says again where it is")
    #expect(
      Self.words(coordinator.receive(.paused(at: 3), from: ids[0])) == ["stop at 8 to 0/0", "stop at 8 to 0/1"]
    )
  }

  // MARK: Recovery

  @Test func theLivingAreCalledBackAndTheDeadReplaced() {
    var coordinator = Self.started()
    #expect(Self.words(coordinator.exited(Self.sink, cause: "killed")) == ["restart after out/0"])
    #expect(coordinator.tick(now: 1000).isEmpty && coordinator.outcome == nil)
    let actions = coordinator.begin(CoordinatorTests.pair, epoch: 2, nextCheckpoint: 1)
    #expect(Self.words(actions) == ["abandon to 0/0", "start out/0"])
    #expect(coordinator.receive(.progress(RowCounters()), from: Self.source).isEmpty)
    #expect(coordinator.receive(.ready(endpoints: []), from: Self.source).isEmpty, "that was of the epoch before")
    #expect(Self.words(coordinator.receive(.hello, from: Self.source)) == ["assign to 0/0"])
    #expect(Self.words(coordinator.receive(.hello, from: Self.sink)) == ["assign to 1/0"])
    _ = coordinator.receive(.ready(endpoints: []), from: Self.source)
    let started = coordinator.receive(.ready(endpoints: ["x"]), from: Self.sink)
    #expect(Self.words(started) == ["start to 0/0", "start to 1/0"])
  }

  @Test func whoGreetsBetweenEpochsIsGivenItsPlanAtOnce() {
    var coordinator = Self.started()
    _ = coordinator.exited(Self.sink, cause: "killed")
    #expect(coordinator.receive(.hello, from: Self.source).isEmpty)
    let actions = coordinator.begin(CoordinatorTests.pair, epoch: 2, nextCheckpoint: 1)
    #expect(Self.words(actions) == ["assign to 0/0", "start out/0"])
  }

  @Test func anotherProcessAtAPlaceThatIsTakenEndsTheEpoch() {
    var coordinator = Self.started()
    #expect(Self.words(coordinator.receive(.hello, from: Self.sink)) == ["restart after out/0"])
    let actions = coordinator.begin(CoordinatorTests.pair, epoch: 2, nextCheckpoint: 1)
    #expect(Self.words(actions) == ["abandon to 0/0", "assign to 1/0"])
  }

  @Test func aFailureIsTriedAgainOnlySoOften() {
    var coordinator = Self.started()
    for epoch in 2...3 as ClosedRange<UInt32> {
      let failed = coordinator.receive(.failed(message: "no", .transient), from: Self.sink)
      #expect(Self.words(failed) == ["restart after out/0"])
      _ = coordinator.begin(CoordinatorTests.pair, epoch: epoch, nextCheckpoint: 1)
      _ = coordinator.receive(.hello, from: Self.sink)
    }
    #expect(Self.words(coordinator.receive(.failed(message: "no", .transient), from: Self.sink)) == ["terminate"])
    guard case .failed(worker: "out/0", let cause)? = coordinator.outcome else {
      Issue.record("it has been tried often enough")
      return
    }
    #expect(cause.hasPrefix("no\n") && cause.contains("2 times"))
  }

  @Test func aCheckpointMakesTheCountOfFailuresBeginAnew() {
    var coordinator = Self.started()
    for epoch in 2...6 as ClosedRange<UInt32> {
      let number = UInt64(epoch) - 1
      Self.takeCheckpoint(number, &coordinator, now: 100)
      _ = coordinator.committed(number)
      #expect(Self.words(coordinator.exited(Self.sink, cause: nil)) == ["restart after out/0"])
      _ = coordinator.begin(CoordinatorTests.pair, epoch: epoch, nextCheckpoint: number + 1)
      for id in [Self.source, Self.sink] { _ = coordinator.receive(.hello, from: id) }
      _ = coordinator.receive(.ready(endpoints: []), from: Self.source)
      _ = coordinator.receive(.ready(endpoints: ["x"]), from: Self.sink)
    }
    #expect(coordinator.outcome == nil)
  }

  @Test func whatWouldFailAgainIsNotTriedAgain() {
    var coordinator = Self.started()
    #expect(Self.words(coordinator.receive(.failed(message: "no", .permanent), from: Self.sink)) == ["terminate"])
    #expect(coordinator.outcome == .failed(worker: "out/0", cause: "no"))
  }

  @Test func aDamagedCheckpointIsNamed() {
    var coordinator = Self.started()
    let actions = coordinator.receive(.failed(message: "torn", .checkpoint), from: Self.sink)
    guard case .restart(.failure(worker: "out/0", cause: "torn", fault: .checkpoint))? = actions.first else {
      Issue.record("the planner has to know, to go back further")
      return
    }
  }

  @Test func aFailureWhileTheUserWaitsForTheEndEndsTheRun() {
    var coordinator = Self.started()
    _ = coordinator.interrupt()
    #expect(Self.words(coordinator.exited(Self.sink, cause: "killed")) == ["terminate"])
    #expect(coordinator.outcome == .failed(worker: "out/0", cause: "killed"))
  }

  // MARK: Joining

  @Test func whoDoesNotComeToTheNextEpochIsReplaced() {
    var coordinator = Self.started()
    _ = coordinator.exited(Self.sink, cause: "killed")
    _ = coordinator.begin(CoordinatorTests.pair, epoch: 2, nextCheckpoint: 1, now: 0)
    _ = coordinator.receive(.hello, from: Self.sink)
    #expect(coordinator.tick(now: 5_000_000_000).isEmpty)
    #expect(Self.words(coordinator.tick(now: 5_000_000_001)) == ["kill in/0", "start in/0"])
    #expect(coordinator.tick(now: 5_000_000_002).isEmpty, "the new one has its time too")
  }

  @Test func nobodyIsHurriedInTheFirstEpoch() {
    var coordinator = Coordinator(policy: Self.policy)
    _ = coordinator.begin(CoordinatorTests.pair)
    #expect(coordinator.tick(now: .max).isEmpty)
  }

  // MARK: Other numbers of workers

  @Test func aRescaleEndsTheEpochCleanly() {
    var coordinator = Self.started()
    #expect(coordinator.isFlowing)
    #expect(Self.words(coordinator.rescale()) == ["pause to 0/0"])
    #expect(coordinator.rescale().isEmpty && !coordinator.isFlowing, "one at a time")
    #expect(coordinator.tick(now: 1000).isEmpty, "the end makes a checkpoint too")
    #expect(Self.words(coordinator.receive(.paused(at: 5), from: Self.source)) == ["stop at 5 to 0/0"])
    _ = coordinator.receive(.done(CoordinatorTests.noReport), from: Self.source)
    #expect(Self.words(coordinator.receive(.done(CoordinatorTests.noReport), from: Self.sink)) == ["commit 1"])
    _ = coordinator.committed(1)
    let actions = coordinator.receive(.published(checkpoint: 1), from: Self.sink)
    #expect(Self.words(actions) == ["restart to rescale"])
    #expect(coordinator.outcome == nil)
  }

  @Test func thoseWhoAreNoMoreAreLetGo() {
    var coordinator = Self.started(sources: 2)
    _ = coordinator.exited(Self.sink, cause: "killed")
    let actions = coordinator.begin(CoordinatorTests.pair, epoch: 2, nextCheckpoint: 1)
    #expect(Self.words(actions) == ["abandon to 0/0", "start out/0", "release to 0/1"])
  }

  @Test func withoutCheckpointsNothingIsRescaledOrTriedAgain() {
    var coordinator = CoordinatorTests.started()
    #expect(coordinator.rescale().isEmpty && coordinator.tick(now: .max).isEmpty)
    #expect(Self.words(coordinator.exited(Self.sink, cause: nil)) == ["terminate"])
  }

  @Test func anInterruptDuringARescaleEndsTheRun() {
    var coordinator = Self.started()
    _ = coordinator.rescale()
    #expect(coordinator.interrupt().isEmpty, "the sources pause already")
    #expect(Self.words(coordinator.receive(.paused(at: 5), from: Self.source)) == ["stop at 5 to 0/0"])
    for id in [Self.source, Self.sink] { _ = coordinator.receive(.done(CoordinatorTests.noReport), from: id) }
    _ = coordinator.committed(1)
    _ = coordinator.receive(.published(checkpoint: 1), from: Self.sink)
    #expect(coordinator.outcome == .interrupted)
  }
}
