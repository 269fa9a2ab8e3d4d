package import Dataflow

/// A checked, compiled pipeline.
package struct PipelinePlan: Sendable {
  /// A stage by its name.
  package struct Stage: Sendable {
    package let name: String
    package let plan: StagePlan
    /// How many workers it runs as.
    package let workers: Int
    /// In which order its workers take the rows of those before them.
    package let order: InputOrder
    /// By which checkpoints know its state.
    let stateName: String

    package init(
      name: String,
      plan: StagePlan,
      workers: Int = 1,
      order: InputOrder = .position,
      stateName: String? = nil
    ) {
      self.name = name
      self.plan = plan
      self.workers = workers
      self.order = order
      self.stateName = stateName ?? name
    }

    /// The same stage with another plan.
    package func with(_ plan: StagePlan) -> Stage {
      Stage(name: name, plan: plan, workers: workers, order: order, stateName: stateName)
    }
  }

  package let name: String
  /// Where inputs go that could not be processed.
  package let deadLetterPath: String
  package let mode: Mode
  package let limits: BatchLimits
  /// Whether endpoints that other machines can reach may be in the clear.
  package let isInsecure: Bool
  package let checkpoints: CheckpointSettings
  /// In the direction in which rows flow: the source first, the sink last.
  package let stages: [Stage]

  package init(
    name: String,
    deadLetterPath: String,
    mode: Mode = .realTime,
    limits: BatchLimits = BatchLimits(),
    isInsecure: Bool = false,
    checkpoints: CheckpointSettings = CheckpointSettings(),
    stages: [Stage]
  ) {
    self.name = name
    self.deadLetterPath = deadLetterPath
    self.mode = mode
    self.limits = limits
    self.isInsecure = isInsecure
    self.checkpoints = checkpoints
    self.stages = stages
  }

  /// The file that results go to; nil: stdout.
  package var outputPath: String? {
    guard case .sink(_, .file(let path)) = stages.last?.plan.kind else { return nil }
    return path
  }

  /// What comes first in a run; switching it changes no result.
  package enum Mode: Hashable, Sendable {
    /// Latency: rows go on as soon as they can.
    case realTime
    /// Throughput, and results in whole micro-batches: the sources cut the stream.
    case microBatch
  }
}
