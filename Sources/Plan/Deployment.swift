package import Checkpoints
package import Dataflow
internal import Expressions
package import Records
internal import SinkStage
internal import SourceStage
internal import WindowStage

/// The workers of a pipeline's run: who they are, who sends to whom, and what each is told.
package struct Deployment: Sendable {
  package let workers: [CoordinatedWorker]
  /// The stages as they run, by the numbers in their workers' names.
  package let stages: [Stage]

  package struct Stage: Sendable {
    /// By which checkpoints know its state.
    package let stateName: String
    package let facts: [StateFact]
  }

  /// Where checkpoints are, and the one that an epoch goes on from.
  package struct Checkpoints: Sendable {
    package let directory: String
    /// nil: the stream begins.
    package let manifest: Manifest?

    package init(directory: String, manifest: Manifest?) {
      self.directory = directory
      self.manifest = manifest
    }
  }

  /// - Parameters:
  ///   - checkpoints: nil where none are taken.
  ///   - endpoint: where the worker `receiver` is to bind the end of the channel from `sender`.
  package init(
    _ pipeline: PipelinePlan,
    epoch: UInt32 = 1,
    checkpoints: Checkpoints? = nil,
    endpoint: (_ receiver: WorkerID, _ sender: WorkerID) -> String
  ) {
    let stages = Self.physical(pipeline)
    self.stages = stages.map { Stage(stateName: $0.stateName, facts: $0.plan.stateFacts) }
    let starts = checkpoints?.manifest.map { Self.starts(stages, $0) }
    let ids = stages.enumerated().map { number, stage in
      (0..<stage.workers).map { WorkerID(stage: UInt16(number), worker: UInt16($0)) }
    }
    var workers: [CoordinatedWorker] = []
    var isOrdered = true
    for (number, stage) in stages.enumerated() {
      let upstream = number > 0 ? ids[number - 1] : []
      let downstream = number + 1 < stages.count ? ids[number + 1] : []
      let next = number + 1 < stages.count ? stages[number + 1].plan : nil
      for id in ids[number] {
        let plan = WorkerPlan(
          id: id,
          name: "\(stage.name)/\(id.worker)",
          epoch: epoch,
          input: WorkerPlan.InputPlan(
            channels: upstream.map { .init(sender: $0, endpoint: endpoint(id, $0)) },
            isOrdered: isOrdered,
            order: stage.order
          ),
          partition: next?.partitionColumn.map { .key(column: $0) } ?? .balanced,
          limits: pipeline.limits,
          publication: pipeline.mode == .microBatch ? .atCuts : .always,
          deadLetterPath: pipeline.deadLetterPath,
          checkpoint: checkpoints.map {
            CheckpointPlan(directory: $0.directory, start: starts?[number][Int(id.worker)])
          },
          stage: number == 0 ? stage.plan.asSource(worker: id.worker, of: stage.workers) : stage.plan
        )
        workers.append(
          CoordinatedWorker(
            id: id,
            name: plan.name,
            isSource: number == 0,
            upstream: upstream,
            downstream: downstream,
            plan: plan.encoded
          )
        )
      }
      if stage.order == .arrival && upstream.count > 1 { isOrdered = false }
    }
    self.workers = workers
  }

  /// The names of the stages whose workers may run, by their numbers: a sink of several workers is two.
  package static func stageNames(_ pipeline: PipelinePlan) -> [String] {
    pipeline.stages.map(\.name) + (pipeline.stages.last.map { [writerName($0)] } ?? [])
  }

  private static func writerName(_ sink: PipelinePlan.Stage) -> String { "\(sink.name)-writer" }
}

extension Deployment {
  /// The stages as they run.
  ///
  /// A sink of several workers is two: they make lines of rows, and one worker writes the lines in their order. For a sink of
  /// one worker that shows only some rows, the stage before it makes the lines.
  private static func physical(_ pipeline: PipelinePlan) -> [PipelinePlan.Stage] {
    var stages = pipeline.stages
    guard let last = stages.popLast(), case .sink(let plan, let target) = last.plan.kind, let before = stages.last
    else {
      return pipeline.stages
    }
    let writer = StagePlan(
      kind: .sink(plan.ofLines, target),
      inputSchema: plan.lineSchema,
      projection: ProjectionPlan(compute: [], filter: nil)
    )
    if last.workers > 1 {
      let lines = StagePlan(kind: .format(plan), inputSchema: last.plan.inputSchema, projection: last.plan.projection)
      stages.append(
        PipelinePlan.Stage(
          name: last.name,
          plan: lines,
          workers: last.workers,
          order: last.order,
          stateName: "\(last.name)-lines"
        )
      )
      stages.append(
        PipelinePlan.Stage(name: writerName(last), plan: writer, order: last.order, stateName: last.name)
      )
    } else if let filter = last.plan.projection.filter {
      stages[stages.count - 1] = before.with(
        before.plan.formatting(plan, after: last.plan.projection.compute, filter: filter)
      )
      stages.append(last.with(writer))
    } else {
      stages.append(last)
    }
    return stages
  }
}

extension Deployment {
  /// What each worker of each stage takes from a checkpoint.
  private static func starts(_ stages: [PipelinePlan.Stage], _ manifest: Manifest) -> [[CheckpointPlan.Start]] {
    var counted: Set<String> = []
    var starts = stages.map { stage in
      let saved = manifest.stages.first { $0.name == stage.stateName }
      let source = manifest.sources.first { $0.name == stage.stateName }
      counted.insert(stage.stateName)
      return (0..<stage.workers).map { worker in
        var start = CheckpointPlan.Start()
        start.parts = parts(of: saved?.workers.map(\.chain) ?? [], for: worker, of: stage.workers)
        start.source = source?.state
        if worker == 0, let saved { start.counters = saved.counters }
        if case .sink = stage.plan.kind { start.output = manifest.output }
        return start
      }
    }
    // Rows that a stage dropped which is no more are still accounted for.
    for stage in manifest.stages where !counted.contains(stage.name) {
      let last = starts.count - 1
      starts[last][0].counters.filtered += stage.counters.filtered
    }
    return starts
  }

  /// What one of so many workers takes of what each of others has saved.
  private static func parts(of chains: [[SavedFile]], for worker: Int, of workers: Int) -> [CheckpointPlan.Part] {
    let own = KeyGroups.groups(ofWorker: worker, workers: workers)
    return chains.enumerated().compactMap { saver, files in
      let groups = KeyGroups.groups(ofWorker: saver, workers: chains.count).clamped(to: own)
      let takesUngrouped = worker == 0 && saver == 0
      guard !files.isEmpty, !groups.isEmpty || takesUngrouped else { return nil }
      return CheckpointPlan.Part(files: files, groups: groups, takesUngrouped: takesUngrouped)
    }
  }
}

extension StagePlan {
  /// The same stage with the lines made that the sink behind it writes.
  fileprivate func formatting(_ sink: SinkPlan, after compute: [ComputedColumn], filter: Expression) -> StagePlan {
    // Rows that are not shown travel only where their scores are evaluated.
    let travels = sink.evaluation != nil
    var forNext = forNext
    forNext.projection = ProjectionPlan(compute: compute, filter: travels ? nil : filter)
    forNext.format = (sink, travels ? filter : nil)
    return with(forNext)
  }

  /// The column of incoming rows by which they find their worker; nil: any worker will do.
  ///
  /// It is never one that the stage computes itself: those are computed by the stage before.
  fileprivate var partitionColumn: Int? {
    guard case .window(let plan) = kind, inputSchema.fields.indices.contains(plan.key) else { return nil }
    return plan.key
  }

  /// The part of a source that one of its workers reads.
  fileprivate func asSource(worker: UInt16, of workers: Int) -> StagePlan {
    guard case .source(let plan) = kind else { return self }
    return StagePlan(
      kind: .source(plan.share(Int(worker), of: workers)),
      inputSchema: inputSchema,
      projection: projection,
      forNext: forNext
    )
  }
}
