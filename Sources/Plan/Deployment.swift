package import Dataflow
internal import Expressions
package import Records
internal import SinkStage
internal import SourceStage
internal import WindowStage

/// The workers of a pipeline's run: who they are, who sends to whom, and what each is told.
package struct Deployment: Sendable {
  package let workers: [CoordinatedWorker]

  /// - Parameter endpoint: where the worker `receiver` is to bind the end of the channel from `sender`.
  package init(_ pipeline: PipelinePlan, endpoint: (_ receiver: WorkerID, _ sender: WorkerID) -> String) {
    let stages = Self.physical(pipeline)
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
          epoch: 1,
          input: WorkerPlan.InputPlan(
            channels: upstream.map { .init(sender: $0, endpoint: endpoint(id, $0)) },
            isOrdered: isOrdered,
            order: stage.order
          ),
          partition: next?.partitionColumn.map { .key(column: $0) } ?? .balanced,
          limits: pipeline.limits,
          publication: pipeline.mode == .microBatch ? .atCuts : .always,
          deadLetterPath: pipeline.deadLetterPath,
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
      stages.append(last.with(lines))
      stages.append(PipelinePlan.Stage(name: writerName(last), plan: writer, order: last.order))
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
