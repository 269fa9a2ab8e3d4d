package import Dataflow
package import Plan
package import Records

/// A run without checkpoints: one epoch, from the start of the stream to its end.
package final class PlainRun: EpochPlanner {
  private let pipeline: PipelinePlan

  package init(_ pipeline: PipelinePlan) { self.pipeline = pipeline }

  package var policy: CheckpointPolicy? { nil }

  package func nextEpoch(
    after end: Coordinator.EpochEnd?,
    endpoint: @escaping (_ epoch: UInt32, _ receiver: WorkerID, _ sender: WorkerID) -> String
  ) throws(SupervisorError) -> PlannedEpoch {
    PlannedEpoch(number: 1, workers: Deployment(pipeline) { endpoint(1, $0, $1) }.workers)
  }

  package func commit(_ checkpoint: Coordinator.Checkpoint) throws(SupervisorError) -> [String] {
    throw SupervisorError("no checkpoints are taken")
  }

  package func rescale(_ stage: String, to workers: Int) throws(SupervisorError) {
    throw SupervisorError("workers move by checkpoints, and this run takes none; start it with --checkpoints DIR")
  }

  package var version: String? { pipeline.version }

  package func apply(_ path: String) throws(SupervisorError) -> String {
    throw SupervisorError("a run goes over by a checkpoint, and this one takes none; start it with --checkpoints DIR")
  }
}
