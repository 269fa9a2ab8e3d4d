internal import Expressions
internal import ModelFiles
internal import Models
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
    let inputs = reader.optionalTexts("inputs")
    let decisions = reader.optional("decisions")
    let match = reader.optionalText("match")
    let rules = reader.optional("rules")
    reader.finish()
    if model == nil && rules == nil {
      diagnostics.report(
        "\(owner) has nothing to score by",
        at: body.place,
        remedy: "give it a model in XGBoost's JSON format, `model: models/m.json`, or `rules:`, or both"
      )
    }
    if model == nil, let inputs = inputs?.first {
      diagnostics.report("`inputs` are a model's, and \(owner) has none", at: inputs.place, remedy: "name its `model`")
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
    output = computed.schema.appending(ScorePlan.addedFields)
    let matching = word(match, "match", ["all": Rule.Match.all, "first": .first]) ?? .all
    let ruleSchema = ScorePlan.ruleSchema(computed.schema, hasModel: model != nil)
    let compiledRules = compileRules(rules, owner, matching, ruleSchema)
    var scoring: ScorePlan.Model?
    if let model {
      guard let loaded = load(model), let columns = compileInputs(inputs, loaded, model, computed.schema) else {
        return nil
      }
      scoring = ScorePlan.Model(loaded.model, inputs: columns)
    }
    let plan = ScorePlan(
      inputSchema: computed.schema,
      model: scoring,
      review: review,
      decline: decline,
      match: matching,
      rules: compiledRules
    )
    return StagePlan(kind: .score(plan), inputSchema: input, projection: computed.projection)
  }

  private func load(_ path: PlacedText) -> LoadedModel? {
    files.reads(besideFile(path.text), as: "the model")
    do { return try XGBoostJSON.load(path: besideFile(path.text)) } catch {
      diagnostics.report("model '\(path.text)': \(error.message)", at: path.place, remedy: error.remedy)
      return nil
    }
  }

  /// The columns that the model reads, in its order. Where the model names its features, the names must agree.
  private func compileInputs(
    _ inputs: [PlacedText]?,
    _ loaded: LoadedModel,
    _ model: PlacedText,
    _ schema: Schema
  ) -> [Int]? {
    guard let names = inputs ?? loaded.namedInputs(at: model.place) else {
      diagnostics.report(
        "the model '\(model.text)' names no features",
        at: model.place,
        remedy: "list its \(loaded.model.featureCount) input columns, in its order: `inputs: [a, b]`"
      )
      return nil
    }
    guard names.count == loaded.model.featureCount else {
      diagnostics.report(
        "the model '\(model.text)' has \(loaded.model.featureCount) inputs, but \(names.count) are listed",
        at: names.first?.place ?? model.place,
        remedy: "list the columns that it was trained on, in the same order"
      )
      return nil
    }
    for (name, expected) in zip(names, loaded.featureNames) where name.text != expected {
      diagnostics.report(
        "the model '\(model.text)' was trained with '\(expected)' where '\(name.text)' is listed",
        at: name.place,
        remedy: "list the inputs in the model's order, under its names"
      )
      return nil
    }
    var columns: [Int] = []
    for name in names {
      guard let index = column(name, schema) else { continue }
      let field = schema.fields[index]
      if ScorePlan.isInput(field.type) {
        columns.append(index)
      } else {
        diagnostics.report(
          "the model's input '\(name.text)' is \(field.spelling)",
          at: name.place,
          remedy: "give it a number: compute one from the column"
        )
      }
    }
    return columns.count == names.count ? columns : nil
  }

  private func compileDecisions(_ value: YAMLValue?, _ owner: String) -> (review: Double?, decline: Double?) {
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

extension LoadedModel {
  /// The names that the model was trained with; nil when it names none.
  fileprivate func namedInputs(at place: Place) -> [PlacedText]? {
    featureNames.isEmpty ? nil : featureNames.map { PlacedText(text: $0, place: place) }
  }
}
