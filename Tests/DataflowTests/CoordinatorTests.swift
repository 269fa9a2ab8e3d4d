import Dataflow
import Records
import Testing

@Suite struct CoordinatorTests {
  static let source = WorkerID(stage: 0, worker: 0)
  static let sink = WorkerID(stage: 1, worker: 0)

  static func coordinator() -> Coordinator {
    Coordinator([
      CoordinatedWorker(id: source, name: "in/0", isSource: true, downstream: [sink], plan: [1]),
      CoordinatedWorker(id: sink, name: "out/0", isSource: false, downstream: [], plan: [2]),
    ])
  }

  static func started() -> Coordinator {
    var coordinator = coordinator()
    _ = coordinator.receive(.ready(endpoint: ""), from: source)
    _ = coordinator.receive(.ready(endpoint: "ipc:///out"), from: sink)
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
    #expect(coordinator.receive(.ready(endpoint: "ipc:///out"), from: Self.sink).isEmpty)
    let actions = coordinator.receive(.ready(endpoint: ""), from: Self.source)
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
    _ = coordinator.receive(.failed(message: "later"), from: Self.source)
    #expect(coordinator.outcome == .failed(worker: "out/0", cause: "was killed by signal 9 (Killed)"))
  }

  @Test func oneInterruptStopsTheSourceAndTheSecondEndsEverything() {
    var coordinator = Self.started()
    let first = coordinator.interrupt()
    guard case .send(.stop, Self.source) = first.first, first.count == 1 else {
      Issue.record("the first interrupt stops the source")
      return
    }
    #expect(coordinator.outcome == nil)
    guard case .terminate = coordinator.interrupt().first else {
      Issue.record("the second interrupt ends everything")
      return
    }
    #expect(coordinator.outcome == .interrupted)
  }

  @Test func controlMessagesReadBackAndSurviveDamage() throws {
    var counters = RowCounters()
    counters.rowsIn = 12
    counters.late = -3
    let report = WorkerReport(counters: counters, figures: [Figure("auc_roc", 0.5)])
    let messages: [ControlMessage] = [
      .hello, .assign(plan: [1, 2, 3]), .ready(endpoint: "ipc:///x"), .start(outputs: ["a", "b"]), .progress(counters),
      .done(report), .failed(message: "why"), .outputClosed, .stop, .release,
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
