internal import Records

/// What operators and functions read, and how two values come to one type.
extension Checker {
  mutating func condition(_ syntax: Syntax, _ user: String) throws(ExpressionError) -> Int {
    let step = try check(syntax)
    if type(of: step) == .bool { return step }
    throw ExpressionError(
      "\(user) reads \(type(of: step)), not true or false",
      at: syntax.range,
      remedy: "write a comparison"
    )
  }

  mutating func numeric(_ syntax: Syntax, _ user: String) throws(ExpressionError) -> Int {
    let step = try check(syntax)
    if type(of: step).isNumber { return step }
    throw ExpressionError("\(user) reads \(type(of: step)), not a number", at: syntax.range, remedy: "give it a number")
  }

  mutating func text(_ syntax: Syntax, _ user: String) throws(ExpressionError) -> Int {
    let step = try check(syntax)
    if type(of: step) == .string { return step }
    throw ExpressionError("\(user) reads \(type(of: step)), not a string", at: syntax.range, remedy: "give it a string")
  }

  /// Two numbers of one type: with the places of the one that has more, or floats if one is.
  mutating func unifiedNumbers(
    _ left: Syntax,
    _ right: Syntax,
    _ user: String
  ) throws(ExpressionError) -> (Int, Int) {
    let steps = (try numeric(left, user), try numeric(right, user))
    return unify(steps.0, steps.1) ?? steps
  }

  /// Two values of one type.
  mutating func unified(_ left: Syntax, _ right: Syntax, _ user: String) throws(ExpressionError) -> (Int, Int) {
    // A null is of the other's type.
    switch (left, right) {
    case (.null, .null):
      throw ExpressionError(
        "\(user) both give null",
        at: left.range.lowerBound..<right.range.upperBound,
        remedy: "give one of them a value"
      )
    case (.null, _):
      let step = try check(right)
      return (emit(.null(type(of: step))), step)
    case (_, .null):
      let step = try check(left)
      return (step, emit(.null(type(of: step))))
    default: break
    }
    let steps = (try check(left), try check(right))
    if let unified = unify(steps.0, steps.1) { return unified }
    throw ExpressionError(
      "\(user) give \(type(of: steps.0)) and \(type(of: steps.1))",
      at: left.range.lowerBound..<right.range.upperBound,
      remedy: "give both the same type"
    )
  }

  mutating func unify(_ left: Int, _ right: Int) -> (Int, Int)? {
    let types = (type(of: left), type(of: right))
    if types.0 == types.1 { return (left, right) }
    guard types.0.isNumber && types.1.isNumber else { return nil }
    guard let leftPlaces = types.0.places, let rightPlaces = types.1.places else {
      let left = float(left)
      return (left, float(right))
    }
    let places = max(leftPlaces, rightPlaces)
    let left = rescaled(left, places)
    return (left, rescaled(right, places))
  }

  private mutating func rescaled(_ step: Int, _ places: Int) -> Int {
    if type(of: step) == .decimal(scale: places) { return step }
    if case .literal(let value, let type) = operation(of: step), let old = type.places {
      let (scaled, overflow) = value.multipliedReportingOverflow(by: DecimalText.powerOfTen(places - old))
      if !overflow { return emit(.literal(scaled, .decimal(scale: places))) }
    }
    return emit(.rescale(places), step)
  }

  mutating func float(_ step: Int) -> Int {
    type(of: step) == .float64 ? step : emit(.toFloat, step)
  }
}
