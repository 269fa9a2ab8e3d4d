extension AggregateSyntax {
  /// The feature that is all of the text.
  package static func parse(_ text: String) throws(ExpressionError) -> AggregateSyntax {
    var parser = try Parser(text)
    var feature = AggregateSyntax(function: try parser.aggregateFunction())
    try parser.arguments(of: &feature)
    while try parser.clause(of: &feature) {}
    try parser.expectFeatureEnd(feature)
    return feature
  }
}

// MARK: The call

extension Parser {
  fileprivate mutating func aggregateFunction() throws(ExpressionError) -> Placed<AggregateFunction> {
    if case .name(let name) = current.kind, let function = AggregateFunction(rawValue: name) {
      let range = current.range
      advance()
      return Placed(function, at: range)
    }
    var remedy = "write one of: \(AggregateFunction.allCases.map(\.rawValue).joined(separator: ", "))"
    if case .name(let name) = current.kind, let near = AggregateFunction.near(name) {
      remedy = "did you mean `\(near)`?"
    }
    throw unexpected("a function over rows", remedy: remedy)
  }

  fileprivate mutating func arguments(of feature: inout AggregateSyntax) throws(ExpressionError) {
    let function = feature.function.value
    let name = function.rawValue
    let remedy = "write \(function.call), as in `\(function.example)`"
    guard current.kind == .symbol("(") else {
      switch function.arguments {
      case .none, .optional: return
      case .steps: throw unexpected("`(` and the conditions of `\(name)`", remedy: remedy)
      case .one, .distinct, .quantile, .place: throw unexpected("`(` and what `\(name)` reads", remedy: remedy)
      }
    }
    guard function.arguments != .none else {
      throw ExpressionError(
        "`\(name)` reads no value",
        at: current.range,
        remedy: "write \(function.call), as in `\(function.example)`; `where` says which rows"
      )
    }
    advance()
    if current.kind == .symbol(")") { throw unexpected("what `\(name)` reads", remedy: remedy) }
    switch function.arguments {
    case .none, .optional, .one: feature.arguments = [try expression()]
    case .distinct:
      feature.arguments = [try expression()]
      if current.kind == .symbol(","), isNext(name: "exact") { feature.exact = try bound() }
    case .quantile:
      feature.arguments = [try expression()]
      try expectComma("and the fraction of `quantile`", remedy)
      feature.fraction = try writtenNumber("a number from 0 to 1", remedy: remedy)
    case .place:
      feature.arguments = [try expression()]
      try expectComma("and the longitude of `\(name)`", remedy)
      feature.arguments.append(try expression())
    case .steps:
      repeat { try step(of: &feature) } while take(name: "then")
    }
    guard current.kind != .symbol(",") else {
      throw ExpressionError("`\(name)` reads no more values", at: current.range, remedy: remedy)
    }
    try expect(symbol: ")", "after what `\(name)` reads")
  }

  /// How many values are told apart exactly.
  private mutating func bound() throws(ExpressionError) -> Placed<Int> {
    advance()
    advance()
    return try integer(
      "a number of values after `exact`",
      remedy: "write up to how many values it is exact, as in `distinct(x, exact 1000)`"
    )
  }

  private mutating func expectComma(_ purpose: String, _ remedy: String) throws(ExpressionError) {
    guard take(symbol: ",") else { throw unexpected("`,` \(purpose)", remedy: remedy) }
  }

  private mutating func step(of feature: inout AggregateSyntax) throws(ExpressionError) {
    var times = Placed(1, at: current.range.lowerBound..<current.range.lowerBound)
    if case .number = current.kind, isNext(name: "times") {
      times = try integer("how often the condition holds", remedy: "write a whole number, as in `3 times amount < 2`")
      advance()
    }
    feature.times.append(times)
    feature.arguments.append(try expression())
  }
}

// MARK: Clauses

extension Parser {
  private static var clauses: [String] {
    ["over", "resolution", "half_life", "delayed", "excluding", "including", "left", "where", "else"]
  }

  /// Reads a clause where there is one.
  fileprivate mutating func clause(of feature: inout AggregateSyntax) throws(ExpressionError) -> Bool {
    guard case .name(let word) = current.kind, Self.clauses.contains(word) else { return false }
    let start = current.range
    if feature.condition != nil, word != "else" {
      throw ExpressionError(
        "`\(word)` stands behind `where`",
        at: start,
        remedy: "put `where` last, before `else` alone"
      )
    }
    func once(_ isThere: Bool, _ what: String) throws(ExpressionError) {
      guard isThere else { return }
      throw ExpressionError("the feature says twice \(what)", at: start, remedy: "leave one of them out")
    }
    advance()
    switch word {
    case "over":
      try once(feature.over != nil, "over which rows")
      feature.over = try extent()
    case "half_life":
      try once(feature.halfLife != nil, "its half-life")
      feature.halfLife = placed(try duration(), from: start)
    case "delayed":
      try once(feature.delay != nil, "how long it is delayed")
      feature.delay = placed(try duration(), from: start)
    case "resolution":
      try once(feature.resolution != nil, "its resolution")
      feature.resolution = placed(try duration(), from: start)
    case "excluding", "including":
      try once(feature.newest != nil, "which row is its newest")
      feature.newest = placed(try newest(word), from: start)
    case "left":
      try once(feature.left != nil, "whether its left edge is closed")
      feature.left = placed(try leftEdge(), from: start)
    case "where":
      feature.condition = try expression()
    default:
      try once(feature.otherwise != nil, "what an empty window gives")
      feature.otherwise = try writtenNumber(
        "a number after `else`",
        remedy: "write what an empty window gives, as in `else 0`"
      )
    }
    return true
  }

  private func placed<Value>(_ value: Placed<Value>, from start: Range<Int>) -> Placed<Value> {
    Placed(value.value, at: start.lowerBound..<value.range.upperBound)
  }

  private mutating func extent() throws(ExpressionError) -> Placed<AggregateSyntax.Extent> {
    let start = current.range
    if take(name: "last") {
      let rows = try integer("a number of rows", remedy: "write how many, as in `over last 10 rows`")
      let end = current.range
      guard take(name: "rows") || take(name: "row") else {
        throw unexpected("`rows` after their number", remedy: "write `over last 10 rows`, or `over 24h` for a time")
      }
      return Placed(.rows(rows.value), at: start.lowerBound..<end.upperBound)
    }
    if case .number = current.kind, isNext(name: "rows") || isNext(name: "row") {
      throw ExpressionError(
        "`over` is followed by a bare number of rows",
        at: start,
        remedy: "write `over last 10 rows`"
      )
    }
    let width = try duration()
    return Placed(.time(width.value), at: width.range)
  }

  private mutating func newest(_ word: String) throws(ExpressionError) -> Placed<AggregateSyntax.Newest> {
    let end = current.range
    if word == "excluding", take(name: "ties") { return Placed(.timeBefore, at: end) }
    guard take(name: "this"), case let row = current.range, take(name: "row") else {
      throw unexpected(
        word == "excluding" ? "`this row` or `ties` after `excluding`" : "`this row` after `including`",
        remedy: "write one of: \(AggregateSyntax.Newest.allCases.map(\.rawValue).joined(separator: ", "))"
      )
    }
    return Placed(word == "excluding" ? .rowBefore : .thisRow, at: row)
  }

  private mutating func leftEdge() throws(ExpressionError) -> Placed<AggregateSyntax.LeftEdge> {
    let end = current.range
    if take(name: "closed") { return Placed(.closed, at: end) }
    if take(name: "open") { return Placed(.open, at: end) }
    throw unexpected("`closed` or `open` after `left`", remedy: "write `left closed` or `left open`")
  }

  fileprivate func expectFeatureEnd(_ feature: AggregateSyntax) throws(ExpressionError) {
    switch current.kind {
    case .end: return
    case .number where feature.over == nil:
      throw unexpected("`over` and the length of the window", remedy: "write `over` before it")
    case .name(let name):
      let near = NearestName.of(name, among: Self.clauses)
      throw ExpressionError(
        "`\(name)` stands where the feature should end",
        at: current.range,
        remedy: near.map { "did you mean `\($0)`?" }
          ?? "remove it; what may follow is: \(Self.clauses.joined(separator: ", "))"
      )
    default:
      throw ExpressionError(
        "\(current.description) stands where the feature should end",
        at: current.range,
        remedy: "remove it"
      )
    }
  }

  // MARK: Numbers

  private mutating func duration() throws(ExpressionError) -> Placed<Int64> {
    let range = current.range
    guard case .number(let text) = current.kind, let duration = DurationText.parse(text) else {
      throw unexpected("a duration", remedy: DurationText.remedy)
    }
    advance()
    return Placed(duration, at: range)
  }

  private mutating func integer(_ expected: String, remedy: String) throws(ExpressionError) -> Placed<Int> {
    let range = current.range
    guard case .number(let text) = current.kind, let value = Int(text) else {
      throw unexpected(expected, remedy: remedy)
    }
    advance()
    return Placed(value, at: range)
  }

  /// A number as it is written, perhaps with a sign.
  private mutating func writtenNumber(_ expected: String, remedy: String) throws(ExpressionError) -> Placed<String> {
    let start = current.range.lowerBound
    let sign = take(symbol: "-") ? "-" : ""
    let range = current.range
    guard case .number(let digits) = current.kind else { throw unexpected(expected, remedy: remedy) }
    advance()
    return Placed(sign + digits, at: start..<range.upperBound)
  }
}
