import Dataflow
import Records
import Testing

@Suite struct CoordinatorTests {
  static let source = WorkerID(stage: 0, worker: 0)
  static let sink = WorkerID(stage: 1, worker: 0)

  static let pair = [
    CoordinatedWorker(id: source, name: "in/0", isSource: true, upstream: [], downstream: [sink], plan: [1]),
    CoordinatedWorker(id: sink, name: "out/0", isSource: false, upstream: [source], downstream: [], plan: [2]),
  ]

  static func coordinator() -> Coordinator {
    var coordinator = Coordinator()
    _ = coordinator.begin(pair)
    return coordinator
  }

  /// One whose workers have all said hello.
  static func joined(_ workers: [CoordinatedWorker] = pair, _ policy: CheckpointPolicy? = nil) -> Coordinator {
    var coordinator = Coordinator(policy: policy)
    _ = coordinator.begin(workers)
    for worker in workers { _ = coordinator.receive(.hello, from: worker.id) }
    return coordinator
  }

  static func started(_ policy: CheckpointPolicy? = nil) -> Coordinator {
    var coordinator = joined(pair, policy)
    _ = coordinator.receive(.ready(endpoints: []), from: source)
    _ = coordinator.receive(.ready(endpoints: ["ipc:///out"]), from: sink)
    return coordinator
  }

  @Test func startsNobodyBeforeAllAreReady() throws {
    var coordinator = Self.coordinator()
    let assigned = coordinator.receive(.hello, from: Self.sink)
    guard case .send(.assign(let plan), Self.sink) = try #require(assigned.first) else {
      Issue.record("a worker that says hello gets its plan")
      return
    }
    #expect(plan == [2])
    _ = coordinator.receive(.hello, from: Self.source)
    #expect(coordinator.receive(.ready(endpoints: ["ipc:///out"]), from: Self.sink).isEmpty)
    let actions = coordinator.receive(.ready(endpoints: []), from: Self.source)
    #expect(actions.count == 2)
    guard case .send(.start(let outputs), Self.source) = actions[0] else {
      Issue.record("the source is told where its rows go")
      return
    }
    #expect(outputs == ["ipc:///out"])
  }

  @Test func completesWhenAllAreDone() {
    var coordinator = Self.started()
    let report = WorkerReport(counters: RowCounters(), figures: [])
    _ = coordinator.receive(.done(report), from: Self.source)
    #expect(coordinator.outcome == nil)
    let actions = coordinator.receive(.done(report), from: Self.sink)
    #expect(coordinator.outcome == .completed)
    let released = actions.compactMap { if case .send(.release, let id) = $0 { id } else { nil } }
    #expect(released == [Self.source, Self.sink])
    #expect(coordinator.exited(Self.source, cause: nil).isEmpty)
  }

  @Test func aWorkerThatGoesBeforeItIsReleasedEndsTheRun() {
    var coordinator = Self.started()
    _ = coordinator.receive(.done(WorkerReport(counters: RowCounters(), figures: [])), from: Self.source)
    _ = coordinator.exited(Self.source, cause: nil)
    guard case .failed(worker: "in/0", cause: _) = coordinator.outcome else {
      Issue.record("its last rows may not have arrived")
      return
    }
  }

  @Test func aWorkerThatDiesEndsTheRunAndIsNamed() {
    var coordinator = Self.started()
    let actions = coordinator.exited(Self.sink, cause: "was killed by signal 9 (Killed)")
    #expect(coordinator.outcome == .failed(worker: "out/0", cause: "was killed by signal 9 (Killed)"))
    guard case .terminate = actions.first else {
      Issue.record("the others are ended")
      return
    }
    // What comes later changes nothing.
    _ = coordinator.receive(.failed(message: "later", .transient), from: Self.source)
    #expect(coordinator.outcome == .failed(worker: "out/0", cause: "was killed by signal 9 (Killed)"))
  }

  @Test func oneInterruptStopsTheSourceAndTheSecondEndsEverything() {
    var coordinator = Self.started()
    let first = coordinator.interrupt()
    guard case .send(.pause, Self.source) = first.first, first.count == 1 else {
      Issue.record("the first interrupt pauses the source")
      return
    }
    #expect(coordinator.outcome == nil)
    guard case .terminate = coordinator.interrupt().first else {
      Issue.record("the second interrupt ends everything")
      return
    }
    #expect(coordinator.outcome == .interrupted)
  }

  @Test func everyChannelHasItsOwnEndpoint() {
    let sources = Self.ids(0, 2)
    let stages = Self.ids(1, 3)
    var coordinator = Self.joined(
      sources.map {
        CoordinatedWorker(id: $0, name: "in", isSource: true, upstream: [], downstream: stages, plan: [])
      }
        + stages.map {
          CoordinatedWorker(id: $0, name: "by", isSource: false, upstream: sources, downstream: [], plan: [])
        }
    )
    for id in sources { #expect(coordinator.receive(.ready(endpoints: []), from: id).isEmpty) }
    var actions: [Coordinator.Action] = []
    for id in stages {
      #expect(actions.isEmpty)
      let endpoints = sources.map { "from \($0.worker) to \(id.worker)" }
      actions = coordinator.receive(.ready(endpoints: endpoints), from: id)
    }
    var told: [WorkerID: [String]] = [:]
    for case .send(.start(let outputs), let id) in actions { told[id] = outputs }
    #expect(told.count == 5)
    for id in sources { #expect(told[id] == (0..<3).map { "from \(id.worker) to \($0)" }) }
    for id in stages { #expect(told[id] == []) }
  }

  @Test(arguments: [[], ["a", "b"]])
  func aWorkerThatListensForOthersThanItsSendersEndsTheRun(endpoints: [String]) {
    var coordinator = Self.joined()
    guard case .terminate = coordinator.receive(.ready(endpoints: endpoints), from: Self.sink).first else {
      Issue.record("there is no endpoint for each sender")
      return
    }
    guard case .failed(worker: "out/0", cause: _) = coordinator.outcome else {
      Issue.record("the worker that is wrong is named")
      return
    }
  }

  // MARK: Ends of several source workers

  static func ids(_ stage: UInt16, _ count: UInt16) -> [WorkerID] {
    (0..<count).map { WorkerID(stage: stage, worker: $0) }
  }

  /// Three source workers and a sink, flowing.
  static func startedWithThreeSources() -> Coordinator {
    let sources = ids(0, 3)
    var coordinator = joined(
      sources.map {
        CoordinatedWorker(id: $0, name: "in/\($0.worker)", isSource: true, upstream: [], downstream: [sink], plan: [])
      } + [CoordinatedWorker(id: sink, name: "out/0", isSource: false, upstream: sources, downstream: [], plan: [])]
    )
    for id in sources { _ = coordinator.receive(.ready(endpoints: []), from: id) }
    _ = coordinator.receive(.ready(endpoints: ["a", "b", "c"]), from: sink)
    return coordinator
  }

  /// Who is told to stop, and where.
  static func stops(_ actions: [Coordinator.Action]) -> [WorkerID: UInt64] {
    var stops: [WorkerID: UInt64] = [:]
    for case .send(.stop(let place), let id) in actions { stops[id] = place }
    return stops
  }

  static let noReport = WorkerReport(counters: RowCounters(), figures: [])

  @Test func sourceWorkersStopWhereTheFurthestIs() {
    var coordinator = Self.startedWithThreeSources()
    let sources = Self.ids(0, 3)
    let paused = coordinator.interrupt().compactMap { if case .send(.pause, let id) = $0 { id } else { nil } }
    #expect(paused == sources)
    #expect(coordinator.receive(.paused(at: 40), from: sources[1]).isEmpty)
    #expect(coordinator.receive(.paused(at: 512), from: sources[0]).isEmpty)
    let actions = coordinator.receive(.paused(at: 7), from: sources[2])
    #expect(Self.stops(actions) == [sources[0]: 512, sources[1]: 512, sources[2]: 512])
    for id in sources + [Self.sink] { _ = coordinator.receive(.done(Self.noReport), from: id) }
    #expect(coordinator.outcome == .interrupted && coordinator.isReleased)
  }

  /// Its last rows may have left already, so those before them must follow.
  @Test func aSourceWorkerThatIsDoneTakesTheOthersToTheEnd() {
    var coordinator = Self.startedWithThreeSources()
    let sources = Self.ids(0, 3)
    _ = coordinator.receive(.done(Self.noReport), from: sources[1])
    _ = coordinator.interrupt()
    _ = coordinator.receive(.paused(at: 3), from: sources[0])
    let actions = coordinator.receive(.paused(at: 5), from: sources[2])
    #expect(Self.stops(actions) == [sources[0]: .max, sources[2]: .max])
  }

  /// The word to pause crosses the word that a source is done.
  @Test func aSourceWorkerThatEndsInsteadOfPausingIsNotWaitedFor() {
    var coordinator = Self.startedWithThreeSources()
    let sources = Self.ids(0, 3)
    _ = coordinator.interrupt()
    _ = coordinator.receive(.paused(at: 3), from: sources[0])
    _ = coordinator.receive(.paused(at: 5), from: sources[2])
    let actions = coordinator.receive(.done(Self.noReport), from: sources[1])
    #expect(Self.stops(actions) == [sources[0]: .max, sources[2]: .max])
  }

  @Test func everyoneIsReleasedOnceAllAreDone() {
    var coordinator = Self.started()
    #expect(!coordinator.isReleased)
    _ = coordinator.receive(.done(Self.noReport), from: Self.source)
    #expect(!coordinator.isReleased)
    _ = coordinator.receive(.done(Self.noReport), from: Self.sink)
    #expect(coordinator.isReleased)
  }

  // MARK: Heartbeats

  @Test func aWorkerThatFallsSilentEndsTheRun() {
    var coordinator = Self.coordinator()
    _ = coordinator.receive(.hello, from: Self.source, now: 1_000_000_000)
    let first = coordinator.checkHeartbeats(now: 3_000_000_000, patience: 2_000_000_000)
    let told = first.compactMap { if case .send(.alive, let id) = $0 { id } else { nil } }
    #expect(told == [Self.source], "only who has joined is told, and waited for")
    #expect(coordinator.outcome == nil)
    let dismissed = coordinator.dismissals.compactMap { if case .send(.release, let id) = $0 { id } else { nil } }
    #expect(dismissed == [Self.source], "who has joined is let go when the run is over")
    _ = coordinator.receive(.hello, from: Self.sink, now: 3_500_000_000)
    guard case .terminate = coordinator.checkHeartbeats(now: 3_500_000_001, patience: 2_000_000_000).first else {
      Issue.record("the source has been silent for longer than that")
      return
    }
    #expect(coordinator.outcome == .failed(worker: "in/0", cause: "has not been heard of for 2 s"))
    #expect(coordinator.checkHeartbeats(now: 9_000_000_000, patience: 2_000_000_000).isEmpty)
  }

  @Test func anyWordIsAHeartbeat() {
    var coordinator = Self.started()
    for second in 1...5 as ClosedRange<Int64> {
      _ = coordinator.receive(.progress(RowCounters()), from: Self.source, now: second * 1_000_000_000)
      _ = coordinator.receive(.progress(RowCounters()), from: Self.sink, now: second * 1_000_000_000)
      _ = coordinator.checkHeartbeats(now: second * 1_000_000_000 + 999_999_999, patience: 1_000_000_000)
    }
    #expect(coordinator.outcome == nil)
  }

  @Test func controlMessagesReadBackAndSurviveDamage() throws {
    var counters = RowCounters()
    counters.rowsIn = 12
    counters.late = -3
    let report = WorkerReport(counters: counters, figures: [Figure("auc_roc", 0.5)])
    let messages: [ControlMessage] = [
      .hello, .assign(plan: [1, 2, 3]), .ready(endpoints: []), .ready(endpoints: ["ipc:///x", "", "c"]),
      .start(outputs: ["a", "b"]), .progress(counters), .done(report), .failed(message: "why", .checkpoint),
      .outputClosed, .pause,
      .paused(at: .max), .stop(at: 1 << 40), .resume, .cut(checkpoint: 7, at: 1 << 50),
      .saved(checkpoint: 1, state: [9]),
      .notSaved(checkpoint: 2, message: "no room"), .committed(checkpoint: 3, isLast: true), .published(checkpoint: 3),
      .abandon, .release,
      .alive, .scale(stage: "customer", workers: 7), .answer(isDone: true, message: "so be it"),
      .done(WorkerReport(counters: counters, figures: [], state: [1, 2])),
    ]
    for message in messages {
      let bytes = message.encoded
      #expect(try ControlMessage(decoding: bytes).encoded == bytes)
      for length in 0..<bytes.count { _ = try? ControlMessage(decoding: Array(bytes[..<length])) }
      for index in bytes.indices {
        for value in [0, 1, 0x7F, 0xFF] as [UInt8] {
          var damaged = bytes
          damaged[index] = value
          _ = try? ControlMessage(decoding: damaged)
        }
      }
    }
  }
}
