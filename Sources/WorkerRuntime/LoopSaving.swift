internal import Checkpoints
internal import Dataflow
internal import Plan

extension WorkerLoop {
  /// Begins to save what the worker is to keep, or at the end of the stream saves it: then the answer goes with the report.
  ///
  /// - Returns: where it is saved, at the end of the stream.
  func save(
    _ snapshot: WorkerSnapshot,
    output: (place: OutputPlace, files: [any StorageFile])? = nil
  ) throws(RuntimeError) -> [UInt8]? {
    guard let keeper else { return nil }
    // A checkpoint that was given up may still be on its way to the disk.
    if let late = keeper.awaitOutcome() { try tell(late) }
    try keeper.begin(snapshot, output: output)
    guard snapshot.checkpoint == nil else { return nil }
    switch keeper.awaitOutcome()?.result {
    case .success(let saved)?: return saved.encoded
    case .failure(let error)?: throw RuntimeError("could not save its state: \(error)", .permanent)
    case nil: return nil
    }
  }

  /// Tells the coordinator what came of the state that was being saved, once that is known.
  func tellSaved() throws(RuntimeError) {
    if let outcome = keeper?.nextOutcome() { try tell(outcome) }
  }

  private func tell(
    _ outcome: (checkpoint: UInt64?, result: Result<SavedWorker, StateWriteError>)
  ) throws(RuntimeError) {
    guard let checkpoint = outcome.checkpoint else { return }
    switch outcome.result {
    case .success(let saved): try tell(.saved(checkpoint: checkpoint, state: saved.encoded))
    case .failure(let error):
      try tell(.notSaved(checkpoint: checkpoint, message: "could not save its state: \(error)"))
    }
  }
}
