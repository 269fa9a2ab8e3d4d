internal import Expressions
internal import Plan
internal import Records
internal import WindowStage

extension PipelineCompiler {
  func compileWindow(
    _ body: YAMLValue,
    _ owner: String,
    _ input: Schema?,
    compute: YAMLValue?,
    filter: PlacedText?
  ) -> StagePlan? {
    guard var reader = MappingReader(body, "the window of \(owner)", diagnostics) else { return nil }
    let key = reader.requiredText("key", remedy: "name the column whose rows belong together: `key: customer_id`")
    let features = reader.required("features", remedy: "list features: `customer_count_1d: count over 1d`")
    reader.finish()
    guard let input else { return nil }
    let computed = compileColumns(owner, input, compute: compute, filter: filter)
    var aggregates: [WindowAggregate] = []
    var names = computed.schema
    for (name, text) in namedTexts(features, "`features` of \(owner)") {
      guard isNewColumn(name, names), let aggregate = compileAggregate(text, computed.schema) else { continue }
      aggregates.append(WindowAggregate(name: name.name, aggregate))
      names = names.appending([Field(name.name, .int64)])
    }
    guard let key, let keyColumn = column(key, computed.schema) else { return nil }
    guard !computed.schema.fields[keyColumn].isNullable else {
      diagnostics.report(
        "the key '\(key.text)' may be empty",
        at: key.place,
        remedy: "declare the column without `?`, or fill it with `compute`: coalesce(\(key.text), ...)"
      )
      return nil
    }
    do {
      let plan = try WindowPlan(input: computed.schema, key: keyColumn, aggregates: aggregates)
      return StagePlan(kind: .window(plan), inputSchema: input, compute: computed.compute, filter: computed.filter)
    } catch {
      // A mistake in a feature has been reported at its place; this one is in what they add up to.
      if !diagnostics.hasAny { diagnostics.report(error.message, at: body.place, remedy: "see the window's features") }
      return nil
    }
  }

  private func compileAggregate(_ text: PlacedText, _ schema: Schema) -> Aggregate? {
    do { return try Aggregate.compile(text.text, schema: schema) } catch {
      report(error, in: text)
      return nil
    }
  }
}

extension WindowAggregate {
  fileprivate init(name: String, _ aggregate: Aggregate) {
    let function: Function =
      switch aggregate.function {
      case .count: .count
      case .sum: .sum
      case .mean: .mean
      }
    let otherwise: Otherwise? =
      switch aggregate.otherwise {
      case .exact(let value): .integer(value)
      case .float(let value): .float(value)
      case nil: nil
      }
    self.init(
      name: name,
      function: function,
      column: aggregate.column,
      width: aggregate.width,
      delay: aggregate.delay,
      otherwise: otherwise
    )
  }
}
