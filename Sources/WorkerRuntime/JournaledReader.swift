internal import Checkpoints
internal import Dataflow
internal import Records

/// A live input in an epoch: first what is in the journal and not yet used up, then what comes, which is journaled before it is
/// handed on.
final class JournaledReader {
  let live: MessageReader
  let journal: LiveJournal
  /// nil where the epoch has caught up.
  private var replay: JournalReader?
  /// What was read of it and not handed on.
  private var pieces = JournalPieces()

  /// - Parameter sequence: the first message that is not used up.
  init(_ live: MessageReader, _ journal: LiveJournal, from sequence: UInt64) {
    self.live = live
    self.journal = journal
    if sequence < journal.end { replay = JournalReader(journal.storage, from: sequence) }
  }

  /// Whether there is more in the journal that was there before the epoch.
  var isReadingAgain: Bool { replay != nil || !pieces.isEmpty }

  func read<E: Error>(
    _ body: (Span<UInt8>, SourceReader.Piece) throws(E) -> Void
  ) throws(RuntimeError) -> SourceReader.Outcome {
    if pieces.isEmpty, replay != nil { pieces = JournalPieces(try nextReplayed()) }
    if !pieces.isEmpty {
      try pieces.next(body)
      return .bytes
    }
    let batch = try live.receive()
    try journal.append(batch)
    for message in batch { try explaining { () throws(E) in try body(message.span, .message) } }
    return batch.isEmpty ? .nothingYet : .bytes
  }

  private func nextReplayed() throws(RuntimeError) -> [JournalRecord] {
    guard var reader = replay.take() else { return [] }
    let records = try explaining(.permanent) { () throws(JournalError) in try reader.next() }
    guard !records.isEmpty else {
      throw RuntimeError(
        "the journal in \(journal.storage.place) ends before message \(journal.end), which this process has written; "
          + "look after the disk",
        .permanent
      )
    }
    if reader.nextSequence < journal.end { replay = reader }
    return records
  }
}
