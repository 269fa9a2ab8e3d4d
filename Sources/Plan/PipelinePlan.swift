package import Dataflow
package import SourceStage

/// A checked, compiled pipeline.
package struct PipelinePlan: Sendable {
  /// A stage by its name.
  package struct Stage: Sendable {
    package let name: String
    package let plan: StagePlan
    /// The stages that it reads, in the order in which rows of one position come; none for a source.
    package let inputs: [Input]
    /// How many workers it runs as.
    package let workers: Int
    /// In which order its workers take the rows of those before them.
    package let order: InputOrder
    /// By which checkpoints know its state.
    let stateName: String

    package init(
      name: String,
      plan: StagePlan,
      inputs: [Input],
      workers: Int = 1,
      order: InputOrder = .position,
      stateName: String? = nil
    ) {
      self.name = name
      self.plan = plan
      self.inputs = inputs
      self.workers = workers
      self.order = order
      self.stateName = stateName ?? name
    }

    /// The same stage with another plan.
    package func with(_ plan: StagePlan, inputs: [Input]? = nil) -> Stage {
      Stage(
        name: name,
        plan: plan,
        inputs: inputs ?? self.inputs,
        workers: workers,
        order: order,
        stateName: stateName
      )
    }
  }

  /// A stage that another one reads.
  package struct Input: Sendable {
    /// Its place in the pipeline, before that of its readers.
    package let stage: Int
    /// Which of its outputs that is.
    package let output: StageOutput
    /// What it does with its rows for the one that reads them.
    package var delivery: DeliveryPlan

    package init(_ stage: Int, _ output: StageOutput = .main, _ delivery: DeliveryPlan = DeliveryPlan()) {
      self.stage = stage
      self.output = output
      self.delivery = delivery
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
  /// What the results say they come of; nil: they do not.
  package let version: String?
  /// Each behind all that it reads.
  package let stages: [Stage]
  /// A row to follow through the stages.
  package var trace: RowTrace?

  package init(
    name: String,
    deadLetterPath: String,
    mode: Mode = .realTime,
    limits: BatchLimits = BatchLimits(),
    isInsecure: Bool = false,
    checkpoints: CheckpointSettings = CheckpointSettings(),
    version: String? = nil,
    stages: [Stage]
  ) {
    self.name = name
    self.deadLetterPath = deadLetterPath
    self.mode = mode
    self.limits = limits
    self.isInsecure = isInsecure
    self.checkpoints = checkpoints
    self.version = version
    self.stages = stages
  }

  /// The sources, with what they read, in the order of their numbers.
  package var sources: [(name: String, plan: SourcePlan)] {
    stages.compactMap { stage in
      if case .source(let plan) = stage.plan.kind { (stage.name, plan) } else { nil }
    }
  }

  /// Where results go, by the names of the sinks.
  package var targets: [(sink: String, target: SinkTarget)] {
    stages.compactMap { stage in
      if case .sink(_, let target) = stage.plan.kind { (stage.name, target) } else { nil }
    }
  }

  /// What comes first in a run; switching it changes no result.
  package enum Mode: Hashable, Sendable {
    /// Latency: rows go on as soon as they can.
    case realTime
    /// Throughput, and results in whole micro-batches: the sources cut the stream.
    case microBatch
  }
}
