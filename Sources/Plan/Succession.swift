internal import Records

extension PipelinePlan {
  /// The same pipeline with the numbers of workers of another that has the same stages.
  package func with(workersOf other: PipelinePlan) -> PipelinePlan {
    let workers = Dictionary(other.stages.map { ($0.name, $0.workers) }) { first, _ in first }
    return PipelinePlan(
      name: name,
      deadLetterPath: deadLetterPath,
      mode: mode,
      limits: limits,
      isInsecure: isInsecure,
      checkpoints: checkpoints,
      version: version,
      stages: stages.map { stage in
        Stage(
          name: stage.name,
          plan: stage.plan,
          inputs: stage.inputs,
          workers: workers[stage.name] ?? stage.workers,
          order: stage.order,
          stateName: stage.stateName
        )
      }
    )
  }

  /// The first stage that keeps windows or learns, or stands before one that does, and is not the same in `other`, which has the
  /// same graph: what these hold was made of rows as it left them.
  package func stageOfOtherState(than other: PipelinePlan) -> String? {
    var leadsToState = [Bool](repeating: false, count: stages.count)
    for (index, stage) in stages.enumerated().reversed() {
      switch stage.plan.kind {
      case .window, .learn: leadsToState[index] = true
      case .source, .score, .sink, .format: break
      }
      if leadsToState[index] { for input in stage.inputs { leadsToState[input.stage] = true } }
    }
    return zip(stages, other.stages).enumerated().first { index, pair in
      leadsToState[index] && pair.0.encoded != pair.1.encoded
    }?.element.0.name
  }
}

extension PipelinePlan.Stage {
  /// What it does, and what those before it do for it.
  fileprivate var encoded: [UInt8] {
    var writer = ByteWriter()
    plan.encode(into: &writer)
    for input in inputs { input.delivery.encode(into: &writer) }
    return writer.bytes
  }
}
