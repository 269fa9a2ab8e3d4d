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
    filter: PlacedText?,
    output: inout Schema?
  ) -> StagePlan? {
    guard var reader = MappingReader(body, "the window of \(owner)", diagnostics) else { return nil }
    let key = reader.requiredText("key", remedy: "name the column whose rows belong together: `key: customer_id`")
    let features = reader.required("features", remedy: "list features: `customer_count_1d: count over 1d`")
    reader.finish()
    guard let input else { return nil }
    let computed = compileColumns(owner, input, compute: compute, filter: filter)
    var inputs: [Expression] = []
    var aggregates: [WindowAggregate] = []
    var schema = computed.schema
    let texts = namedTexts(features, "`features` of \(owner)")
    for (name, text) in texts {
      guard isNewColumn(name, schema) else { continue }
      do {
        let compiled = try Aggregate.compile(text.text, schema: computed.schema)
        let input = compiled.column.map { Expression.column($0, of: computed.schema) }
        if let input, !inputs.contains(input) { inputs.append(input) }
        let aggregate = WindowAggregate(name: name.name, compiled, inputs.indices.filter { inputs[$0] == input })
        schema = schema.appending([try WindowPlan.field(of: aggregate, inputs)])
        aggregates.append(aggregate)
      } catch let error as ExpressionError {
        report(error, in: text)
      } catch {
        diagnostics.report("\(error)", at: text.place, remedy: "see what features may be")
      }
    }
    // What follows from a feature that is wrong would be no mistake of its own.
    if aggregates.count == texts.count { output = schema }
    guard let key, let keyColumn = column(key, computed.schema) else { return nil }
    guard !computed.schema.fields[keyColumn].isNullable else {
      diagnostics.report(
        "the key '\(key.text)' may be empty",
        at: key.place,
        remedy: "declare the column without `?`, or fill it with `compute`: coalesce(\(key.text), ...)"
      )
      return nil
    }
    guard output != nil else { return nil }
    do {
      let retention = aggregates.map { $0.reach }.max() ?? 1
      let plan = try WindowPlan(
        input: computed.schema,
        key: keyColumn,
        inputs: inputs,
        aggregates: aggregates,
        retention: retention
      )
      return StagePlan(kind: .window(plan), inputSchema: input, projection: computed.projection)
    } catch {
      diagnostics.report(error.message, at: body.place, remedy: "see the window's features")
      return nil
    }
  }
}

extension WindowAggregate {
  fileprivate var reach: Int64 { if case .age(let age) = older { age } else { 1 } }

  fileprivate init(name: String, _ aggregate: Aggregate, _ inputs: [Int]) {
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
      inputs: inputs,
      newer: .age(aggregate.delay),
      older: .age(aggregate.width > .max - aggregate.delay ? .max : aggregate.delay + aggregate.width),
      otherwise: otherwise
    )
  }
}
