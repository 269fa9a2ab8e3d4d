package import Checkpoints
package import Dataflow
package import Records
internal import SourceStage
internal import WindowStage

/// The workers of a pipeline's run: who they are, who sends to whom, and what each is told.
package struct Deployment: Sendable {
  package let workers: [CoordinatedWorker]
  /// The names of the stages whose workers may run, by their numbers: a sink of several workers is two.
  package static func stageNames(_ pipeline: PipelinePlan) -> [String] { RunningStage.names(of: pipeline) }

  /// The ways on which one row may come to one stage; more cannot be told apart.
  package static let mostWays = 1 << SourcePlan.mostPathBits
  /// Whether rows take no more ways than that.
  package static func canTellWays(_ pipeline: PipelinePlan) -> Bool {
    Ways(RunningStage.all(of: pipeline)).pathBits <= SourcePlan.mostPathBits
  }

  /// The stages as they run.
  package let stages: [Stage]

  package struct Stage: Sendable {
    /// By which its workers' names know it.
    package let number: UInt16
    /// By which checkpoints know its state.
    package let stateName: String
    package let facts: [StateFact]
  }

  /// Where checkpoints are, and the one that an epoch goes on from.
  package struct Checkpoints: Sendable {
    package let directory: String
    /// nil: the stream begins.
    package let manifest: Manifest?
    /// Whether it was made in this run.
    package let isOfThisRun: Bool

    package init(directory: String, manifest: Manifest?, isOfThisRun: Bool = false) {
      self.directory = directory
      self.manifest = manifest
      self.isOfThisRun = isOfThisRun
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
    let running = RunningStage.all(of: pipeline)
    let ways = Ways(running)
    stages = running.map { Stage(number: $0.number, stateName: $0.stage.stateName, facts: $0.stage.plan.stateFacts) }
    let starts = checkpoints.flatMap { checkpoints in
      checkpoints.manifest.map { Self.starts(running.map(\.stage), $0, isOfThisRun: checkpoints.isOfThisRun) }
    }
    var workers: [CoordinatedWorker] = []
    for (place, (number, stage)) in running.map({ ($0.number, $0.stage) }).enumerated() {
      let readers = running.flatMap { reader in
        reader.stage.inputs.filter { $0.stage == place }.map { (reader: reader, input: $0) }
      }
      let outputs = readers.map { reader, input in
        WorkerPlan.OutputPlan(
          input.output,
          delivery: input.delivery,
          partition: reader.stage.plan.partitionColumn.map { .key(column: $0) } ?? .balanced,
          workers: reader.stage.workers
        )
      }
      for worker in 0..<UInt16(stage.workers) {
        let id = WorkerID(stage: number, worker: worker)
        let channels = stage.inputs.enumerated().flatMap { input, from in
          running[from.stage].ids.map { sender in
            WorkerPlan.InputPlan.Channel(
              sender: sender,
              endpoint: Self.endpoint(endpoint(id, sender), reading: input, of: stage),
              isOrdered: ways.isOrdered[from.stage],
              offset: ways.offsets[place][input],
              followsCuts: ways.leader[from.stage] == ways.leader[place]
            )
          }
        }
        let plan = WorkerPlan(
          id: id,
          name: "\(stage.name)/\(worker)",
          epoch: epoch,
          input: WorkerPlan.InputPlan(channels: channels, order: stage.order),
          outputs: outputs,
          limits: pipeline.limits,
          publication: pipeline.mode == .microBatch ? .atCuts : .always,
          deadLetterPath: pipeline.deadLetterPath,
          checkpoint: checkpoints.map {
            CheckpointPlan(directory: $0.directory, start: starts?[place][Int(worker)])
          },
          stage: stage.plan
            .placed(place, source: ways.leader[place], pathBits: ways.pathBits)
            .share(worker, of: stage.workers, isResumable: checkpoints != nil, leaving: Set(outputs.map(\.output))),
          trace: pipeline.trace
        )
        workers.append(
          CoordinatedWorker(
            id: id,
            name: plan.name,
            isSource: stage.inputs.isEmpty,
            upstream: channels.map(\.sender),
            downstream: readers.flatMap { $0.reader.ids },
            plan: plan.encoded
          )
        )
      }
    }
    self.workers = workers
  }
}

extension Deployment {
  /// Where a worker binds the end of a channel, by itself where it reads more than one output of the sender. A TCP port is
  /// chosen as it is bound.
  private static func endpoint(_ text: String, reading input: Int, of stage: PipelinePlan.Stage) -> String {
    let before = stage.inputs[..<input].count { $0.stage == stage.inputs[input].stage }
    return before == 0 || text.hasPrefix("tcp:") ? text : "\(text)-\(before)"
  }

  /// What each worker of each stage takes from a checkpoint.
  private static func starts(
    _ stages: [PipelinePlan.Stage],
    _ manifest: Manifest,
    isOfThisRun: Bool
  ) -> [[CheckpointPlan.Start]] {
    var counted: Set<String> = []
    var starts = stages.map { stage in
      let saved = manifest.stages.first { $0.name == stage.stateName }
      let source = manifest.sources.first { $0.name == stage.stateName }
      counted.insert(stage.stateName)
      return (0..<stage.workers).map { worker in
        var start = CheckpointPlan.Start()
        start.parts = parts(of: saved?.workers.map(\.chain) ?? [], for: worker, of: stage.workers)
        start.source = source?.state
        start.isOfThisRun = isOfThisRun
        if worker == 0, let saved { start.counters = saved.counters }
        if case .sink = stage.plan.kind { start.output = saved?.output }
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
  /// The column of incoming rows by which they find their worker; nil: any worker will do.
  ///
  /// It is never one that the stage computes itself: those are computed by the stage before.
  fileprivate var partitionColumn: Int? {
    guard case .window(let plan) = kind, inputSchema.fields.indices.contains(plan.key) else { return nil }
    return plan.key
  }

  /// With the numbers that the positions of its rows name, where it gives rows theirs.
  ///
  /// - Parameters:
  ///   - place: of the stage, behind all that it reads.
  ///   - source: its number among the sources, where it is one.
  fileprivate func placed(_ place: Int, source: UInt16, pathBits: Int) -> StagePlan {
    switch kind {
    case .source(let plan): with(.source(plan.numbered(source, pathBits: pathBits)))
    case .window(let plan): with(.window(plan.emitting(as: UInt16(place), pathBits: pathBits)))
    case .learn, .score, .sink, .format: self
    }
  }

  /// The part of a source that one of its workers reads.
  fileprivate func share(
    _ worker: UInt16,
    of workers: Int,
    isResumable: Bool,
    leaving sideOutputs: Set<StageOutput>
  ) -> StagePlan {
    guard case .source(let plan) = kind else { return self }
    let share = plan.share(Int(worker), of: workers)
      .leaving(late: sideOutputs.contains(.late), letters: sideOutputs.contains(.deadLetters))
    return with(.source(isResumable ? share.resumable : share))
  }

  private func with(_ kind: Kind) -> StagePlan {
    StagePlan(kind: kind, inputSchema: inputSchema, projection: projection)
  }
}
