package import Checkpoints
package import Dataflow
package import Plan
package import Records
internal import Synchronization
internal import Telemetry

/// Saves what a worker is to keep of a checkpoint, on a thread of its own, so that the stream goes on meanwhile.
package final class StateKeeper {
  let storage: any Storage
  private let epoch: UInt32
  private let id: WorkerID
  private let start: StartWork
  /// The files that hold the state saved last.
  private var chain: [SavedFile]
  private var number: UInt64 = 0
  private var save: Save?
  private var letters: StagedText
  var figures = SaveFigures()
  /// Files that the next state to be saved speaks of and that are not known to be durable.
  private var unsynced: [any StorageFile] = []
  /// Dead letters up to the last cut that are not known to be published, and for which checkpoint they were cut.
  private var unpublished: [(checkpoint: UInt64?, range: StagedRange)] = []

  /// An incremental file more than this, and all is written again.
  private static let longestChain = 24

  /// - Parameter start: begins the work of saving, on a thread of its own where nothing else is said.
  package init(
    _ plan: CheckpointPlan,
    epoch: UInt32,
    id: WorkerID,
    storage: any Storage,
    start: @escaping StartWork = { body throws(RuntimeError) in try BackgroundTask(body) }
  ) {
    self.storage = storage
    self.start = start
    self.epoch = epoch
    self.id = id
    chain = plan.start?.parts.count == 1 ? plan.start?.parts[0].files ?? [] : []
    letters = StagedText(in: storage, names: StagedNames(kind: "letters", epoch: epoch, id: id))
  }

  /// Whether all of the state is to be saved next: there is nothing to add to, or adding to it costs more by now.
  package var needsFullSnapshot: Bool {
    guard let full = chain.first else { return true }
    return chain.count > Self.longestChain || chain.dropFirst().reduce(0) { $0 + $1.bytes } > full.bytes
  }

  /// Holds back dead letters, which belong to the next checkpoint.
  package func stage(deadLetters text: inout TextBuffer) throws(RuntimeError) { try letters.append(&text) }

  /// Whether a state is being saved.
  package var isSaving: Bool { save != nil }
  /// Whether that is the one at the end of the stream.
  package var isAtEnd: Bool { save.map { $0.checkpoint == nil } ?? false }

  /// Begins to save a state.
  ///
  /// - Parameters:
  ///   - output: how far the results of a sink are.
  ///   - journal: what has to be durable of the messages that a source has used up.
  package func begin(
    _ snapshot: WorkerSnapshot,
    output: ResultCut?,
    journal: JournalSync?
  ) throws(RuntimeError) {
    precondition(save == nil, "a checkpoint begins when the one before is over")
    number += 1
    let part = letters.cut()
    var saved = SavedWorker(counters: snapshot.counters)
    saved.source = snapshot.source.map { .init(state: $0, place: snapshot.place ?? 0) }
    saved.output = output?.place
    saved.isRepeating = output?.isRepeating ?? false
    if let part { unpublished.append((snapshot.checkpoint, part.range)) }
    saved.deadLetters = unpublished.map(\.range)
    let name = StoredName.state(checkpoint: number, epoch: epoch, stage: Int(id.stage), worker: Int(id.worker))
    unsynced += (output?.files ?? []) + (part.map { [$0.file] } ?? [])
    save = try Save(snapshot, saved, after: chain, name, syncing: unsynced, journal, storage, start)
  }

  /// The coordinator has published the dead letters of a checkpoint.
  package func forget(_ committed: Committed) {
    unpublished.removeAll { $0.checkpoint.map { $0 <= committed.checkpoint } ?? false }
  }

  /// What came of the save that was begun last, once; nil while it is under way.
  package func nextOutcome() throws(RuntimeError) -> Outcome? {
    guard let save, save.isDone else { return nil }
    return try finish(save)
  }

  /// Waits for what comes of it.
  package func awaitOutcome() throws(RuntimeError) -> Outcome? {
    guard let save else { return nil }
    save.wait()
    return try finish(save)
  }

  package typealias Outcome = (checkpoint: UInt64?, result: Result<SavedWorker, StateWriteError>)

  private func finish(_ save: Save) throws(RuntimeError) -> Outcome {
    self.save = nil
    // A system that could not make text durable may forget it, and say at the next try that all is well.
    if let error = save.textError { throw RuntimeError("could not make durable what it holds back: \(error)") }
    let result = save.result
    switch result {
    case .success(let saved):
      chain = saved.chain
      unsynced = []
      if save.checkpoint != nil, let last = chain.last {
        figures.add(bytes: last.bytes, time: save.time, isFull: chain.count == 1)
      }
    // What was to be added is lost to the chain, so it cannot be added to.
    case .failure: chain = []
    }
    return (save.checkpoint, result)
  }
}

/// One state on its way to the disk.
private final class Save {
  let checkpoint: UInt64?
  private let begun = MonotonicClock.now
  private let outcome = Outcome()
  private let task: any BackgroundWork

  private final class Outcome: Sendable {
    let result = Mutex<Result<SavedWorker, StateWriteError>?>(nil)
    let textError = Mutex<StorageError?>(nil)
    let end = Mutex<Int64>(0)
  }

  init(
    _ snapshot: WorkerSnapshot,
    _ saved: SavedWorker,
    after chain: [SavedFile],
    _ name: String,
    syncing files: [any StorageFile],
    _ journal: JournalSync?,
    _ storage: any Storage,
    _ start: StartWork
  ) throws(RuntimeError) {
    checkpoint = snapshot.checkpoint
    let outcome = outcome
    // The files belong to this thread alone from here on.
    nonisolated(unsafe) let files = files
    task = try start {
      let result: Result<SavedWorker, StateWriteError>
      do throws(StateWriteError) {
        var saved = saved
        if let state = snapshot.state {
          guard snapshot.isFull || !chain.isEmpty else {
            throw StateWriteError("what it was to be added to could not be saved; the next one holds all of it")
          }
          saved.chain = (snapshot.isFull ? [] : chain) + [try Self.write(state, name, storage)]
        }
        for file in unsafe files {
          do throws(StorageError) { try file.sync() } catch {
            outcome.textError.withLock { $0 = error }
            throw StateWriteError("\(error)")
          }
        }
        do throws(StorageError) { try journal?.run() } catch { throw StateWriteError("\(error)") }
        for file in unsafe files { file.close() }
        result = .success(saved)
      } catch {
        result = .failure(error)
      }
      outcome.result.withLock { $0 = result }
      outcome.end.withLock { $0 = MonotonicClock.now }
    }
  }

  private static func write(
    _ state: any StateSnapshot,
    _ name: String,
    _ storage: any Storage
  ) throws(StateWriteError) -> SavedFile {
    let writer = try StateFileWriter(storage, name)
    do throws(StateWriteError) {
      try state.write(to: writer)
      return try writer.finish()
    } catch {
      writer.discard()
      throw error
    }
  }

  /// Why text that is held back may not be durable.
  var textError: StorageError? { outcome.textError.withLock { $0 } }
  /// Nanoseconds that it took.
  var time: Int64 { outcome.end.withLock { $0 } - begun }
  var isDone: Bool { task.isDone }
  func wait() { task.wait() }

  var result: Result<SavedWorker, StateWriteError> {
    outcome.result.withLock { $0 } ?? .failure(StateWriteError("the state was not saved"))
  }
}
