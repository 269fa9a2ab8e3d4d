internal import Records
internal import ScoreStage
internal import SinkStage

/// The challengers of all score stages, by whose names sinks know their columns.
final class DeclaredChallengers {
  /// In the order of the file, each once.
  private(set) var names: [String] = []

  func declare(_ name: String) { if !names.contains(name) { names.append(name) } }
}

extension PipelineCompiler {
  /// Compiles `challengers`: names with what a score stage has, but for reasons.
  ///
  /// A mistake in the file is one like any other. A model that cannot be loaded leaves its challenger out, and the others
  /// and the champion run: nobody waits for what is on trial.
  ///
  /// - Parameter schema: what the stage scores.
  func compileChallengers(_ value: YAMLValue?, _ owner: String, _ schema: Schema) -> [ScorePlan.Challenger] {
    let pairs = entries(
      value,
      "challengers",
      of: owner,
      atMost: ScorePlan.mostChallengers,
      remedy: "write `name:` lines with a `model`, or `rules`, or both below each"
    )
    return pairs.map { key, value in
      let name = "challenger '\(key.name)'"
      checkName(key, name, schema)
      challengers.declare(key.name)
      let plan = compileChallenger(value, name, "\(name) of \(owner)", schema)
      return ScorePlan.Challenger(name: key.name, plan: plan)
    }
  }

  private func checkName(_ key: YAMLKey, _ name: String, _ schema: Schema) {
    if !Self.isName(key.name) {
      diagnostics.report(
        "'\(key.name)' is no name for a challenger",
        at: key.place,
        remedy: "use lower-case letters, digits, '-' and '_', a letter first"
      )
    }
    for field in ScorePlan.Challenger(name: key.name, plan: nil).fields where schema.index(of: field.name) != nil {
      diagnostics.report(
        "there is a column '\(field.name)' already, which \(name) would add",
        at: key.place,
        remedy: "give the challenger another name"
      )
    }
  }

  /// nil where it is left out, and where it is wrong, which has then been reported.
  private func compileChallenger(_ body: YAMLValue, _ name: String, _ owner: String, _ schema: Schema) -> ScorePlan? {
    guard var reader = MappingReader(body, owner, diagnostics) else { return nil }
    let model = reader.optionalText("model")
    let column = reader.optionalText("column")
    let inputs = reader.optionalTexts("inputs")
    let decisions = reader.optional("decisions")
    let match = reader.optionalText("match")
    let rules = reader.optional("rules")
    reader.finish()
    checkScoring(owner, model, column, inputs, rules, at: body.place)
    let (review, decline) = compileDecisions(decisions, owner)
    let matching = matching(match)
    let ruleSchema = ScorePlan.ruleSchema(schema, hasModel: model != nil || column != nil)
    let compiledRules = compileRules(rules, owner, matching, ruleSchema)
    var scoring: ScorePlan.Model?
    if let model {
      guard let loaded = loadChallenger(model, inputs, name, owner, schema) else { return nil }
      scoring = loaded
    } else if let column {
      guard let compiled = compileModel(ofColumn: column, schema) else { return nil }
      scoring = compiled
    }
    return ScorePlan(
      inputSchema: schema,
      model: scoring,
      review: review,
      decline: decline,
      match: matching,
      rules: compiledRules
    )
  }

  /// Loads the model of a challenger; what is wrong with the model, and not with the file that names it, is a warning.
  private func loadChallenger(
    _ model: PlacedText,
    _ inputs: [PlacedText]?,
    _ name: String,
    _ owner: String,
    _ schema: Schema
  ) -> ScorePlan.Model? {
    let columns = (inputs ?? []).map { column($0, schema) }
    guard !columns.contains(nil) else { return nil }
    let (loaded, problems) = diagnostics.taking { compileModel(model, inputs, nil, owner, schema) }
    for problem in problems {
      diagnostics.warn("\(name) is left out: \(problem.message)", at: problem.place, remedy: problem.remedy)
    }
    return loaded
  }

  /// What a sink compares: the challengers whose columns it sees.
  func compileComparison(_ schema: Schema) -> ComparisonPlan? {
    func column(_ field: Field) -> Int? {
      schema.index(of: field.name).flatMap { schema.fields[$0].type == field.type ? $0 : nil }
    }
    let found = challengers.names.compactMap { name -> ComparisonPlan.Challenger? in
      let fields = ScorePlan.Challenger(name: name, plan: nil).fields
      guard let score = column(fields[0]), let decision = column(fields[1]) else { return nil }
      return ComparisonPlan.Challenger(name: name, score: score, decision: decision)
    }
    guard let decision = column(ScorePlan.decisionField), !found.isEmpty else { return nil }
    return ComparisonPlan(decision: decision, challengers: found)
  }
}
