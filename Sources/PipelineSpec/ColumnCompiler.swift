internal import Expressions
internal import Plan
internal import Records

extension PipelineCompiler {
  /// Compiles `compute` and `where`, over the columns of `input`.
  func compileColumns(
    _ owner: String,
    _ input: Schema,
    compute: YAMLValue?,
    filter: PlacedText?
  ) -> (projection: ProjectionPlan, schema: Schema) {
    var schema = input
    var columns: [ComputedColumn] = []
    for (key, text) in namedTexts(compute, "`compute` of \(owner)") {
      guard isNewColumn(key, schema), let expression = compileExpression(text, schema) else { continue }
      columns.append(ComputedColumn(name: key.name, expression: expression))
      schema = schema.appending([Field(key.name, expression.type, nullable: expression.isNullable)])
    }
    return (ProjectionPlan(compute: columns, filter: filter.flatMap { compileCondition($0, schema) }), schema)
  }

  func compileExpression(_ text: PlacedText, _ schema: Schema) -> Expression? {
    do { return try Expression.compile(text.text, schema: schema, names: names.names) } catch {
      report(error, in: text)
      return nil
    }
  }

  /// An expression that is true or false.
  func compileCondition(_ text: PlacedText, _ schema: Schema) -> Expression? {
    guard let expression = compileExpression(text, schema) else { return nil }
    if expression.type == .bool { return expression }
    diagnostics.report(
      "`\(text.text)` is \(expression.type), not true or false",
      at: text.place,
      remedy: "write a comparison"
    )
    return nil
  }

  func report(_ error: ExpressionError, in text: PlacedText) {
    if error.isConsequence { return }
    // A place is told in characters, an expression's in bytes. What YAML folds of several lines begins where it begins.
    let before = text.isOneLine ? text.text.scalars(upTo: error.offset) : 0
    diagnostics.report(
      "\(error.message) in `\(text.text)`",
      at: text.place.advanced(by: before),
      length: text.isOneLine ? text.text.scalars(upTo: error.offset + error.length) - before : 0,
      remedy: error.remedy
    )
  }

  /// The `name: text` pairs of an optional mapping.
  func namedTexts(_ value: YAMLValue?, _ owner: String) -> [(key: YAMLKey, text: PlacedText)] {
    guard let value else { return [] }
    guard case .mapping(let pairs) = value.content else {
      diagnostics.report("\(owner) is \(value.kind)", at: value.place, remedy: "write lines of `name: expression`")
      return []
    }
    return pairs.compactMap { key, value in
      guard case .scalar(let text) = value.content, !text.isEmpty else {
        diagnostics.report(
          "`\(key.name)` in \(owner) is \(value.kind)",
          at: value.place,
          remedy: "write an expression after it"
        )
        return nil
      }
      return (key, PlacedText(text, value))
    }
  }

  func isNewColumn(_ key: YAMLKey, _ schema: Schema) -> Bool {
    guard schema.index(of: key.name) == nil else {
      diagnostics.report(
        "there is a column '\(key.name)' already",
        at: key.place,
        remedy: "give the new column another name"
      )
      return false
    }
    return true
  }

  /// The index of a column that must exist.
  ///
  /// - Parameter owner: who names it, for the message, where its place does not say: `--columns: `.
  func column(_ name: PlacedText, _ schema: Schema, owner: String = "") -> Int? {
    if let index = schema.index(of: name.text) { return index }
    let names = schema.fields.map(\.name)
    let nearest = NearestName.of(name.text, among: names)
    diagnostics.report(
      "\(owner)there is no column '\(name.text)'",
      at: name.place,
      remedy: nearest.map { "did you mean '\($0)'?" } ?? "the columns here are: \(names.joined(separator: ", "))"
    )
    return nil
  }

  /// The index of a column that must exist and be of a type that fits.
  ///
  /// - Parameter meaning: what it is to be, with its type, for the message: `a score, a float64`.
  func column(
    _ name: PlacedText,
    _ fits: (ColumnType) -> Bool,
    _ meaning: String,
    _ schema: Schema
  ) -> Int? {
    guard let index = column(name, schema) else { return nil }
    if fits(schema.fields[index].type) { return index }
    diagnostics.report(
      "'\(name.text)' is \(schema.fields[index].spelling)",
      at: name.place,
      remedy: "name \(meaning) column"
    )
    return nil
  }
}

extension String {
  /// Unicode scalars in the first `bytes` of its bytes.
  fileprivate func scalars(upTo bytes: Int) -> Int {
    // Every byte but those that continue a scalar.
    utf8.prefix(bytes).count { $0 & 0xC0 != 0x80 }
  }
}
