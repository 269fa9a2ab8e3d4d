internal import Plan
internal import Records
internal import SinkStage

extension PipelineCompiler {
  private static var formats: KeyValuePairs<String, SinkFormat> { ["jsonl": .jsonl, "csv": .csv, "table": .table] }

  func compileSink(
    _ body: YAMLValue,
    _ owner: String,
    _ input: Schema?,
    _ settings: RunSettings,
    path: String?,
    compute: YAMLValue?,
    filter: PlacedText?
  ) -> StagePlan? {
    guard var reader = MappingReader(body, "the sink of \(owner)", diagnostics) else { return nil }
    let standardOutput = reader.optionalText("stdout")
    let file = reader.optionalText("file")
    let fileFormat = reader.optionalText("format")
    let columns = reader.optionalTexts("columns")
    let evaluate = reader.optional("evaluate")
    let budget = reader.optional("budget")
    reader.finish()
    guard (standardOutput == nil) != (file == nil) else {
      diagnostics.report(
        standardOutput == nil ? "\(owner) says not where results go" : "\(owner) has two places for results",
        at: body.place,
        remedy: "give it one of `stdout: jsonl` and `file: PATH`"
      )
      return nil
    }
    let declared = word(standardOutput ?? fileFormat, standardOutput == nil ? "format" : "stdout", Self.formats)
    let asked = options.format.map { PlacedText(text: $0, place: .commandLine) }
    let format =
      word(asked, "--format", Self.formats) ?? path.flatMap(Self.format(ofFile:)) ?? declared
      ?? file.flatMap { Self.format(ofFile: $0.text) } ?? .jsonl
    let target = target(file, owner, path: path)
    guard let input else { return nil }
    let computed = compileVersion(
      settings.version,
      after: compileColumns(owner, input, compute: compute, filter: filter)
    )
    let comparison = compileComparison(computed.schema)
    let plan = SinkPlan(
      inputSchema: computed.schema,
      format: format,
      columns: shownColumns(columns, computed.schema, hidden: comparison?.columns.dropFirst() ?? []),
      evaluation: evaluate.flatMap { compileEvaluation($0, owner, computed.schema) },
      budget: budget.flatMap { compileBudget($0, owner, computed.schema) }.flatMap { options.keepsAllRows ? nil : $0 },
      comparison: comparison
    )
    return StagePlan(
      kind: .sink(plan, target),
      inputSchema: input,
      projection: ProjectionPlan(
        compute: computed.projection.compute,
        filter: options.keepsAllRows ? nil : computed.projection.filter
      )
    )
  }

  /// Adds the column that says of which version of the file a result is. All stages go over to another one at the same row, so
  /// that of the sink is that of the score.
  private func compileVersion(
    _ version: PlacedText?,
    after computed: (projection: ProjectionPlan, schema: Schema)
  ) -> (projection: ProjectionPlan, schema: Schema) {
    guard let version else { return computed }
    guard computed.schema.index(of: "version") == nil else {
      diagnostics.report(
        "`version` adds a column 'version' to the results, and there is one already",
        at: version.place,
        remedy: "give that column another name"
      )
      return computed
    }
    let text = PlacedText(text: "'\(version.text)'", place: version.place)
    guard let expression = compileExpression(text, computed.schema) else { return computed }
    return (
      ProjectionPlan(
        compute: computed.projection.compute + [ComputedColumn(name: "version", expression: expression)],
        filter: computed.projection.filter
      ),
      computed.schema.appending([Field("version", .string)])
    )
  }

  /// Where results go: an option's path is the user's, one in the file is beside the file.
  private func target(_ file: PlacedText?, _ owner: String, path replacement: String?) -> SinkTarget {
    if options.ignoresOutputs { return .file(path: "/dev/null") }
    let path: String
    let place: Place
    let remedy: String
    if let output = replacement {
      (path, place, remedy) = (output, .commandLine, "give --output the path of another file")
    } else if let file {
      (path, place, remedy) = (besideFile(file.text), file.place, "name another file, or give one with --output")
    } else {
      return .standardOutput
    }
    files.writes(path, as: files.namesSinks ? "the results of \(owner)" : "the results", at: place, remedy: remedy)
    if let reason = FileFacts.writeProblem(path, takesPipe: true) {
      diagnostics.report("cannot write the results to '\(path)': \(reason)", at: place, remedy: remedy)
    }
    return .file(path: path)
  }

  /// The columns to write: those of the option, else those of the file, else all that are not hidden, as challengers' are.
  private func shownColumns(_ declared: [PlacedText]?, _ schema: Schema, hidden: ArraySlice<Int>) -> [Int] {
    let option = options.columns?.map { PlacedText(text: $0, place: .commandLine) }
    let owner = option == nil ? "" : "--columns: "
    guard let names = option ?? declared else { return schema.fields.indices.filter { !hidden.contains($0) } }
    if option?.isEmpty == true {
      diagnostics.report("--columns names no column", at: .commandLine, remedy: "write names: --columns a,b")
    }
    var columns: [Int] = []
    for name in names {
      guard let index = column(name, schema, owner: owner) else { continue }
      if columns.contains(index) {
        diagnostics.report("\(owner)the column '\(name.text)' is named twice", at: name.place, remedy: "name it once")
      }
      columns.append(index)
    }
    return columns
  }

  /// What a file's name says of its format, if anything.
  private static func format(ofFile path: String) -> SinkFormat? {
    path.hasSuffix(".csv") ? .csv : path.hasSuffix(".jsonl") ? .jsonl : nil
  }

  private func compileEvaluation(_ value: YAMLValue, _ owner: String, _ schema: Schema) -> EvaluationPlan? {
    guard var reader = MappingReader(value, "`evaluate` of \(owner)", diagnostics) else { return nil }
    let label = reader.requiredText("label", remedy: "name the column that says what was fraud: `label: tx_fraud`")
    let score = reader.optionalText("score") ?? PlacedText(text: "score", place: value.place)
    let card = reader.optionalText("card")
    let amount = reader.optionalText("amount")
    reader.finish()
    guard let label,
      let labelColumn = column(label, EvaluationPlan.isLabel, "0 or 1, an int64 or bool", schema),
      let scoreColumn = column(score, EvaluationPlan.isScore, "a score, a float64", schema)
    else { return nil }
    return EvaluationPlan(
      label: labelColumn,
      score: scoreColumn,
      card: card.flatMap { column($0, EvaluationPlan.isCard, "a card, an int64 or string", schema) },
      amount: amount.flatMap { column($0, EvaluationPlan.isAmount, "an amount, a decimal or int64", schema) }
    )
  }

  private func compileBudget(_ value: YAMLValue, _ owner: String, _ schema: Schema) -> BudgetPlan? {
    guard var reader = MappingReader(value, "`budget` of \(owner)", diagnostics) else { return nil }
    let keep = reader.requiredText("keep", remedy: "say how many alerts a day may have: `keep: 100`")
    let key = reader.optionalText("key")
    let score = reader.optionalText("score") ?? PlacedText(text: "score", place: value.place)
    reader.finish()
    let keyColumn = key.flatMap { column($0, EvaluationPlan.isCard, "a card, an int64 or string", schema) }
    let scoreColumn = column(score, EvaluationPlan.isScore, "a score, a float64", schema)
    guard let number = keep.flatMap({ count($0, "keep", BudgetPlan.keeps) }), let scoreColumn else { return nil }
    return BudgetPlan(keep: number, key: keyColumn, score: scoreColumn)
  }
}
