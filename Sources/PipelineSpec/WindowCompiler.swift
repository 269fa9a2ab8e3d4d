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
    let retentionText = reader.optionalText("retention")
    let retention = retentionText.flatMap(retention)
    let emission = compileEmission(&reader)
    let features = reader.required("features", remedy: "list features: `customer_count_1d: count over 1d`")
    reader.finish()
    if emission != nil, let retentionText {
      diagnostics.report(
        "`retention` says how long rows are kept, and windows that leave a row each keep theirs until then",
        at: retentionText.place,
        remedy: "leave it out"
      )
    }
    // What follows from windows that are wrong would be no mistake of its own.
    guard let input, emission != nil || !saysEmission(body) else { return nil }
    let computed = compileColumns(owner, input, compute: compute, filter: filter)
    let keyColumn = key.flatMap { column($0, computed.schema) }
    if emission != nil, keyColumn == nil { return nil }
    var compiled = WindowFeatures(
      computed.schema,
      names.names,
      retention: retention,
      emitting: emission.flatMap { emission in keyColumn.map { (emission, computed.schema.fields[$0]) } }
    )
    let texts = namedTexts(features, "`features` of \(owner)")
    for (name, text) in texts {
      guard isNewColumn(name, compiled.output) else { continue }
      do {
        try compiled.add(name.name, text.text)
      } catch let error as ExpressionError {
        report(error, in: text)
      } catch {
        diagnostics.report("\(error)", at: text.place, remedy: "see what features may be")
      }
    }
    // What follows from a feature that is wrong would be no mistake of its own.
    if compiled.aggregates.count == texts.count { output = compiled.output }
    guard let key, let keyColumn else { return nil }
    guard !computed.schema.fields[keyColumn].isNullable else {
      diagnostics.report(
        "the key '\(key.text)' may be empty",
        at: key.place,
        remedy: "declare the column without `?`, or fill it with `compute`: coalesce(\(key.text), ...)"
      )
      return nil
    }
    guard features != nil, output != nil else { return nil }
    do {
      let plan = try compiled.plan(key: keyColumn)
      return StagePlan(kind: .window(plan), inputSchema: input, projection: computed.projection)
    } catch {
      diagnostics.report(error.message, at: body.place, remedy: "see the window's features")
      return nil
    }
  }

  /// How long rows are kept, in microseconds.
  private func retention(_ text: PlacedText) -> Int64? {
    if let time = DurationText.parse(text.text), time > 0 { return time }
    diagnostics.report(
      "`retention` is '\(text.text)'",
      at: text.place,
      remedy: "write how long a key's rows are kept: a whole number and one of s, m, h, d, w, as in 90d"
    )
    return nil
  }
}

/// The features of a window stage, as they are compiled one after the other.
private struct WindowFeatures {
  private let input: Schema
  private let names: ExpressionNames
  private let retention: Int64?
  private let emission: WindowEmission?
  /// What is aggregated, each once however many features read it.
  private var inputs: [Expression] = []
  private(set) var aggregates: [WindowAggregate] = []
  /// The input's columns and one of each feature; of windows that emit, the key and what a window is in place of the input's.
  private(set) var output: Schema
  /// How far back its windows look.
  private var reach: Int64 = 1

  /// How far back one looks that gives no time, where the stage has no retention: 30 days.
  private static let usual: Int64 = 30 * 86_400_000_000

  /// - Parameters:
  ///   - retention: as the file says it.
  ///   - emitting: how windows leave rows, and the key.
  init(
    _ input: Schema,
    _ names: ExpressionNames,
    retention: Int64?,
    emitting: (emission: WindowEmission, key: Field)?
  ) {
    self.input = input
    self.names = names
    emission = emitting?.emission
    self.retention = emission?.extent.length ?? retention
    output = emitting.map { Schema([$0.key] + WindowEmission.fields) } ?? input
  }

  /// - Throws: an `ExpressionError`, or a `WindowPlanError` for what only the stage knows.
  mutating func add(_ name: String, _ text: String) throws {
    let compiled = try Aggregate.compile(
      text,
      schema: input,
      names: names,
      retention: retention,
      emitting: emission.map { Aggregate.EmittingWindow(length: $0.extent.fixedLength) },
      beside: aggregates.lazy.compactMap { other in
        other.resolution.map { Aggregate.OtherResolution($0, of: other.name) }
      }.first
    )
    var inputs = inputs
    let numbers = compiled.inputs.map { expression in
      if let known = inputs.firstIndex(of: expression) { return known }
      inputs.append(expression)
      return inputs.count - 1
    }
    let aggregate = WindowAggregate(name: name, compiled, numbers)
    output = output.appending([try WindowPlan.field(of: aggregate, inputs)])
    self.inputs = inputs
    aggregates.append(aggregate)
    // Cells are kept as long as windows look back, rows or none.
    if compiled.resolution == nil { reach = max(reach, compiled.reach(usual: Self.usual)) }
  }

  func plan(key: Int) throws(WindowPlanError) -> WindowPlan {
    try WindowPlan(
      input: input,
      key: key,
      inputs: inputs,
      aggregates: aggregates,
      retention: retention ?? reach,
      emission: emission
    )
  }
}

extension WindowAggregate {
  fileprivate init(name: String, _ aggregate: Aggregate, _ inputs: [Int]) {
    let newer: Newer =
      switch aggregate.newer {
      case .age(let age): .age(age)
      case .beforeThisRow: .beforeThisRow
      }
    let older: Older =
      switch aggregate.older {
      case .age(let age): .age(age)
      case .rows(let rows): .rows(rows)
      case .unbounded: .unbounded
      }
    let otherwise: Otherwise? =
      switch aggregate.otherwise {
      case .exact(let value): .integer(value)
      case .float(let value): .float(value)
      case nil: nil
      }
    self.init(
      name: name,
      function: Function(aggregate),
      inputs: inputs,
      newer: newer,
      older: older,
      otherwise: otherwise,
      resolution: aggregate.resolution
    )
  }
}

extension WindowAggregate.Function {
  fileprivate init(_ aggregate: Aggregate) {
    self =
      switch aggregate.function {
      case .count: .count
      case .sum: .sum
      case .mean: .mean
      case .min: .min
      case .max: .max
      case .stddev: .stddev
      case .distinct: aggregate.resolution == nil ? .distinct : .distinctUpTo(exact: aggregate.exact)
      case .first: .first
      case .last, .previous: .last
      case .timeSinceLast: .timeSinceLast
      case .rate: .rate(width: aggregate.width)
      case .quantile: .quantile(aggregate.fraction)
      case .decayedSum: .decayedSum(halfLife: aggregate.halfLife)
      case .decayedMean: .decayedMean(halfLife: aggregate.halfLife)
      case .decayedCount: .decayedCount(halfLife: aggregate.halfLife)
      case .top: .top
      case .topShare: .topShare
      case .entropy: .entropy
      case .speed: .speed
      case .sequence: .sequence
      }
  }
}
