internal import Checkpoints
internal import SourceStage
internal import Transport

/// What a live source keeps for as long as its process lives, whatever becomes of epochs: the socket that messages come to,
/// which may hold some that nobody has seen, and the journal.
final class Ingress {
  private var live: (endpoint: String, reader: MessageReader)?
  private var kept: (directory: String, journal: LiveJournal)?

  func messages(at endpoint: String, _ context: Context) throws(RuntimeError) -> MessageReader {
    if let live, live.endpoint == endpoint { return live.reader }
    live = nil
    let reader = try MessageReader(endpoint, context)
    live = (endpoint, reader)
    return reader
  }

  func journal(in directory: String, _ plan: JournalPlan) throws(RuntimeError) -> LiveJournal {
    if let kept, kept.directory == directory { return kept.journal }
    let storage = try explaining { () throws(StorageError) in try DirectoryStorage(path: directory) }
    let journal = LiveJournal(storage, plan)
    kept = (directory, journal)
    return journal
  }

  /// Journals what has come and was not taken in, for the run that comes next: a sender takes for received what is queued here.
  func journalRest() {
    guard let live, let kept, kept.journal.isOpen else { return }
    do throws(RuntimeError) {
      // A sender that goes on all the time must not keep a process that is to end.
      for _ in 0..<Self.lastBatches {
        let batch = try live.reader.receive()
        if batch.isEmpty { break }
        try kept.journal.append(batch)
      }
    } catch {
      WorkerLog.write("the last messages are lost: \(error)")
    }
  }

  private static let lastBatches = 16
}
