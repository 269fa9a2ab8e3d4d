import Expressions
import Records
import TestSupport

/// The judge of compiled expressions: walks the tree, row by row, in the plainest way.
struct NaiveExpression {
  let fields: [Field]
  let values: [Value]
  let lists: [String: [String]]

  /// A value and its type, which a null has too.
  struct Typed {
    let type: ColumnType
    let value: Value

    init(_ type: ColumnType, _ value: Value) {
      self.type = type
      self.value = value
    }

    var isNull: Bool { value == .null }
    // Not inlined: the compiler of Swift 6.3 fails over what becomes of many of them in a row.
    var int: Int64? { @inline(never) get { if case .int(let value) = value { value } else { nil } } }
    var bool: Bool? { @inline(never) get { if case .bool(let value) = value { value } else { nil } } }
    var text: String? { @inline(never) get { if case .text(let value) = value { value } else { nil } } }
    var float: Double? { @inline(never) get { if case .float(let value) = value { value } else { nil } } }
    var places: Int? {
      switch type {
      case .int64: 0
      case .decimal(let scale): scale
      default: nil
      }
    }
  }

  func value(_ syntax: Syntax) -> Typed {
    switch syntax {
    case .column(let name, _):
      guard let index = fields.firstIndex(where: { $0.name == name }) else { fatalError("no column \(name)") }
      return Typed(fields[index].type, values[index])
    case .tableColumn: fatalError("a table's column is no value of its own")
    case .number(let text, _): return Self.number(text)
    case .text(let text, _): return Typed(.string, .text(text))
    case .truth(let value, _): return Typed(.bool, .bool(value))
    case .null: fatalError("null has no type of its own")
    case .negation(.number(let text, _), _) where Int64("-" + text) != nil:
      return Typed(.int64, Int64("-" + text).map { .int($0) } ?? .null)
    case .negation(let operand, _):
      let value = value(operand)
      if let float = value.float { return Typed(.float64, .float(-float)) }
      return Self.exact(value.type, value.int.map { -Int128($0) })
    case .not(let operand, _): return Typed(.bool, value(operand).bool.map { .bool(!$0) } ?? .null)
    case .binary(let joint, let left, let right, _): return binary(joint, left, right)
    case .isNull(let operand, let isNegated, _): return Typed(.bool, .bool(value(operand).isNull != isNegated))
    case .membership(let operand, let members, let isNegated, _):
      // As `x = a or x = b or ...`, where a null on the left is not known.
      let truths = members.map { compare(.equal, operand, $0).bool }
      let found: Bool? = truths.contains(true) ? true : truths.contains(nil) ? nil : false
      return Typed(.bool, found.map { .bool($0 != isNegated) } ?? .null)
    case .listed(let operand, let list, _, let isNegated, _):
      let value = value(operand)
      guard !value.isNull else { return Typed(.bool, .null) }
      let found = (lists[list] ?? []).contains { member in
        if let text = value.text { return text == member }
        let number = Self.number(member)
        guard let places = value.places, let others = number.places, let left = value.int, let right = number.int else {
          return false
        }
        return Self.order(left, places, right, others) == 0
      }
      return Typed(.bool, .bool(found != isNegated))
    case .between(let operand, let low, let high, let isNegated, _):
      let above = compare(.greaterOrEqual, operand, low).bool
      let below = compare(.lessOrEqual, operand, high).bool
      let inside: Bool? = above == false || below == false ? false : above == nil || below == nil ? nil : true
      return Typed(.bool, inside.map { .bool($0 != isNegated) } ?? .null)
    case .choice(let condition, let then, let otherwise, _):
      let isTrue = value(condition).bool == true
      if case .null = then { return isTrue ? Typed(value(otherwise).type, .null) : value(otherwise) }
      if case .null = otherwise { return isTrue ? value(then) : Typed(value(then).type, .null) }
      let (left, right) = Self.unified(value(then), value(otherwise))
      return isTrue ? left : right
    case .call(let name, let arguments, _, _): return call(name, arguments)
    }
  }

  // MARK: Operators

  private func binary(_ joint: BinaryOperator, _ left: Syntax, _ right: Syntax) -> Typed {
    switch joint {
    case .or:
      let sides = [value(left).bool, value(right).bool]
      return Typed(.bool, sides.contains(true) ? .bool(true) : sides.contains(nil) ? .null : .bool(false))
    case .and:
      let sides = [value(left).bool, value(right).bool]
      return Typed(.bool, sides.contains(false) ? .bool(false) : sides.contains(nil) ? .null : .bool(true))
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: return compare(joint, left, right)
    case .plus, .minus:
      let (left, right) = Self.unified(value(left), value(right))
      if left.type == .float64 { return Self.floats(left, right) { joint == .plus ? $0 + $1 : $0 - $1 } }
      return Self.exact(left.type, left.int, right.int) { joint == .plus ? $0 + $1 : $0 - $1 }
    case .times:
      let (left, right) = (value(left), value(right))
      guard let places = left.places, let others = right.places else { return Self.floats(left, right, *) }
      let type = left.type == .int64 && right.type == .int64 ? ColumnType.int64 : .decimal(scale: places + others)
      return Self.exact(type, left.int, right.int) { $0 * $1 }
    case .divided: return Self.floats(value(left), value(right), /)
    case .remainder:
      let (left, right) = (value(left), value(right))
      guard let dividend = left.int, let divisor = right.int, divisor != 0, divisor != -1 || dividend != .min else {
        return Typed(.int64, .null)
      }
      return Typed(.int64, .int(dividend % divisor))
    }
  }

  private func compare(_ joint: BinaryOperator, _ left: Syntax, _ right: Syntax) -> Typed {
    let (left, right) = (value(left), value(right))
    guard !left.isNull, !right.isNull else { return Typed(.bool, .null) }
    if let a = left.text, let b = right.text {
      return Typed(
        .bool,
        .bool(Self.holds(joint, Array(a.utf8) == Array(b.utf8), a.utf8.lexicographicallyPrecedes(b.utf8)))
      )
    }
    if let a = left.bool, let b = right.bool { return Typed(.bool, .bool(Self.holds(joint, a == b, !a && b))) }
    if left.type == .timestamp, let a = left.int, let b = right.int {
      return Typed(.bool, .bool(Self.holds(joint, a == b, a < b)))
    }
    if let places = left.places, let others = right.places, let a = left.int, let b = right.int {
      let order = Self.order(a, places, b, others)
      return Typed(.bool, .bool(Self.holds(joint, order == 0, order < 0)))
    }
    let (a, b) = (Self.float(left) ?? 0, Self.float(right) ?? 0)
    let isGreater: Bool
    switch joint {
    case .greater: isGreater = a > b
    case .greaterOrEqual: isGreater = a >= b
    default: return Typed(.bool, .bool(joint == .lessOrEqual ? a <= b : Self.holds(joint, a == b, a < b)))
    }
    return Typed(.bool, .bool(isGreater))
  }

  private static func holds(_ joint: BinaryOperator, _ isEqual: Bool, _ isLess: Bool) -> Bool {
    switch joint {
    case .equal: isEqual
    case .notEqual: !isEqual
    case .less: isLess
    case .lessOrEqual: isLess || isEqual
    case .greater: !isLess && !isEqual
    default: !isLess
    }
  }

  // MARK: Numbers

  static func power(_ exponent: Int) -> Int128 { (0..<exponent).reduce(1) { power, _ in power * 10 } }

  static func order(_ left: Int64, _ places: Int, _ right: Int64, _ others: Int) -> Int {
    let (a, b) = (Int128(left) * power(max(others - places, 0)), Int128(right) * power(max(places - others, 0)))
    return a < b ? -1 : a > b ? 1 : 0
  }

  static func number(_ text: String) -> Typed {
    if let value = Int64(text) { return Typed(.int64, .int(value)) }
    let parts = text.split(separator: ".")
    if parts.count == 2, let value = Int64(parts[0] + parts[1]) {
      return Typed(.decimal(scale: parts[1].count), .int(value))
    }
    return Typed(.float64, .float(Double(text) ?? .nan))
  }

  static func float(_ value: Typed) -> Double? {
    if let float = value.float { return float }
    if let bool = value.bool { return bool ? 1 : 0 }
    return value.int.map { Double($0) / Double(power(value.places ?? 0)) }
  }

  static func floats(_ left: Typed, _ right: Typed, _ body: (Double, Double) -> Double) -> Typed {
    guard let a = float(left), let b = float(right) else { return Typed(.float64, .null) }
    return finite(body(a, b))
  }

  static func finite(_ value: Double?) -> Typed {
    Typed(.float64, value.flatMap { $0.isFinite ? .float($0) : nil } ?? .null)
  }

  static func exact(_ type: ColumnType, _ value: Int128?) -> Typed {
    Typed(type, value.flatMap { Int64(exactly: $0) }.map { .int($0) } ?? .null)
  }

  static func exact(_ type: ColumnType, _ left: Int64?, _ right: Int64?, _ body: (Int128, Int128) -> Int128) -> Typed {
    guard let left, let right else { return Typed(type, .null) }
    return exact(type, body(Int128(left), Int128(right)))
  }

  static func unified(_ left: Typed, _ right: Typed) -> (Typed, Typed) {
    if left.type == right.type { return (left, right) }
    guard let places = left.places, let others = right.places else {
      return (
        Typed(.float64, float(left).map { .float($0) } ?? .null),
        Typed(.float64, float(right).map { .float($0) } ?? .null)
      )
    }
    let scale = max(places, others)
    return (rescaled(left, scale), rescaled(right, scale))
  }

  private static func rescaled(_ value: Typed, _ scale: Int) -> Typed {
    value.type == .decimal(scale: scale)
      ? value : exact(.decimal(scale: scale), value.int.map { Int128($0) * power(scale - (value.places ?? 0)) })
  }
}
