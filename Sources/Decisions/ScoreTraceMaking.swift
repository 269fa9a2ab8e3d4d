internal import PipelineSpec
internal import Records
internal import ScoreStage

extension ScoreTrace {
  /// - Parameters:
  ///   - name: of the stage.
  ///   - row: as it left the stage, with its columns.
  ///   - held: with a truth for each rule behind its columns; nil: there is no rule.
  init(
    _ name: String,
    _ plan: ScorePlan,
    _ row: TappedRow,
    _ schema: Schema,
    _ held: TappedRow?,
    _ texts: PipelineTexts
  ) {
    func cell(_ column: Int) -> Cell { Cell(schema.fields[column], row.values[column]) }
    let first = plan.inputSchema.fields.count
    let holds = held.map { $0.values.suffix(plan.rules.count).map { $0 == "true" } } ?? []
    let leading = plan.match == .first ? holds.firstIndex(of: true) : nil
    self.init(
      score: cell(first),
      decision: cell(first + 1),
      reasons: cell(first + 2),
      model: plan.model.map { ModelTrace($0, file: texts.model(ofStage: name) ?? "", $0.inputs.map(cell)) },
      review: plan.review,
      decline: plan.decline,
      rules: zip(plan.rules, holds).enumerated().map { number, rule in
        RuleTrace(
          name: rule.0.name,
          condition: texts.rule(rule.0.name, ofStage: name) ?? "",
          holds: rule.1,
          counts: rule.1 && (leading == nil || leading == number),
          weight: rule.0.weight,
          decision: rule.0.decision.map { "\($0)" },
          reason: rule.0.reason
        )
      },
      countsFirst: plan.match == .first,
      challengers: plan.challengers.enumerated().map { place, challenger in
        let score = first + ScorePlan.addedFields.count + place * challenger.fields.count
        return ChallengerTrace(
          name: challenger.name,
          score: cell(score),
          decision: cell(score + 1),
          model: challenger.plan?.model.map { model in
            let file = texts.model(ofChallenger: challenger.name, ofStage: name)
            return ModelTrace(model, file: file ?? "", model.inputs.map(cell))
          }
        )
      }
    )
  }
}
