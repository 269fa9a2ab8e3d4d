internal import Checkpoints
internal import Dataflow
internal import Plan

extension WorkerLoop {
  /// Begins to save what the worker is to keep.
  ///
  /// - Parameter journal: what has to be durable of the messages that a source has used up.
  func save(
    _ snapshot: WorkerSnapshot,
    output: ResultCut? = nil,
    journal: JournalSync? = nil
  ) throws(RuntimeError) {
    guard let keeper else { return }
    // A checkpoint that was given up may still be on its way to the disk.
    if let late = try keeper.awaitOutcome() { try tell(late) }
    try keeper.begin(snapshot, output: output, journal: journal)
  }

  /// Waits until the state at the end of the stream is saved, which goes with the report.
  func awaitLastState() throws(RuntimeError) -> [UInt8]? {
    switch try keeper?.awaitOutcome()?.result {
    case .success(let saved)?: return saved.encoded
    case .failure(let error)?: throw RuntimeError("could not save its state: \(error)")
    case nil: return nil
    }
  }

  /// Tells the coordinator what came of the state that was being saved for a checkpoint, once that is known.
  func tellSaved() throws(RuntimeError) {
    if keeper?.isAtEnd == false, let outcome = try keeper?.nextOutcome() { try tell(outcome) }
  }

  private func tell(_ outcome: StateKeeper.Outcome) throws(RuntimeError) {
    guard let checkpoint = outcome.checkpoint else { return }
    switch outcome.result {
    case .success(let saved): try tell(.saved(checkpoint: checkpoint, state: saved.encoded))
    case .failure(let error):
      try tell(.notSaved(checkpoint: checkpoint, message: "could not save its state: \(error)"))
    }
  }
}
