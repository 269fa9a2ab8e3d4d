internal import Expressions
internal import Plan
internal import Records
internal import ScoreStage

extension PipelineCompiler {
  func compileScore(
    _ body: YAMLValue,
    _ owner: String,
    _ input: Schema?,
    compute: YAMLValue?,
    filter: PlacedText?,
    output: inout Schema?
  ) -> StagePlan? {
    guard var reader = MappingReader(body, "the score of \(owner)", diagnostics) else { return nil }
    let model = reader.optionalText("model")
    let column = reader.optionalText("column")
    let inputs = reader.optionalTexts("inputs")
    let reasons = reader.optional("reasons")
    let decisions = reader.optional("decisions")
    let match = reader.optionalText("match")
    let rules = reader.optional("rules")
    let challengers = reader.optional("challengers")
    reader.finish()
    checkScoring(owner, model, column, inputs, rules, at: body.place)
    if model == nil, let reasons {
      diagnostics.report(
        "`reasons` are a model's, and \(owner) has none",
        at: reasons.place,
        remedy: "name its `model`; rules have a `reason` each"
      )
    }
    guard let input else { return nil }
    let computed = compileColumns(owner, input, compute: compute, filter: filter)
    let (review, decline) = compileDecisions(decisions, owner)
    for field in ScorePlan.addedFields where computed.schema.index(of: field.name) != nil {
      diagnostics.report(
        "there is a column '\(field.name)' already, which \(owner) would add",
        at: body.place,
        remedy: "rename that column"
      )
      return nil
    }
    let compiledChallengers = compileChallengers(challengers, owner, computed.schema)
    output = computed.schema.appending(ScorePlan.addedFields + compiledChallengers.flatMap(\.fields))
    let matching = matching(match)
    let ruleSchema = ScorePlan.ruleSchema(computed.schema, hasModel: model != nil || column != nil)
    let compiledRules = compileRules(rules, owner, matching, ruleSchema)
    var scoring: ScorePlan.Model?
    if let model {
      guard let compiled = compileModel(model, inputs, reasons, owner, computed.schema) else { return nil }
      scoring = compiled
    } else if let column {
      guard let compiled = compileModel(ofColumn: column, computed.schema) else { return nil }
      scoring = compiled
    }
    let plan = ScorePlan(
      inputSchema: computed.schema,
      model: scoring,
      review: review,
      decline: decline,
      match: matching,
      rules: compiledRules,
      challengers: compiledChallengers
    )
    return StagePlan(kind: .score(plan), inputSchema: input, projection: computed.projection)
  }

  /// Reports a score that nothing gives, and inputs that nothing reads.
  func checkScoring(
    _ owner: String,
    _ model: PlacedText?,
    _ column: PlacedText?,
    _ inputs: [PlacedText]?,
    _ rules: YAMLValue?,
    at place: Place
  ) {
    if model == nil && column == nil && rules == nil {
      diagnostics.report(
        "\(owner) has nothing to score by",
        at: place,
        remedy: "give it a model of XGBoost or LightGBM, `model: models/m.json`, or `rules:`, or both; or the `column` "
          + "of a model that learns"
      )
    }
    if model != nil, let column {
      diagnostics.report(
        "\(owner) has a model, and a column that is its score",
        at: column.place,
        remedy: "leave one of them out; let a rule speak of the other"
      )
    }
    if model == nil, let inputs = inputs?.first {
      diagnostics.report("`inputs` are a model's, and \(owner) has none", at: inputs.place, remedy: "name its `model`")
    }
  }

  func compileDecisions(_ value: YAMLValue?, _ owner: String) -> (review: Double?, decline: Double?) {
    guard let value, var reader = MappingReader(value, "`decisions` of \(owner)", diagnostics) else {
      return (nil, nil)
    }
    let review = reader.optionalText("review").flatMap(threshold)
    let decline = reader.optionalText("decline").flatMap(threshold)
    reader.finish()
    if let review, let decline, review > decline {
      diagnostics.report(
        "the threshold for review is above that for decline",
        at: value.place,
        remedy: "review at lower scores"
      )
    }
    return (review, decline)
  }

  func matching(_ text: PlacedText?) -> Rule.Match {
    word(text, "match", ["all": Rule.Match.all, "first": .first]) ?? .all
  }

  private func threshold(_ text: PlacedText) -> Double? {
    if let value = Double(text.text), 0...1 ~= value { return value }
    diagnostics.report(
      "the threshold is '\(text.text)'",
      at: text.place,
      remedy: "write a score from 0 to 1"
    )
    return nil
  }
}
