/// Reads an expression by recursive descent.
///
///     expression  = "if" expression "then" expression "else" expression | or
///     or          = and { "or" and }
///     and         = not { "and" not }
///     not         = "not" not | comparison
///     comparison  = sum [ ( "=" | "!=" | "<" | "<=" | ">" | ">=" ) sum
///                       | "is" [ "not" ] "null" | [ "not" ] "in" ( "(" expression { "," expression } ")" | NAME )
///                       | [ "not" ] "between" sum "and" sum ]
///     sum         = product { ( "+" | "-" ) product }
///     product     = unary { ( "*" | "/" | "%" ) unary }
///     unary       = "-" unary | primary
///     primary     = NUMBER | TEXT | "true" | "false" | "null" | NAME | NAME "." NAME
///                 | NAME "(" [ expression { "," expression } ] ")" | "(" expression ")"
///                 | "if" expression "then" expression "else" expression
///
/// `==` is another way to write `=`, and `<>` one to write `!=`.
package struct Parser {
  private let tokens: [Token]
  private var at = 0
  private var depth = 0

  /// Deeper nesting is no expression that a person wrote, and recursion must end before the stack does.
  private static let deepest = 100
  private static let keywords: Set<String> = [
    "and", "or", "not", "in", "is", "between", "null", "if", "then", "else", "true", "false",
  ]

  /// Bounds the depth of chains like `a + b + c`, which lean to the left.
  private static let mostTokens = 4000

  init(_ text: String) throws(ExpressionError) {
    tokens = try Lexer.tokens(of: text)
    guard tokens.count <= Self.mostTokens else {
      throw ExpressionError(
        "the expression has more than \(Self.mostTokens) words",
        at: tokens[Self.mostTokens].range,
        remedy: "compute parts of it as columns of their own"
      )
    }
  }

  /// The expression that is all of the text.
  package static func parse(_ text: String) throws(ExpressionError) -> Syntax {
    var parser = try Parser(text)
    let syntax = try parser.expression()
    try parser.expectEnd()
    return syntax
  }

  // MARK: Words

  var current: Token { tokens[at] }

  mutating func advance() { if at < tokens.count - 1 { at += 1 } }

  mutating func take(name: String) -> Bool { take(.name(name)) }
  mutating func take(symbol: String) -> Bool { take(.symbol(symbol)) }

  private mutating func take(_ kind: Token.Kind) -> Bool {
    guard current.kind == kind else { return false }
    advance()
    return true
  }

  /// The word behind a symbol, to which it moves; nil where the symbol is not there.
  private mutating func following(symbol: String) -> Token.Kind? { take(symbol: symbol) ? current.kind : nil }

  func isNext(name: String) -> Bool { at + 1 < tokens.count && tokens[at + 1].kind == .name(name) }

  mutating func expect(symbol: String, _ purpose: String) throws(ExpressionError) {
    guard take(symbol: symbol) else {
      throw unexpected("`\(symbol)` \(purpose)", remedy: "write `\(symbol)` before it")
    }
  }

  mutating func expect(name: String, _ purpose: String) throws(ExpressionError) {
    guard take(name: name) else { throw unexpected("`\(name)` \(purpose)", remedy: "write `\(name)` before it") }
  }

  mutating func expectEnd() throws(ExpressionError) {
    guard current.kind != .end else { return }
    throw ExpressionError(
      "\(current.description) stands where the expression should end",
      at: current.range,
      remedy: "remove it, or join it with an operator"
    )
  }

  func unexpected(_ expected: String, remedy: String) -> ExpressionError {
    ExpressionError("expected \(expected), not \(current.description)", at: current.range, remedy: remedy)
  }

  private mutating func nested<T>(
    _ body: (inout Parser) throws(ExpressionError) -> T
  ) throws(ExpressionError) -> T {
    guard depth < Self.deepest else {
      throw ExpressionError(
        "the expression is nested too deeply",
        at: current.range,
        remedy: "compute parts of it as columns of their own"
      )
    }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  // MARK: Rules

  mutating func expression() throws(ExpressionError) -> Syntax {
    try nested { (parser) throws(ExpressionError) in
      let start = parser.current.range.lowerBound
      guard parser.take(name: "if") else { return try parser.disjunction() }
      let condition = try parser.expression()
      try parser.expect(name: "then", "after the condition of `if`")
      let then = try parser.expression()
      try parser.expect(name: "else", "after what `then` gives")
      let otherwise = try parser.expression()
      return .choice(condition, then: then, otherwise: otherwise, start..<otherwise.range.upperBound)
    }
  }

  private mutating func disjunction() throws(ExpressionError) -> Syntax {
    var left = try conjunction()
    while take(name: "or") { left = Self.join(.or, left, try conjunction()) }
    return left
  }

  private mutating func conjunction() throws(ExpressionError) -> Syntax {
    var left = try negation()
    while take(name: "and") { left = Self.join(.and, left, try negation()) }
    return left
  }

  private mutating func negation() throws(ExpressionError) -> Syntax {
    let start = current.range.lowerBound
    guard take(name: "not") else { return try comparison() }
    let operand = try nested { (parser) throws(ExpressionError) in try parser.negation() }
    return .not(operand, start..<operand.range.upperBound)
  }

  private static let comparisons: [String: BinaryOperator] = [
    "=": .equal, "==": .equal, "!=": .notEqual, "<>": .notEqual, "<": .less, "<=": .lessOrEqual, ">": .greater,
    ">=": .greaterOrEqual,
  ]

  private mutating func comparison() throws(ExpressionError) -> Syntax {
    let left = try sum()
    let start = left.range.lowerBound
    if case .symbol(let symbol) = current.kind, let comparison = Self.comparisons[symbol] {
      advance()
      let right = try sum()
      if case .symbol(let next) = current.kind, Self.comparisons[next] != nil {
        throw ExpressionError(
          "a comparison is compared again",
          at: current.range,
          remedy: "join two comparisons with `and`"
        )
      }
      return Self.join(comparison, left, right)
    }
    if take(name: "is") {
      let isNegated = take(name: "not")
      let end = current.range.upperBound
      guard take(name: "null") else {
        throw unexpected("`null` after `is`", remedy: "write `is null` or `is not null`")
      }
      return .isNull(left, isNegated: isNegated, start..<end)
    }
    let isNegated = current.kind == .name("not") && (isNext(name: "in") || isNext(name: "between"))
    if isNegated { advance() }
    if take(name: "in") {
      if case .name(let list) = current.kind, !Self.keywords.contains(list) {
        let name = current.range
        advance()
        return .listed(left, list, name: name, isNegated: isNegated, start..<name.upperBound)
      }
      guard take(symbol: "(") else {
        throw unexpected("values or a list after `in`", remedy: "write `in (1, 2, 3)` or `in name`")
      }
      var members = [try expression()]
      while take(symbol: ",") { members.append(try expression()) }
      let end = current.range.upperBound
      try expect(symbol: ")", "after the list of `in`")
      return .membership(left, members, isNegated: isNegated, start..<end)
    }
    if take(name: "between") {
      let low = try sum()
      try expect(name: "and", "between the bounds of `between`")
      let high = try sum()
      return .between(left, low: low, high: high, isNegated: isNegated, start..<high.range.upperBound)
    }
    return left
  }

  private mutating func sum() throws(ExpressionError) -> Syntax {
    var left = try product()
    while true {
      if take(symbol: "+") {
        left = Self.join(.plus, left, try product())
      } else if take(symbol: "-") {
        left = Self.join(.minus, left, try product())
      } else {
        return left
      }
    }
  }

  private mutating func product() throws(ExpressionError) -> Syntax {
    var left = try unary()
    while true {
      if take(symbol: "*") {
        left = Self.join(.times, left, try unary())
      } else if take(symbol: "/") {
        left = Self.join(.divided, left, try unary())
      } else if take(symbol: "%") {
        left = Self.join(.remainder, left, try unary())
      } else {
        return left
      }
    }
  }

  private mutating func unary() throws(ExpressionError) -> Syntax {
    let start = current.range.lowerBound
    guard take(symbol: "-") else { return try primary() }
    let operand = try nested { (parser) throws(ExpressionError) in try parser.unary() }
    return .negation(operand, start..<operand.range.upperBound)
  }

  private mutating func primary() throws(ExpressionError) -> Syntax {
    let token = current
    switch token.kind {
    case .number(let text):
      advance()
      return .number(text, token.range)
    case .text(let text):
      advance()
      return .text(text, token.range)
    case .name("true"), .name("false"):
      advance()
      return .truth(token.kind == .name("true"), token.range)
    case .name("null"):
      advance()
      return .null(token.range)
    case .name("if"):
      return try expression()
    case .name(let name) where !Self.keywords.contains(name):
      advance()
      if case .name(let column) = following(symbol: ".") {
        let end = current.range.upperBound
        advance()
        return .tableColumn(name, column, token.range.lowerBound..<end)
      }
      guard take(symbol: "(") else { return .column(name, token.range) }
      return try call(name, token.range)
    case .symbol("("):
      advance()
      let inner = try expression()
      try expect(symbol: ")", "to close the parenthesis")
      return inner
    default:
      throw unexpected("a value", remedy: "write a column, a number, a 'text' or a function there")
    }
  }

  private mutating func call(_ name: String, _ nameRange: Range<Int>) throws(ExpressionError) -> Syntax {
    var arguments: [Syntax] = []
    if current.kind != .symbol(")") {
      arguments.append(try expression())
      while take(symbol: ",") { arguments.append(try expression()) }
    }
    let end = current.range.upperBound
    try expect(symbol: ")", "after the arguments of `\(name)`")
    return .call(name, arguments, name: nameRange, nameRange.lowerBound..<end)
  }

  private static func join(_ joint: BinaryOperator, _ left: Syntax, _ right: Syntax) -> Syntax {
    .binary(joint, left, right, left.range.lowerBound..<right.range.upperBound)
  }
}
