internal import Records

/// Checks that the parts of a feature go together, and finds the columns and types of what it reads.
struct AggregateChecker {
  let feature: AggregateSyntax
  private let schema: Schema
  private let names: ExpressionNames
  let retention: Int64?
  let emitting: Aggregate.EmittingWindow?
  var other: Aggregate.OtherResolution?

  init(
    _ feature: AggregateSyntax,
    _ schema: Schema,
    _ names: ExpressionNames,
    retention: Int64?,
    _ emitting: Aggregate.EmittingWindow? = nil
  ) {
    self.feature = feature
    self.schema = schema
    self.names = names
    self.retention = retention
    self.emitting = emitting
  }

  var function: AggregateFunction { feature.function.value }
  var name: String { function.rawValue }

  func aggregate() throws(ExpressionError) -> Aggregate {
    let inputs = try inputs()
    try checkClauses()
    let newer = try newer()
    let (older, width) = try older(newer)
    return Aggregate(
      function: function,
      inputs: inputs,
      newer: newer,
      older: older,
      fraction: try fraction(),
      width: width,
      halfLife: feature.halfLife?.value ?? 0,
      resolution: feature.resolution?.value,
      exact: feature.exact?.value ?? 0,
      otherwise: try otherwise(inputs.first?.type)
    )
  }

  // MARK: Values

  /// What the function reads, null where `where` does not hold.
  private func inputs() throws(ExpressionError) -> [Expression] {
    var inputs: [Expression] = []
    for argument in feature.arguments { inputs.append(try input(argument)) }
    if feature.arguments.isEmpty, let condition = feature.condition {
      guard function != .timeSinceLast else {
        throw ExpressionError(
          "`\(name)` looks at the row before this one, whatever it holds",
          at: condition.range,
          remedy: "leave it out; the time of the last such row is `max(time) over 30d excluding this row where ...`"
        )
      }
      // Rows are counted by what is true of them, or null.
      inputs.append(try input(.truth(true, condition.range)))
    }
    guard function == .sequence else { return inputs }
    var steps: [Expression] = []
    for (times, input) in zip(feature.times, inputs) {
      guard times.value > 0 else {
        throw ExpressionError("a condition is to hold 0 times", at: times.range, remedy: "let it hold once or more")
      }
      guard times.value <= Aggregate.Most.steps, steps.count + times.value <= Aggregate.Most.steps else {
        throw ExpressionError(
          "the sequence is longer than \(Aggregate.Most.steps) rows",
          at: times.range.isEmpty ? feature.function.range : times.range,
          remedy: "let conditions hold less often, or count them: `count over 1h where ...`"
        )
      }
      steps += Array(repeating: input, count: times.value)
    }
    return steps
  }

  private func input(_ syntax: Syntax) throws(ExpressionError) -> Expression {
    var checker = Checker(schema, names)
    let holds: Int? = if let condition = feature.condition { try checker.condition(condition, "`where`") } else { nil }
    var step = try checker.check(syntax)
    try check(checker.type(of: step), syntax)
    if let holds {
      let null = checker.emit(.null(checker.type(of: step)))
      step = checker.emit(.choose, holds, step, null)
    }
    return checker.expression(of: step)
  }

  private func check(_ type: ColumnType, _ syntax: Syntax) throws(ExpressionError) {
    let subject = if case .column(let column, _) = syntax { "`\(column)`" } else { "what `\(name)` reads" }
    func fail(_ fault: String, _ remedy: String) -> ExpressionError {
      ExpressionError("\(subject) is \(type), \(fault)", at: syntax.range, remedy: remedy)
    }
    switch function {
    case .sum, .mean, .stddev:
      if type == .float64 {
        throw fail(
          "whose sums depend on the order of their terms",
          "declare it as decimal(places), whose sums are exact, or compute it with round(x, places)"
        )
      }
      if type == .timestamp || type == .string { throw fail("which has no sum", "give it numbers") }
    case .min, .max:
      if type == .string { throw fail("which has no least or greatest", "give it numbers or timestamps") }
    case .quantile:
      if type == .timestamp || type == .string { throw fail("which has no quantiles", "give it numbers") }
    case .decayedSum, .decayedMean:
      if type == .timestamp || type == .string { throw fail("which has no sum", "give it numbers") }
    case .speed:
      if !type.isNumber { throw fail("not degrees", "give `\(name)` a latitude and a longitude, in degrees") }
    case .sequence:
      if type != .bool { throw fail("not true or false", "write a comparison") }
    case .count, .distinct, .first, .last, .previous, .timeSinceLast, .rate, .decayedCount, .top, .topShare, .entropy:
      break
    }
  }

  private func fraction() throws(ExpressionError) -> Double {
    guard let fraction = feature.fraction else { return 0 }
    if let value = FloatText.parse(Array(fraction.value.utf8).span), 0...1 ~= value { return value }
    throw ExpressionError(
      "`\(fraction.value)` is no fraction of the rows",
      at: fraction.range,
      remedy: "write a number from 0 to 1: 0.5 is the median"
    )
  }

  // MARK: Edges

  private func newer() throws(ExpressionError) -> Aggregate.Newer {
    if let newest = feature.newest {
      switch newest.value {
      case .thisRow: return .age(0)
      case .rowBefore: return .beforeThisRow
      case .timeBefore: return .age(1)
      }
    }
    if let delay = feature.delay { return .age(delay.value) }
    return function.isAboutPrevious ? .beforeThisRow : .age(0)
  }

  /// The older edge, and how long after the newer it comes.
  private func older(_ newer: Aggregate.Newer) throws(ExpressionError) -> (Aggregate.Older, width: Int64) {
    if let emitting { return emitting.length.map { (.age($0), $0) } ?? (.unbounded, 0) }
    guard let over = feature.over else { return (.unbounded, 0) }
    switch over.value {
    case .rows(let rows):
      guard 1...Aggregate.Most.rows ~= rows else {
        throw ExpressionError(
          rows == 0 ? "the window has no rows" : "the window has \(rows) rows",
          at: over.range,
          remedy: "give it 1 to \(Aggregate.Most.rows), as in `over last 10 rows`"
        )
      }
      return (.rows(rows), 0)
    case .time(let width):
      guard width > 0 else {
        throw ExpressionError("the window has no length", at: over.range, remedy: "give it one, as in `over 24h`")
      }
      let (end, isTooLong) = width.addingReportingOverflow(feature.delay?.value ?? 0)
      let (age, isLonger) = end.addingReportingOverflow(feature.left?.value == .closed ? 1 : 0)
      guard !isTooLong, !isLonger else {
        throw ExpressionError("the window reaches beyond all time", at: over.range, remedy: "shorten it")
      }
      if case .age(let entry) = newer, entry >= age {
        throw ExpressionError(
          "the window of \(DurationText.spelling(width)) holds no time but the one excluded",
          at: over.range,
          remedy: "make it longer"
        )
      }
      if let retention, age > retention {
        throw ExpressionError(
          "the window reaches \(DurationText.spelling(age)) back, but the stage keeps rows for "
            + DurationText.spelling(retention),
          at: over.range,
          remedy: "shorten it, or raise `retention` to \(DurationText.spelling(age))"
        )
      }
      try checkResolution(of: width, at: over.range)
      return (.age(age), width)
    }
  }
}
