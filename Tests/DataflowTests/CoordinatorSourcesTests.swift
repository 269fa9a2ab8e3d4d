import Dataflow
import Records
import Testing

/// Checkpoints and ends of several sources, which are places in time.
@Suite struct CoordinatorSourcesTests {
  private static let first = WorkerID(stage: 0, worker: 0)
  private static let second = WorkerID(stage: 1, worker: 0)
  /// Reads the first source alone, and what writes it.
  private static let alone = WorkerID(stage: 2, worker: 0)
  private static let both = WorkerID(stage: 3, worker: 0)

  private static func started() -> Coordinator {
    func worker(_ id: WorkerID, _ upstream: [WorkerID], _ downstream: [WorkerID]) -> CoordinatedWorker {
      CoordinatedWorker(
        id: id,
        name: "s\(id.stage)/0",
        isSource: upstream.isEmpty,
        upstream: upstream,
        downstream: downstream,
        plan: []
      )
    }
    let workers = [
      worker(first, [], [alone, both]), worker(second, [], [both]), worker(alone, [first], []),
      worker(both, [first, second], []),
    ]
    var coordinator = CoordinatorTests.joined(workers, CheckpointPolicy(interval: 100, attempts: 2))
    for worker in workers {
      _ = coordinator.receive(.ready(endpoints: worker.upstream.map { "\($0.stage)" }), from: worker.id)
    }
    return coordinator
  }

  private static func words(_ actions: [Coordinator.Action]) -> [String] {
    actions.map { action in
      switch action {
      case .send(.pause, let id): "pause \(id.stage)"
      case .send(.cutBehind(let number, let time), let id): "cut \(number) behind \(time) to \(id.stage)"
      case .send(.stopBehind(let time), let id): "stop behind \(time) to \(id.stage)"
      case .commit(let checkpoint): "commit \(checkpoint.states.map(\.state))"
      default: "\(action)"
      }
    }
  }

  private static func report(_ state: UInt8, time: Int64? = nil) -> ControlMessage {
    .done(WorkerReport(counters: RowCounters(), figures: [], state: [state], time: time))
  }

  @Test func allSourcesAreCutAtTheGreatestTime() {
    var coordinator = Self.started()
    #expect(Self.words(coordinator.tick(now: 100)) == ["pause 0", "pause 1"])
    #expect(coordinator.receive(.paused(at: 5, time: 70), from: Self.second).isEmpty)
    #expect(
      Self.words(coordinator.receive(.paused(at: 900, time: 30), from: Self.first))
        == ["cut 1 behind 70 to 0", "cut 1 behind 70 to 1"]
    )
  }

  @Test func whatASourceSavedAtItsEndStandsForIt() {
    var coordinator = Self.started()
    #expect(coordinator.receive(Self.report(1, time: 90), from: Self.first).isEmpty)
    #expect(coordinator.receive(Self.report(3), from: Self.alone).isEmpty)
    #expect(Self.words(coordinator.tick(now: 100)) == ["pause 1"])
    let cut = coordinator.receive(.paused(at: 5, time: 70), from: Self.second)
    #expect(Self.words(cut) == ["cut 1 behind 90 to 1"], "nothing of the first is behind the barrier")
    #expect(coordinator.receive(.saved(checkpoint: 1, state: [4]), from: Self.both).isEmpty)
    let saved = coordinator.receive(.saved(checkpoint: 1, state: [2]), from: Self.second)
    #expect(Self.words(saved) == ["commit [[1], [2], [3], [4]]"])
  }

  @Test func aSourceMayEndBeforeItPauses() {
    var coordinator = Self.started()
    _ = coordinator.tick(now: 100)
    #expect(coordinator.receive(.paused(at: 5, time: 70), from: Self.second).isEmpty)
    #expect(Self.words(coordinator.receive(Self.report(1, time: 90), from: Self.first)) == ["cut 1 behind 90 to 1"])
    _ = coordinator.receive(.saved(checkpoint: 1, state: [4]), from: Self.both)
    #expect(coordinator.receive(.saved(checkpoint: 1, state: [2]), from: Self.second).isEmpty)
    let last = coordinator.receive(Self.report(3), from: Self.alone)
    #expect(Self.words(last) == ["commit [[1], [2], [3], [4]]"], "its barrier will not come")
  }

  @Test func allSourcesEndAtOneTimeWhereARunGoesOnFromThere() {
    var coordinator = Self.started()
    #expect(Self.words(coordinator.interrupt()) == ["pause 0", "pause 1"])
    #expect(coordinator.receive(.paused(at: 9, time: 40), from: Self.first).isEmpty)
    #expect(
      Self.words(coordinator.receive(.paused(at: 2, time: 50), from: Self.second))
        == ["stop behind 50 to 0", "stop behind 50 to 1"]
    )
  }
}
