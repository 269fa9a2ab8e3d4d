internal import Records

extension Checker {
  /// Every function with what it reads, for messages.
  private static let functions: KeyValuePairs<String, String> = [
    "abs": "abs(number)", "coalesce": "coalesce(x, y, ...)", "contains": "contains(text, part)",
    "ends_with": "ends_with(text, part)", "float": "float(x)", "hour": "hour(timestamp)", "int": "int(x)",
    "length": "length(text)", "lower": "lower(text)", "max": "max(x, y, ...)", "min": "min(x, y, ...)",
    "starts_with": "starts_with(text, part)", "weekday": "weekday(timestamp)",
  ]

  mutating func call(
    _ name: String,
    _ arguments: [Syntax],
    _ nameRange: Range<Int>,
    _ range: Range<Int>
  ) throws(ExpressionError) -> Int {
    guard let usage = Self.functions.first(where: { $0.key == name })?.value else {
      let names = Self.functions.map(\.key)
      let remedy =
        NearestName.of(name, among: names).map { "did you mean `\($0)`?" }
        ?? "the functions are: \(names.joined(separator: ", "))"
      throw ExpressionError("there is no function `\(name)`", at: nameRange, remedy: remedy)
    }
    func expect(_ count: ClosedRange<Int>) throws(ExpressionError) {
      guard !count.contains(arguments.count) else { return }
      throw ExpressionError("`\(name)` is given \(arguments.count) values", at: range, remedy: "write \(usage)")
    }
    switch name {
    case "hour", "weekday":
      try expect(1...1)
      let time = try check(arguments[0])
      guard type(of: time) == .timestamp else {
        throw ExpressionError(
          "`\(name)` reads \(type(of: time)), not a timestamp",
          at: arguments[0].range,
          remedy: "write \(usage)"
        )
      }
      return emit(name == "hour" ? .hour : .weekday, time)
    case "abs":
      try expect(1...1)
      return emit(.absolute, try numeric(arguments[0], "`abs`"))
    case "int", "float":
      try expect(1...1)
      return try converted(arguments[0], name)
    case "min", "max":
      try expect(2...100)
      return try fold(arguments, name, name == "min" ? .minimum : .maximum) { $0.isNumber || $0 == .timestamp }
    case "coalesce":
      try expect(2...100)
      return try fold(arguments, name, .coalesce) { _ in true }
    case "lower", "length":
      try expect(1...1)
      return emit(name == "lower" ? .lower : .length, try text(arguments[0], "`\(name)`"))
    default:
      try expect(2...2)
      let whole = try text(arguments[0], "`\(name)`")
      let part = try text(arguments[1], "`\(name)`")
      return emit(name == "contains" ? .contains : name == "starts_with" ? .startsWith : .endsWith, whole, part)
    }
  }

  private mutating func converted(_ argument: Syntax, _ name: String) throws(ExpressionError) -> Int {
    let step = try check(argument)
    guard type(of: step).isNumber || type(of: step) == .bool else {
      throw ExpressionError(
        "`\(name)` reads \(type(of: step))",
        at: argument.range,
        remedy: "give it a number or a bool"
      )
    }
    return emit(name == "int" ? .toInteger : .toFloat, step)
  }

  /// Joins values from the left, two at a time, in one type.
  private mutating func fold(
    _ arguments: [Syntax],
    _ name: String,
    _ operation: Operation,
    accepts: (ColumnType) -> Bool
  ) throws(ExpressionError) -> Int {
    var joined = try check(arguments[0])
    for argument in arguments.dropFirst() {
      let next = try check(argument)
      guard let (left, right) = unify(joined, next), accepts(type(of: left)) else {
        throw ExpressionError(
          "`\(name)` reads \(type(of: joined)) and \(type(of: next))",
          at: argument.range,
          remedy: "give it values of one type"
        )
      }
      joined = emit(operation, left, right)
    }
    return joined
  }
}
