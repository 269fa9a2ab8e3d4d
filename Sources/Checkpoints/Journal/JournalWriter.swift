/// Appends the messages that a live source receives to a journal, so that they can be had again.
package final class JournalWriter {
  /// When what was appended is made durable.
  package enum Policy: Hashable, Sendable {
    /// Before `append` returns.
    case everyBatch
    /// By whoever owns the writer, and `nextSync` tells when: so many nanoseconds after the first record that is not.
    case everyInterval(nanoseconds: Int64)
  }

  private let storage: any Storage
  private let segmentBytes: Int
  private let policy: Policy
  private var file: (any StorageFile)?
  /// The number of the next record.
  package private(set) var nextSequence: UInt64
  /// Every record before this one is durable.
  package private(set) var durableSequence: UInt64
  /// What was cut off when the journal was opened: the rest of a write that a crash tore.
  package private(set) var note: String?
  /// When the first record came that nobody has been asked to make durable.
  private var unsyncedSince: Int64?
  private var failure: JournalError?

  /// Opens the journal in a directory at its end, or begins one.
  ///
  /// - Parameters:
  ///   - segmentBytes: a new file is begun when one has grown to this.
  ///   - nextSequence: the journal has to reach up to this record, or records are missing that a checkpoint counts on.
  package init(
    _ storage: any Storage,
    segmentBytes: Int = 64 << 20,
    policy: Policy,
    nextSequence: UInt64 = 0
  ) throws(JournalError) {
    self.storage = storage
    self.segmentBytes = segmentBytes
    self.policy = policy
    self.nextSequence = 0
    durableSequence = 0
    var segments = try JournalSegment.all(in: storage)
    guard let last = segments.popLast() else {
      guard nextSequence == 0 else { throw .tooShort(storage, end: 0, expected: nextSequence) }
      return
    }
    let end = try last.end()
    // What is before the last segment is read here only where it tells whether the last one is in its place.
    if let previous = segments.last {
      let previousEnd = try previous.end()
      guard previousEnd.length == (try previous.size()) else { throw previous.damageBeforeEnd(at: previousEnd.length) }
      guard previousEnd.sequence == last.first else { throw .gap(before: last, expected: previousEnd.sequence) }
    }
    guard end.sequence >= nextSequence else { throw .tooShort(storage, end: end.sequence, expected: nextSequence) }
    try reopen(last, at: end)
    self.nextSequence = end.sequence
    durableSequence = end.sequence
  }

  /// Opens a segment to append to, without the rest of a torn write.
  private func reopen(_ segment: JournalSegment, at end: JournalSegment.End) throws(JournalError) {
    let size = try segment.size()
    do throws(StorageError) {
      if end.length < size {
        try storage.truncate(segment.name, to: end.length)
        note =
          "\(segment.path): cut off the last \(size - end.length) bytes, the rest of a write that a crash tore; "
          + "the journal goes on with record \(end.sequence)"
      }
      let file = try storage.open(segment.name)
      if end.length == 0 { try file.append(JournalLayout.header(first: segment.first)) }
      try file.sync()
      self.file = file
    } catch {
      throw JournalError(error)
    }
  }

  /// The file to append record `start` to.
  private func openFile(_ start: UInt64) throws(StorageError) -> any StorageFile {
    if let file { return file }
    let new = try storage.create(StoredName.segment(start))
    file = new
    return new
  }

  /// Appends a batch with a single write.
  ///
  /// - Parameter now: nanoseconds of the monotonic clock.
  /// - Returns: the numbers of its records.
  @discardableResult
  package func append(_ messages: [JournalMessage], now: Int64) throws(JournalError) -> Range<UInt64> {
    if let failure { throw failure }
    let start = nextSequence
    guard !messages.isEmpty else { return start..<start }
    if let message = messages.first(where: { $0.payload.count > JournalLayout.longestPayload }) {
      throw JournalError(storage.place, "a message of \(message.payload.count) bytes is beyond the journal's 2 GB")
    }
    do throws(StorageError) {
      if let file, file.length >= segmentBytes {
        try file.sync()
        durableSequence = start
        // Closed when nobody has it any more: somebody may be making it durable just now.
        self.file = nil
      }
      var bytes: [UInt8] = []
      let room = messages.reduce(JournalLayout.headerSize) { $0 + JournalLayout.recordHeaderSize + $1.payload.count }
      bytes.reserveCapacity(room)
      if file == nil { bytes += JournalLayout.header(first: start) }
      var sequence = start
      for message in messages {
        JournalLayout.put(message, sequence, into: &bytes)
        sequence &+= 1
      }
      try openFile(start).append(bytes)
      nextSequence = sequence
    } catch {
      throw fail(JournalError(error))
    }
    if case .everyBatch = policy { try sync() }
    if durableSequence != nextSequence, unsyncedSince == nil { unsyncedSince = now }
    return start..<max(start, nextSequence)
  }

  /// Makes everything durable that was appended.
  package func sync() throws(JournalError) {
    if let failure { throw failure }
    guard let unsynced else { return }
    do throws(StorageError) { try unsynced.run() } catch { throw fail(JournalError(error)) }
    finish(unsynced)
    unsyncedSince = nil
  }

  /// When records have to be made durable, in nanoseconds of the monotonic clock; nil where all are, or are about to be.
  package var nextSync: Int64? {
    guard case .everyInterval(let nanoseconds) = policy, let unsyncedSince else { return nil }
    return unsyncedSince &+ nanoseconds
  }

  /// What makes everything durable that was appended so far; nil where it is.
  package var unsynced: JournalSync? {
    guard durableSequence != nextSequence, let file else { return nil }
    return JournalSync(file: file, end: nextSequence)
  }

  /// The same, for somebody who sees to it now: `nextSync` speaks of what is appended from here on.
  package func takeUnsynced() -> JournalSync? {
    unsyncedSince = nil
    return unsynced
  }

  /// What `sync` stands for is durable.
  package func finish(_ sync: JournalSync) { durableSequence = max(durableSequence, sync.end) }

  /// Remembers a failure: nobody can say what the file holds until it is opened again.
  private func fail(_ error: JournalError) -> JournalError {
    failure = error
    return error
  }
}
