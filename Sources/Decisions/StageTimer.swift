internal import Plan
internal import Records

/// How long each stage has to do with one row: one run of the pipeline to that row, which is let go when all before it is done.
struct StageTimer {
  private let pipeline: PipelinePlan
  private let folder: String

  /// How long the sources wait for the stages to be done with what comes before, in nanoseconds: longer where that was too short.
  private static let rests: [Int64] = [100_000_000, 1_000_000_000, 8_000_000_000]

  /// - Parameter folder: where the sinks write.
  init(_ pipeline: PipelinePlan, folder: String) {
    self.pipeline = pipeline
    self.folder = folder
  }

  /// - Parameters:
  ///   - position: of any copy of the row.
  ///   - way: the numbers of the stages that it came to.
  func times(
    of position: Position,
    through way: [Int],
    _ run: (PipelinePlan) throws -> Replay
  ) throws -> TimesTrace? {
    var trace: TimesTrace?
    for rest in Self.rests {
      let times = try run(plan(following: RowTrace(position, wayBits: pipeline.wayBits, rest: rest))).times
      trace = self.trace(times, way)
      if trace?.isSettled ?? true { break }
    }
    return trace
  }

  /// The pipeline as it is, but that each stage is one worker, and its sinks write elsewhere.
  func plan(following trace: RowTrace) -> PipelinePlan {
    let stages = pipeline.stages.enumerated().map { number, stage in
      var plan = stage.plan
      if case .sink(let sink, _) = plan.kind {
        let target = SinkTarget.file(path: "\(folder)/\(number)")
        plan = StagePlan(kind: .sink(sink, target), inputSchema: plan.inputSchema, projection: plan.projection)
      }
      return PipelinePlan.Stage(name: stage.name, plan: plan, inputs: stage.inputs)
    }
    var plan = PipelinePlan(name: pipeline.name, deadLetterPath: "\(folder)/dead-letters.jsonl", stages: stages)
    plan.trace = trace
    return plan
  }

  private func trace(_ times: [Int: RowTimes], _ way: [Int]) -> TimesTrace? {
    var found: [Int: TimesTrace.Stage] = [:]
    for number in way.sorted() {
      guard let own = times[number] else { continue }
      let stage = pipeline.stages[number]
      // Where several stages before it had the row, it waited for the last.
      let before = stage.inputs.map(\.stage).filter { found[$0] != nil }
        .max { (times[$0]?.done ?? 0) < (times[$1]?.done ?? 0) }
      let underway = before.flatMap { times[$0] }.map { own.came - $0.done } ?? 0
      let (waited, worked) = (own.taken - own.came, own.done - own.taken)
      found[number] = TimesTrace.Stage(
        stage: stage.name,
        from: before.map { pipeline.stages[$0].name },
        underway: underway,
        waited: waited,
        worked: worked,
        since: (before.flatMap { found[$0]?.since } ?? 0) + underway + waited + worked
      )
    }
    guard !found.isEmpty else { return nil }
    return TimesTrace(
      stages: found.sorted { $0.key < $1.key }.map(\.value),
      isSettled: isSettled(times, way)
    )
  }

  /// Whether nothing else was under way when the row was let go.
  private func isSettled(_ times: [Int: RowTimes], _ way: [Int]) -> Bool {
    let sources = pipeline.stages.indices.filter { pipeline.stages[$0].inputs.isEmpty }
    let own = sources.first { way.contains($0) }
    let others = own == nil ? [] : sources.filter { $0 != own }
    let released = own.map { times[$0]?.taken ?? 0 } ?? sources.compactMap { times[$0]?.taken }.max() ?? 0
    return way.allSatisfy { times[$0]?.before ?? 0 <= released }
      && others.allSatisfy { times[$0]?.done ?? 0 <= released }
  }
}
