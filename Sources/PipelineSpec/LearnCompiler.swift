internal import Expressions
internal import LearnStage
internal import Models
internal import Plan
internal import Records

extension PipelineCompiler {
  func compileLearning(
    _ body: YAMLValue,
    _ owner: String,
    _ input: Schema?,
    compute: YAMLValue?,
    filter: PlacedText?,
    output: inout Schema?
  ) -> StagePlan? {
    guard var reader = MappingReader(body, "the model of \(owner)", diagnostics) else { return nil }
    let kind = reader.requiredText("model", remedy: "say which: `model: logistic`, or `isolation_forest`")
    let column = reader.optionalText("column")
    let inputs = reader.optionalTexts("inputs")
    let warmUp = reader.optionalText("warm_up")
    let reasonsValue = reader.optional("reasons")
    let labels = LabelTexts(&reader)
    let model = kind.flatMap { learningModel($0, &reader) }
    // What belongs to another model is not reported where nobody knows which is meant.
    if model != nil { reader.finish() }
    guard let input else { return nil }
    let computed = compileColumns(owner, input, compute: compute, filter: filter)
    let name = column?.text ?? "learned"
    guard isNewColumn(name, at: column?.place ?? body.place, owner, computed.schema) else { return nil }
    let added =
      [Field(name, .float64, nullable: true)] + (reasonsValue == nil ? [] : [LearnPlan.reasonsField(name)])
    output = computed.schema.appending(added)
    let columns = learningInputs(inputs, owner, computed.schema, at: body.place)
    let source = labelSource(labels, owner, computed.schema)
    let least = warmUp.map { count($0, "warm_up", 0...Int(LearnPlan.greatestWarmUp)) } ?? Int(LearnPlan.usualWarmUp)
    // What follows from inputs that are wrong would be no mistake of its own.
    let reasons =
      columns == nil
      ? nil
      : reasonsValue.flatMap {
        learningReasons($0, inputs ?? [], owner, kind, name, computed.schema)
      }
    guard let model, let columns, let least, let source, (reasons == nil) == (reasonsValue == nil) else { return nil }
    if case .logistic = model, source.labels == nil {
      diagnostics.report(
        "the model of \(owner) learns from labels, and has none",
        at: kind?.place ?? body.place,
        remedy:
          "name the column that tells what was fraud, `label: was_fraud`; without labels there is `isolation_forest`"
      )
      return nil
    }
    let plan = LearnPlan(
      inputSchema: computed.schema,
      column: name,
      model: model,
      inputs: columns,
      labels: source.labels,
      warmUp: Int64(least),
      reasons: reasons
    )
    return StagePlan(kind: .learn(plan), inputSchema: input, projection: computed.projection)
  }

  private func isNewColumn(_ name: String, at place: Place, _ owner: String, _ schema: Schema) -> Bool {
    guard schema.index(of: name) != nil else { return true }
    diagnostics.report(
      "there is a column '\(name)' already, which \(owner) would add",
      at: place,
      remedy: "name another: `column: chance_of_fraud`"
    )
    return false
  }

  private func learningReasons(
    _ value: YAMLValue,
    _ inputs: [PlacedText],
    _ owner: String,
    _ kind: PlacedText?,
    _ column: String,
    _ schema: Schema
  ) -> ModelReasons? {
    if kind?.text == "isolation_forest" {
      diagnostics.report(
        "an isolation forest gives no reasons",
        at: value.place,
        remedy: "remove `reasons`; let rules give them"
      )
      return nil
    }
    let name = LearnPlan.reasonsField(column).name
    guard isNewColumn(name, at: value.place, owner, schema) else { return nil }
    return compileReasons(value, owner, inputs)
  }

  // MARK: The model

  private func learningModel(_ kind: PlacedText, _ reader: inout MappingReader) -> LearnPlan.Model? {
    switch kind.text {
    case "logistic":
      let usual = OnlineLogistic.Settings()
      let rate = number(&reader, "rate", usual.rate, OnlineLogistic.Settings.rates)
      let l1 = number(&reader, "l1", usual.l1, OnlineLogistic.Settings.penalties)
      let l2 = number(&reader, "l2", usual.l2, OnlineLogistic.Settings.penalties)
      let weight = number(&reader, "fraud_weight", usual.fraudWeight, OnlineLogistic.Settings.weights)
      return .logistic(OnlineLogistic.Settings(rate: rate, l1: l1, l2: l2, fraudWeight: weight))
    case "isolation_forest":
      let usual = IsolationForest.Settings()
      let trees = whole(&reader, "trees", usual.trees, IsolationForest.Settings.treeBounds)
      let sampleText = reader.optionalText("sample")
      let sample = sampleText.flatMap { count($0, "sample", IsolationForest.Settings.sampleBounds) } ?? usual.sample
      let recent = whole(&reader, "recent", usual.recent, IsolationForest.Settings.recentBounds)
      let seed = whole(&reader, "seed", Int(usual.seed), 0...Int(Int32.max))
      if sample > recent {
        diagnostics.report(
          "a tree grows over \(sample) of the \(recent) recent rows",
          at: sampleText?.place ?? kind.place,
          remedy: "let `sample` be at most `recent`"
        )
      }
      return .isolationForest(.init(trees: trees, sample: sample, recent: recent, seed: Int64(seed)))
    default:
      let known = ["logistic", "isolation_forest"]
      diagnostics.report(
        "no model called '\(kind.text)' learns",
        at: kind.place,
        remedy: NearestName.of(kind.text, among: known).map { "did you mean '\($0)'?" }
          ?? "use one of: \(known.joined(separator: ", ")); a model that was trained is a score stage's"
      )
      return nil
    }
  }

  private func whole(_ reader: inout MappingReader, _ name: String, _ usual: Int, _ range: ClosedRange<Int>) -> Int {
    reader.optionalText(name).flatMap { count($0, name, range) } ?? usual
  }

  private func number(
    _ reader: inout MappingReader,
    _ name: String,
    _ usual: Double,
    _ range: ClosedRange<Double>
  ) -> Double {
    guard let text = reader.optionalText(name) else { return usual }
    if let value = Double(text.text), range ~= value { return value }
    diagnostics.report(
      "`\(name)` is '\(text.text)'",
      at: text.place,
      remedy: "write a number from \(range.lowerBound) to \(range.upperBound), as in \(usual)"
    )
    return usual
  }

  private func learningInputs(
    _ names: [PlacedText]?,
    _ owner: String,
    _ schema: Schema,
    at place: Place
  ) -> [Int]? {
    guard let names else {
      diagnostics.report(
        "the model of \(owner) has no `inputs`",
        at: place,
        remedy: "list the columns that it looks at: `inputs: [tx_amount, customer_count_1d]`"
      )
      return nil
    }
    if names.count > LearnPlan.mostInputs {
      diagnostics.report(
        "the model of \(owner) has \(names.count) inputs",
        at: names[LearnPlan.mostInputs].place,
        remedy: "list at most \(LearnPlan.mostInputs)"
      )
      return nil
    }
    let columns = names.compactMap { name -> Int? in
      guard let index = column(name, schema) else { return nil }
      if schema.fields[index].type.isNumber { return index }
      diagnostics.report(
        "the model's input '\(name.text)' is \(schema.fields[index].spelling)",
        at: name.place,
        remedy: "give it a number: compute one from the column"
      )
      return nil
    }
    return columns.count == names.count ? columns : nil
  }
}
