internal import Checkpoints
internal import Plan

/// A pipeline that is to take the place of one that runs.
struct Successor {
  private let other: PipelinePlan

  init(_ other: PipelinePlan) { self.other = other }

  /// Refuses one that could not go on with the state and the results of `pipeline`.
  ///
  /// - Returns: the version that its results name.
  func check(after pipeline: PipelinePlan) throws(SupervisorError) -> String {
    guard other.name == pipeline.name else {
      throw SupervisorError("the file is of pipeline '\(other.name)', and '\(pipeline.name)' runs")
    }
    guard let version = other.version else {
      throw SupervisorError(
        "the file has no `version`, and results are to say of which they are; write `version: NAME`"
      )
    }
    guard version != pipeline.version else {
      throw SupervisorError("version '\(version)' runs already; give the new file another `version`")
    }
    let (names, otherNames) = (pipeline.stages.map(\.name), other.stages.map(\.name))
    guard names == otherNames else {
      throw SupervisorError(
        "the stages are \(otherNames.joined(separator: ", ")), and \(names.joined(separator: ", ")) run; "
          + "a change of the graph takes a new run"
      )
    }
    guard other.deadLetterPath == pipeline.deadLetterPath else {
      throw SupervisorError("dead letters go to '\(pipeline.deadLetterPath)'; another file for them takes a new run")
    }
    for (stage, new) in zip(pipeline.stages, other.stages) { try check(new, after: stage) }
    if let stage = other.stageOfOtherState(than: pipeline) {
      throw SupervisorError(
        "stage '\(stage)' is not what it was, and windows or models hold what they made of its rows; change only what stands behind "
          + "all windows and models that learn"
      )
    }
    return version
  }

  private func check(_ new: PipelinePlan.Stage, after old: PipelinePlan.Stage) throws(SupervisorError) {
    guard new.inputs.map(\.stage) == old.inputs.map(\.stage), new.inputs.map(\.output) == old.inputs.map(\.output)
    else {
      throw SupervisorError("stage '\(new.name)' reads from other stages; a change of the graph takes a new run")
    }
    let (facts, before) = (new.plan.lastingFacts, old.plan.lastingFacts)
    guard facts.map(\.name) == before.map(\.name) else {
      throw SupervisorError("stage '\(new.name)' is of another kind, or keeps other state; that takes a new run")
    }
    for (fact, before) in zip(facts, before) where fact != before {
      throw SupervisorError(
        "stage '\(new.name)': \(fact.name) is '\(fact.value)', but '\(before.value)' in the run; that takes a new run"
      )
    }
  }
}
