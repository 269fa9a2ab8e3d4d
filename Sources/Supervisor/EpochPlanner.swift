package import Dataflow
package import Records

/// Says what the workers of each epoch are, and keeps checkpoints.
package protocol EpochPlanner: AnyObject {
  /// nil where no checkpoints are taken.
  var policy: CheckpointPolicy? { get }
  /// Works out the next epoch.
  ///
  /// - Parameters:
  ///   - end: why the one before is over; nil for the first.
  ///   - endpoint: where, in an epoch, the worker `receiver` is to bind the end of the channel from `sender`.
  func nextEpoch(
    after end: Coordinator.EpochEnd?,
    endpoint: @escaping (_ epoch: UInt32, _ receiver: WorkerID, _ sender: WorkerID) -> String
  ) throws(SupervisorError) -> PlannedEpoch
  /// Makes a checkpoint durable, and what belongs to it seen.
  ///
  /// - Returns: what did not work but loses nothing.
  func commit(_ checkpoint: Coordinator.Checkpoint) throws(SupervisorError) -> [String]
  /// Takes another number of workers for a stage from the next epoch on; an error says why that cannot be.
  func rescale(_ stage: String, to workers: Int) throws(SupervisorError)
  /// Takes the pipeline in another file from the next epoch on, if this one ends with a checkpoint; an error says why that
  /// cannot be, and all stays as it is.
  ///
  /// - Returns: the version that its results name.
  func apply(_ path: String) throws(SupervisorError) -> String
  /// What the results of this epoch name.
  var version: String? { get }
}

/// The workers of an epoch.
package struct PlannedEpoch: Sendable {
  package let number: UInt32
  package let workers: [CoordinatedWorker]
  /// The number of its first checkpoint.
  package let nextCheckpoint: UInt64
  /// What whoever watches the run should know.
  package let warnings: [String]

  package init(number: UInt32, workers: [CoordinatedWorker], nextCheckpoint: UInt64 = 1, warnings: [String] = []) {
    self.number = number
    self.workers = workers
    self.nextCheckpoint = nextCheckpoint
    self.warnings = warnings
  }
}
