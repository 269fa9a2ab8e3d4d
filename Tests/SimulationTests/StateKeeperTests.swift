import Checkpoints
import Dataflow
import Plan
import Records
import TestSupport
import Testing
import WorkerRuntime

/// What a worker saves when the disk fails it.
@Suite struct StateKeeperTests {
  private final class OneBlock: StateSnapshot {
    func write(to writer: any StateWriter) throws(StateWriteError) {
      let bytes: [UInt8] = [1, 2, 3]
      try writer.write(StateBlock(group: 0, kind: 1, number: 0), bytes.span)
    }
  }

  /// Work that is done when it has begun.
  private final class Done: BackgroundWork {
    var isDone: Bool { true }
    func wait() {}
  }

  private let storage = MemoryStorage()
  private let keeper: StateKeeper

  init() {
    keeper = StateKeeper(
      CheckpointPlan(directory: "memory", start: nil),
      epoch: 1,
      id: WorkerID(stage: 1, worker: 0),
      storage: storage,
      start: { (body) throws(RuntimeError) in
        body()
        return Done()
      }
    )
  }

  /// The files of the state at a checkpoint; nil where it was not saved.
  private func save(
    _ checkpoint: UInt64,
    isFull: Bool,
    output: ResultCut? = nil
  ) throws -> [SavedFile]? {
    let snapshot = WorkerSnapshot(
      checkpoint: checkpoint,
      counters: RowCounters(),
      state: OneBlock(),
      isFull: isFull,
      source: nil,
      place: nil
    )
    try keeper.begin(snapshot, output: output, journal: nil)
    return try keeper.nextOutcome().flatMap { try? $0.result.get().chain }
  }

  @Test func afterAFailureAllIsSavedAgain() throws {
    #expect(keeper.needsFullSnapshot)
    #expect(try save(1, isFull: true)?.count == 1)
    #expect(!keeper.needsFullSnapshot)
    #expect(try save(2, isFull: false)?.count == 2)
    storage.fail(.init(operation: storage.operations, code: 28))
    #expect(try save(3, isFull: false) == nil)
    storage.fail(nil)
    #expect(keeper.needsFullSnapshot)
    // Its barrier had passed before anybody knew: what changed since then is not all that changed.
    #expect(try save(4, isFull: false) == nil)
    #expect(try save(5, isFull: true)?.count == 1)
    #expect(!keeper.needsFullSnapshot)
  }

  /// The system may have forgotten it, so another try to make it durable means nothing.
  @Test func textThatCannotBeMadeDurableEndsTheEpoch() throws {
    var outcomes: [String] = []
    while outcomes.last != "saved" {
      try #require(outcomes.count < 20)
      outcomes.append(try Self().outcome(failingAt: outcomes.count))
    }
    // The text comes behind the state, which is only not saved.
    #expect(outcomes.suffix(2) == ["epoch ends", "saved"])
    #expect(outcomes.count > 3 && outcomes.dropLast(2).allSatisfy { $0 == "not saved" }, "\(outcomes)")
  }

  /// What comes of a state and of text where a change of the disk fails.
  private func outcome(failingAt operation: Int) throws -> String {
    let file = try storage.create("staged-results1-1-1-0")
    try file.append([UInt8(ascii: "a")])
    storage.fail(.init(operation: storage.operations + operation))
    do {
      return try save(1, isFull: true, output: ResultCut(place: OutputPlace(length: 0, staged: []), files: [file]))
        == nil
        ? "not saved" : "saved"
    } catch is RuntimeError { return "epoch ends" }
  }
}
