internal import Records

/// Finds the columns and types of an expression and turns it into instructions.
struct Checker {
  let schema: Schema
  let names: ExpressionNames
  private var instructions: [Instruction] = []
  /// Where each instruction stands.
  private var known: [Instruction: Int] = [:]

  init(_ schema: Schema, _ names: ExpressionNames = .none) {
    self.schema = schema
    self.names = names
  }

  /// The steps that lead to `result`, without those that nothing needs.
  func expression(of result: Int) -> Expression {
    var isNeeded = Array(repeating: false, count: result + 1)
    isNeeded[result] = true
    for step in (0...result).reversed() where isNeeded[step] {
      for operand in instructions[step].operands { isNeeded[operand] = true }
    }
    var places = Array(repeating: 0, count: result + 1)
    var kept: [Instruction] = []
    for step in 0...result where isNeeded[step] {
      let instruction = instructions[step]
      places[step] = kept.count
      kept.append(
        Instruction(
          operation: instruction.operation,
          operands: instruction.operands.map { places[$0] },
          result: instruction.result
        )
      )
    }
    return Expression(kept)
  }

  func type(of step: Int) -> ColumnType { instructions[step].result.type }
  func operation(of step: Int) -> Operation { instructions[step].operation }

  /// Adds a step, whose operand types the caller has seen to.
  mutating func emit(_ operation: Operation, _ operands: Int...) -> Int {
    guard let result = operation.result(operands.map { instructions[$0].result }, schema: schema) else {
      preconditionFailure("the checker lets \(operation) through over wrong operands")
    }
    let instruction = Instruction(operation: operation, operands: operands, result: result)
    // What was computed once is not computed again.
    if let same = known[instruction] { return same }
    known[instruction] = instructions.count
    instructions.append(instruction)
    return instructions.count - 1
  }

  /// The step that gives the value of `syntax`.
  mutating func check(_ syntax: Syntax) throws(ExpressionError) -> Int {
    switch syntax {
    case .column(let name, let range): return try column(name, range)
    case .tableColumn(let table, let column, let range):
      throw ExpressionError(
        "a column of a table stands outside `lookup`",
        at: range,
        remedy: "say whose row it is: lookup(\(table).\(column), key)"
      )
    case .number(let text, let range): return try number(text, range)
    case .text(let text, _): return emit(.text(Array(text.utf8)))
    case .truth(let value, _): return emit(.literal(value ? 1 : 0, .bool))
    case .null(let range):
      throw ExpressionError(
        "`null` is no value to compute with",
        at: range,
        remedy: "ask `x is null`, or fill x with `coalesce(x, 0)`"
      )
    case .negation(let operand, _): return try negation(operand)
    case .not(let operand, _): return emit(.not, try condition(operand, "`not`"))
    case .binary(let joint, let left, let right, let range): return try binary(joint, left, right, range)
    case .isNull(let operand, let isNegated, _):
      let test = emit(.isNull, try check(operand))
      return isNegated ? emit(.not, test) : test
    case .membership(let value, let members, let isNegated, _):
      return try membership(value, members, isNegated: isNegated)
    case .listed(let value, let list, let name, let isNegated, _):
      let test = try membership(value, list, name)
      return isNegated ? emit(.not, test) : test
    case .between(let value, let low, let high, let isNegated, _):
      let value = try operand(value)
      let above = try compare(.greaterOrEqual, value, try operand(low))
      let below = try compare(.lessOrEqual, value, try operand(high))
      let inside = emit(.and, above, below)
      return isNegated ? emit(.not, inside) : inside
    case .choice(let test, let then, let otherwise, _):
      let condition = try condition(test, "the condition of `if`")
      let (left, right) = try unified(then, otherwise, "`then` and `else`")
      return emit(.choose, condition, left, right)
    case .call(let name, let arguments, let nameRange, let range):
      return try call(name, arguments, nameRange, range)
    }
  }

  // MARK: Leaves

  private mutating func column(_ name: String, _ range: Range<Int>) throws(ExpressionError) -> Int {
    if let index = schema.index(of: name) { return emit(.column(index)) }
    let names = schema.fields.map(\.name)
    let remedy =
      NearestName.of(name, among: names).map { "did you mean `\($0)`?" }
      ?? "the columns here are: \(names.joined(separator: ", "))"
    throw ExpressionError("there is no column `\(name)`", at: range, remedy: remedy)
  }

  /// `220` is an int64, `0.25` a decimal, which turns into a float beside floats, `1e-3` a float.
  mutating func number(_ text: String, _ range: Range<Int>) throws(ExpressionError) -> Int {
    if let value = Int64(text) { return emit(.literal(value, .int64)) }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }),
      parts[1].count <= ColumnType.largestScale, let value = Int64(parts[0] + parts[1])
    {
      return emit(.literal(value, .decimal(scale: parts[1].count)))
    }
    // Only digits, a point and an exponent: not "0x1p3" or "nan", which Swift would read too.
    if text.utf8.allSatisfy({ 0x30...0x39 ~= $0 || "eE+-.".utf8.contains($0) }), let value = Double(text),
      value.isFinite
    {
      return emit(.literal(Int64(bitPattern: value.bitPattern), .float64))
    }
    throw ExpressionError("`\(text)` is no number", at: range, remedy: "write a number like 220, 0.25 or 1e-3")
  }

  // MARK: Operators

  private mutating func negation(_ operand: Syntax) throws(ExpressionError) -> Int {
    // A literal is negated at once, so that -5 is a constant and the least integer can be written.
    if case .number(let text, let range) = operand {
      if let value = Int64("-" + text) { return emit(.literal(value, .int64)) }
      let step = try number(text, range)
      guard case .literal(let bits, let type) = instructions[step].operation else { return step }
      return emit(.literal(type == .float64 ? bits ^ .min : -bits, type))
    }
    return emit(.negate, try numeric(operand, "`-`"))
  }

  private mutating func binary(
    _ joint: BinaryOperator,
    _ left: Syntax,
    _ right: Syntax,
    _ range: Range<Int>
  ) throws(ExpressionError) -> Int {
    switch joint {
    case .or: return emit(.or, try condition(left, "`or`"), try condition(right, "`or`"))
    case .and: return emit(.and, try condition(left, "`and`"), try condition(right, "`and`"))
    case .equal: return try compare(.equal, left, right)
    case .notEqual: return try compare(.notEqual, left, right)
    case .less: return try compare(.less, left, right)
    case .lessOrEqual: return try compare(.lessOrEqual, left, right)
    case .greater: return try compare(.greater, left, right)
    case .greaterOrEqual: return try compare(.greaterOrEqual, left, right)
    case .plus, .minus:
      let (left, right) = try unifiedNumbers(left, right, "`\(joint.rawValue)`")
      return emit(joint == .plus ? .add : .subtract, left, right)
    case .times: return try product(left, right, range)
    case .divided:
      let left = float(try numeric(left, "`/`"))
      let right = float(try numeric(right, "`/`"))
      return emit(.divide, left, right)
    case .remainder:
      let steps = (try check(left), try check(right))
      for (step, operand) in [(steps.0, left), (steps.1, right)] where type(of: step) != .int64 {
        throw ExpressionError(
          "`%` reads \(type(of: step))",
          at: operand.range,
          remedy: "give it whole numbers: int(...) makes one"
        )
      }
      return emit(.remainder, steps.0, steps.1)
    }
  }

  private mutating func product(
    _ left: Syntax,
    _ right: Syntax,
    _ range: Range<Int>
  ) throws(ExpressionError) -> Int {
    let factors = (try numeric(left, "`*`"), try numeric(right, "`*`"))
    guard let leftPlaces = type(of: factors.0).places, let rightPlaces = type(of: factors.1).places else {
      let left = float(factors.0)
      let right = float(factors.1)
      return emit(.multiply, left, right)
    }
    guard leftPlaces + rightPlaces <= ColumnType.largestScale else {
      throw ExpressionError(
        "the product has \(leftPlaces + rightPlaces) decimal places, more than \(ColumnType.largestScale)",
        at: range,
        remedy: "turn one factor into a float: float(...)"
      )
    }
    return emit(.multiply, factors.0, factors.1)
  }

  /// A checked side of a comparison, with what it was written as.
  typealias Operand = (step: Int, syntax: Syntax)

  /// Checked once, however often it is compared: checked for each comparison, nested ones would take exponential time.
  mutating func operand(_ syntax: Syntax) throws(ExpressionError) -> Operand { (try check(syntax), syntax) }

  mutating func compare(
    _ comparison: Comparison,
    _ left: Syntax,
    _ right: Syntax
  ) throws(ExpressionError) -> Int {
    let left = try operand(left)
    return try compare(comparison, left, try operand(right))
  }

  mutating func compare(
    _ comparison: Comparison,
    _ left: Operand,
    _ right: Operand
  ) throws(ExpressionError) -> Int {
    // A text beside a timestamp is a timestamp written down.
    if case .text(let text, let range) = right.syntax, type(of: left.step) == .timestamp {
      return emit(.compare(comparison), left.step, try timestamp(text, range))
    }
    if case .text(let text, let range) = left.syntax, type(of: right.step) == .timestamp {
      return emit(.compare(comparison), try timestamp(text, range), right.step)
    }
    return try compare(comparison, left.step, left.syntax, right.step, right.syntax)
  }

  private mutating func compare(
    _ comparison: Comparison,
    _ left: Int,
    _ leftSyntax: Syntax,
    _ right: Int,
    _ rightSyntax: Syntax
  ) throws(ExpressionError) -> Int {
    let types = (type(of: left), type(of: right))
    if types.0 == types.1 || (types.0.places != nil && types.1.places != nil) {
      return emit(.compare(comparison), left, right)
    }
    guard types.0.isNumber && types.1.isNumber else {
      throw ExpressionError(
        "\(types.0) is compared with \(types.1)",
        at: leftSyntax.range.lowerBound..<rightSyntax.range.upperBound,
        remedy: Self.comparisonRemedy(types.0, types.1)
      )
    }
    let (left, right) = (float(left), float(right))
    return emit(.compare(comparison), left, right)
  }

  private static func comparisonRemedy(_ left: ColumnType, _ right: ColumnType) -> String {
    let types = [left, right]
    if types.contains(.string) && (left.isNumber || right.isNumber) {
      return "put a text in single quotes, and a number in none"
    }
    if types.contains(.bool) { return "a bool is a condition by itself: write `x` or `not x`" }
    return "compare values of the same type"
  }

  mutating func timestamp(_ text: String, _ range: Range<Int>) throws(ExpressionError) -> Int {
    guard let time = Timestamp.parse(Array(text.utf8).span) else {
      throw ExpressionError("'\(text)' is no timestamp", at: range, remedy: "write it as '2018-04-01 13:45:00'")
    }
    return emit(.literal(time, .timestamp))
  }
}
