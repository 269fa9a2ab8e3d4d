internal import Plan
internal import WindowStage

extension PipelineCompiler {
  /// Refuses a stage that reads rows of windows together with those of a source that the windows do not read.
  ///
  /// When the windows' source ends they leave rows that lie ahead, while a checkpoint may cut the other source before these: then
  /// there is no place of the order at which the stage could be cut.
  func checkEmitted(_ stages: [PipelinePlan.Stage], _ place: (String) -> Place) {
    /// For each stage, the sources that its rows come from.
    var origins: [Set<Int>] = []
    /// For each stage, of which sources the windows are whose rows it has, and the stage that leaves them.
    var emitted: [[(stage: String, origins: Set<Int>)]] = []
    for (number, stage) in stages.enumerated() {
      let inputs = stage.inputs.map(\.stage)
      let own = inputs.isEmpty ? [number] : inputs.reduce(into: Set<Int>()) { $0.formUnion(origins[$1]) }
      let carried = inputs.flatMap { emitted[$0] }
      // Once, where they meet: what reads that stage has both too.
      let met = inputs.flatMap { input in emitted[input].filter { $0.origins == origins[input] } }
      if let odd = met.first(where: { $0.origins != own }) {
        diagnostics.report(
          "stage '\(stage.name)' reads rows that the windows of '\(odd.stage)' leave, and a source that these do not read",
          at: place(stage.name),
          remedy:
            "let '\(odd.stage)' read all sources that '\(stage.name)' does, or write its rows to a sink of their own"
        )
      }
      origins.append(own)
      if case .window(let plan) = stage.plan.kind, plan.emission != nil {
        emitted.append([(stage.name, own)])
      } else {
        emitted.append(carried)
      }
    }
  }
}
