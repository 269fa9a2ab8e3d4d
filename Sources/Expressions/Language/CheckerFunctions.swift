internal import Records

/// A call and where its parts stand.
struct Call {
  let name: String
  let arguments: [Syntax]
  let nameRange: Range<Int>
  let range: Range<Int>
  let usage: String

  /// For messages.
  var user: String { "`\(name)`" }
}

extension Checker {
  mutating func call(
    _ name: String,
    _ arguments: [Syntax],
    _ nameRange: Range<Int>,
    _ range: Range<Int>
  ) throws(ExpressionError) -> Int {
    guard let fact = FunctionFact.named(name) else {
      let names = FunctionFact.all.map(\.name)
      let remedy =
        NearestName.of(name, among: names).map { "did you mean `\($0)`?" }
        ?? "the functions are: \(names.joined(separator: ", "))"
      throw ExpressionError("there is no function `\(name)`", at: nameRange, remedy: remedy)
    }
    guard fact.count.contains(arguments.count) else {
      let given = arguments.count == 1 ? "1 value" : "\(arguments.count) values"
      throw ExpressionError("`\(name)` is given \(given)", at: range, remedy: "write \(fact.usage)")
    }
    let call = Call(name: name, arguments: arguments, nameRange: nameRange, range: range, usage: fact.usage)
    switch name {
    case "year": return try part(.year, call)
    case "month": return try part(.month, call)
    case "day": return try part(.day, call)
    case "hour": return try part(.hour, call)
    case "minute": return try part(.minute, call)
    case "weekday": return try part(.weekday, call)
    case "seconds_between":
      let from = try timestamp(arguments[0], call)
      return emit(.secondsBetween, from, try timestamp(arguments[1], call))
    case "coalesce", "nullif", "min", "max", "clamp": return try choice(call)
    case "hash": return try hash(arguments[...])
    case "lookup": return try lookup(call)
    case "bucket":
      let hash = try hash(arguments[..<1])
      return emit(.bucket, hash, try integer(arguments[1], call))
    case "lower", "upper", "trim", "length", "contains", "starts_with", "ends_with", "concat", "substring", "matches":
      return try textFunction(call)
    default: return try numberFunction(call)
    }
  }

  // MARK: Numbers

  private mutating func numberFunction(_ call: Call) throws(ExpressionError) -> Int {
    let first = call.arguments[0]
    switch call.name {
    case "abs": return emit(.absolute, try numeric(first, call.user))
    case "sign": return emit(.sign, try numeric(first, call.user))
    case "floor": return emit(.floor, try numeric(first, call.user))
    case "ceil": return emit(.ceiling, try numeric(first, call.user))
    case "sqrt": return emit(.squareRoot, try floating(first, call))
    case "exp": return emit(.exponential, try floating(first, call))
    case "ln": return emit(.logarithm, try floating(first, call))
    case "pow":
      let base = try floating(first, call)
      return emit(.power, base, try integer(call.arguments[1], call))
    case "round":
      let number = try numeric(first, call.user)
      if call.arguments.count == 1 { return emit(.nearest, number) }
      guard case .number(let text, _) = call.arguments[1], let places = Int(text),
        0...ColumnType.largestScale ~= places
      else {
        throw ExpressionError(
          "the places of `round` are not written down as a number from 0 to \(ColumnType.largestScale)",
          at: call.arguments[1].range,
          remedy: "write them as in round(x, 2)"
        )
      }
      return emit(.round(places), number)
    case "haversine_km":
      let places = (try floating(first, call), try floating(call.arguments[1], call))
      let others = (try floating(call.arguments[2], call), try floating(call.arguments[3], call))
      return emit(.haversine, places.0, places.1, others.0, others.1)
    default: return try converted(first, call)
    }
  }

  private mutating func floating(_ argument: Syntax, _ call: Call) throws(ExpressionError) -> Int {
    float(try numeric(argument, call.user))
  }

  private mutating func integer(_ argument: Syntax, _ call: Call) throws(ExpressionError) -> Int {
    let step = try check(argument)
    if type(of: step) == .int64 { return step }
    throw ExpressionError(
      "`\(call.name)` reads \(type(of: step)), not a whole number",
      at: argument.range,
      remedy: "write \(call.usage); int(...) makes a whole number"
    )
  }

  private mutating func converted(_ argument: Syntax, _ call: Call) throws(ExpressionError) -> Int {
    let step = try check(argument)
    guard type(of: step).isNumber || type(of: step) == .bool else {
      throw ExpressionError(
        "`\(call.name)` reads \(type(of: step))",
        at: argument.range,
        remedy: "give it a number or a bool"
      )
    }
    return emit(call.name == "int" ? .toInteger : .toFloat, step)
  }

  private mutating func hash(_ arguments: ArraySlice<Syntax>) throws(ExpressionError) -> Int {
    var hash: Int?
    for argument in arguments {
      let step = try check(argument)
      hash = hash.map { emit(.hashNext, $0, step) } ?? emit(.hash, step)
    }
    return hash ?? emit(.literal(0, .int64))
  }

  // MARK: Choices

  private mutating func choice(_ call: Call) throws(ExpressionError) -> Int {
    switch call.name {
    case "coalesce":
      // A null among the values is passed over.
      let values = call.arguments.filter { if case .null = $0 { false } else { true } }
      guard !values.isEmpty else {
        throw ExpressionError("`coalesce` is given nothing but null", at: call.range, remedy: "write \(call.usage)")
      }
      return try fold(values[...], call, .coalesce)
    case "nullif":
      let value = try operand(call.arguments[0])
      let equal = try compare(.equal, value, try operand(call.arguments[1]))
      let null = emit(.null(type(of: value.step)))
      return emit(.choose, equal, null, value.step)
    case "clamp":
      let raised = try fold(call.arguments[..<2], call, .maximum)
      return try fold(call.arguments[2...], call, .minimum, after: raised)
    default: return try fold(call.arguments[...], call, call.name == "min" ? .minimum : .maximum)
    }
  }

  /// Joins values from the left, two at a time, in one type.
  private mutating func fold(
    _ arguments: ArraySlice<Syntax>,
    _ call: Call,
    _ operation: Operation,
    after first: Int? = nil
  ) throws(ExpressionError) -> Int {
    var joined = first
    for argument in arguments {
      let next = try check(argument)
      if operation != .coalesce, !type(of: next).isNumber, type(of: next) != .timestamp {
        throw ExpressionError(
          "`\(call.name)` reads \(type(of: next))",
          at: argument.range,
          remedy: "give it numbers or timestamps"
        )
      }
      guard let before = joined else {
        joined = next
        continue
      }
      guard let (left, right) = unify(before, next) else {
        throw ExpressionError(
          "`\(call.name)` reads \(type(of: before)) and \(type(of: next))",
          at: argument.range,
          remedy: "give it values of one type"
        )
      }
      joined = emit(operation, left, right)
    }
    return joined ?? emit(.literal(0, .int64))
  }
}
