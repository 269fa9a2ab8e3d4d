internal import Checkpoints
internal import Dataflow
internal import Records
internal import SourceStage
internal import Synchronization
internal import Telemetry

/// The journal of a live source, from epoch to epoch: what came in is in it before any row of it goes on.
final class LiveJournal {
  let storage: any Storage
  private let policy: JournalWriter.Policy
  /// nil before it is opened, and after a failure, when only the disk knows what it holds.
  private var writer: JournalWriter?
  /// Messages that came in and could not be appended.
  private var unwritten: [JournalMessage] = []
  /// What is being made durable while the stream goes on.
  private var syncing: Syncing?

  init(_ storage: any Storage, _ plan: JournalPlan) {
    self.storage = storage
    policy =
      switch plan.sync {
      case .everyBatch: .everyBatch
      case .everyInterval(let nanoseconds): .everyInterval(nanoseconds: nanoseconds)
      }
  }

  var isOpen: Bool { writer != nil }

  /// The number of the next message.
  var end: UInt64 { writer?.nextSequence ?? 0 }

  /// Opens it for an epoch, where it is not open.
  ///
  /// - Parameter sequence: the epoch's checkpoint counts on all messages before this one.
  func open(upTo sequence: UInt64) throws(RuntimeError) {
    if let writer, writer.nextSequence >= sequence { return }
    writer = nil
    let opened = try explaining(.permanent) { () throws(JournalError) in
      try JournalWriter(storage, policy: policy, nextSequence: sequence)
    }
    writer = opened
    if let note = opened.note { WorkerLog.write(note) }
    let late = unwritten
    unwritten = []
    try append(late)
  }

  /// Appends a batch of messages with one write.
  func append(_ payloads: [[UInt8]]) throws(RuntimeError) {
    let arrival = MonotonicClock.wallTime / 1000
    try append(payloads.map { JournalMessage($0, arrival: arrival) })
  }

  /// Appends a promise that no message behind it is of before `time`.
  func append(promise time: Int64) throws(RuntimeError) {
    try append([JournalMessage(promise: time, arrival: MonotonicClock.wallTime / 1000)])
  }

  private func append(_ messages: [JournalMessage]) throws(RuntimeError) {
    guard !messages.isEmpty else { return }
    guard let writer else {
      unwritten += messages
      throw RuntimeError("the journal in \(storage.place) is not open")
    }
    let start = writer.nextSequence
    do throws(JournalError) {
      try writer.append(messages, now: MonotonicClock.now)
    } catch {
      if writer.nextSequence == start { unwritten = messages }
      throw fail(error, writer.nextSequence == start ? .transient : .permanent)
    }
  }

  // MARK: Durability

  /// Begins to make what was appended durable when that is due, and sees to what became of it.
  func attend(now: Int64) throws(RuntimeError) {
    if let syncing, syncing.isDone {
      self.syncing = nil
      do throws(StorageError) { try syncing.result.get() } catch { throw fail(error, .permanent) }
      writer?.finish(syncing.sync)
    }
    guard syncing == nil, let due = writer?.nextSync, now >= due, let sync = writer?.takeUnsynced() else { return }
    syncing = try Syncing(sync)
  }

  /// When it is to be attended to, in nanoseconds of the monotonic clock; nil while nothing is due.
  var nextSync: Int64? { writer?.nextSync }

  /// What makes all of it durable that was appended so far; nil where it is.
  var unsynced: JournalSync? { writer?.unsynced }

  /// - Parameter fault: permanent where the disk has taken bytes and cannot keep them: it may say the next time that it has.
  private func fail(_ error: some Error, _ fault: WorkerFault) -> RuntimeError {
    writer = nil
    return RuntimeError("\(error)", fault)
  }
}

/// Records on their way to the disk.
private final class Syncing {
  let sync: JournalSync
  private let outcome = Outcome()
  private let task: BackgroundTask

  init(_ sync: JournalSync) throws(RuntimeError) {
    self.sync = sync
    let outcome = outcome
    task = try BackgroundTask {
      do throws(StorageError) { try sync.run() } catch { outcome.failure.withLock { $0 = error } }
    }
  }

  private final class Outcome: Sendable {
    let failure = Mutex<StorageError?>(nil)
  }

  var isDone: Bool { task.isDone }
  var result: Result<Void, StorageError> {
    if let failure = outcome.failure.withLock({ $0 }) { .failure(failure) } else { .success(()) }
  }
}
