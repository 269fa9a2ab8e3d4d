/// The expressions of a pipeline file, as they are written there.
package struct PipelineTexts {
  private let root: YAMLValue

  init(_ root: YAMLValue) { self.root = root }

  /// The `where` of a stage.
  package func condition(ofStage stage: String) -> String? { body(stage)?["where"]?.scalar }

  package func feature(_ name: String, ofStage stage: String) -> String? {
    body(stage)?["window"]?["features"]?[name]?.scalar
  }

  /// The condition of a rule.
  package func rule(_ name: String, ofStage stage: String) -> String? {
    let rule = body(stage)?["score"]?["rules"]?[name]
    return rule?.scalar ?? rule?["when"]?.scalar
  }

  /// The file of a stage's model, or the column that is its score.
  package func model(ofStage stage: String) -> String? { body(stage)?["score"].flatMap(model) }

  /// The same of a challenger.
  package func model(ofChallenger name: String, ofStage stage: String) -> String? {
    body(stage)?["score"]?["challengers"]?[name].flatMap(model)
  }

  private func model(_ scoring: YAMLValue) -> String? {
    scoring["model"]?.scalar ?? scoring["column"]?.scalar.map { "the column \($0)" }
  }

  private func body(_ stage: String) -> YAMLValue? { root["stages"]?[stage] }
}
