package import Dataflow
package import Records
internal import SourceStage

extension StagePlan {
  /// The outputs that it has beside the main one, and their columns.
  package var sideOutputs: [(output: StageOutput, schema: Schema)] {
    guard case .source(let plan) = kind else { return [] }
    return [(.late, plan.schema), (.deadLetters, SourcePlan.deadLetterSchema)]
  }

  /// The columns of one of its outputs; nil where it has none such.
  package func schema(of output: StageOutput) -> Schema? {
    output == .main ? outputSchema : sideOutputs.first { $0.output == output }?.schema
  }
}
