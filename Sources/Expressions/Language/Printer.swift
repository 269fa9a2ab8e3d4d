extension Syntax {
  /// The expression as text, with no more parentheses than it needs, though an `if` among operators always has them:
  /// reading the text gives the same expression.
  package var text: String {
    var text = ""
    write(.expression, into: &text)
    return text
  }

  /// What may stand at a place without parentheses: what binds at least so tightly.
  fileprivate enum Binding: Int {
    case expression, or, and, not, comparison, sum, product, unary, primary
  }

  private var binding: Binding {
    switch self {
    case .choice: .expression
    case .binary(let joint, _, _, _): joint.binding
    case .not: .not
    case .isNull, .membership, .listed, .between: .comparison
    case .negation: .unary
    case .column, .tableColumn, .number, .text, .truth, .null, .call: .primary
    }
  }

  private func write(_ place: Binding, into text: inout String) {
    let needsParentheses = binding.rawValue < place.rawValue
    if needsParentheses { text += "(" }
    write(into: &text)
    if needsParentheses { text += ")" }
  }

  private func write(into text: inout String) {
    switch self {
    case .column(let name, _), .number(let name, _): text += name
    case .tableColumn(let table, let column, _): text += "\(table).\(column)"
    case .text(let value, _):
      text += "'\(value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'"
    case .truth(let value, _): text += value ? "true" : "false"
    case .null: text += "null"
    case .negation(let operand, _):
      text += "-"
      operand.write(.unary, into: &text)
    case .not(let operand, _):
      text += "not "
      operand.write(.not, into: &text)
    case .binary(let joint, let left, let right, _):
      // All lean to the left, but a comparison is never compared again.
      left.write(joint.binding == .comparison ? .sum : joint.binding, into: &text)
      text += " \(joint.rawValue) "
      right.write(joint.bindingAtRight, into: &text)
    case .isNull(let operand, let isNegated, _):
      operand.write(.sum, into: &text)
      text += isNegated ? " is not null" : " is null"
    case .membership(let value, let members, let isNegated, _):
      value.write(.sum, into: &text)
      text += isNegated ? " not in " : " in "
      Self.write(members, into: &text)
    case .listed(let value, let list, _, let isNegated, _):
      value.write(.sum, into: &text)
      text += isNegated ? " not in " : " in "
      text += list
    case .between(let value, let low, let high, let isNegated, _):
      value.write(.sum, into: &text)
      text += isNegated ? " not between " : " between "
      low.write(.sum, into: &text)
      text += " and "
      high.write(.sum, into: &text)
    case .choice(let condition, let then, let otherwise, _):
      text += "if "
      condition.write(.expression, into: &text)
      text += " then "
      then.write(.expression, into: &text)
      text += " else "
      otherwise.write(.expression, into: &text)
    case .call(let name, let arguments, _, _):
      text += name
      Self.write(arguments, into: &text)
    }
  }

  private static func write(_ list: [Syntax], into text: inout String) {
    text += "("
    for (index, element) in list.enumerated() {
      if index > 0 { text += ", " }
      element.write(.expression, into: &text)
    }
    text += ")"
  }
}

extension BinaryOperator {
  fileprivate var binding: Syntax.Binding {
    switch self {
    case .or: .or
    case .and: .and
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: .comparison
    case .plus, .minus: .sum
    case .times, .divided, .remainder: .product
    }
  }

  /// What stands on the right must bind tighter: `a - (b - c)` is not `a - b - c`.
  fileprivate var bindingAtRight: Syntax.Binding {
    Syntax.Binding(rawValue: binding.rawValue + 1) ?? .primary
  }
}

extension Syntax: Equatable {
  /// Whether both say the same, wherever they stand.
  package static func == (left: Syntax, right: Syntax) -> Bool {
    switch (left, right) {
    case (.column(let a, _), .column(let b, _)), (.number(let a, _), .number(let b, _)),
      (.text(let a, _), .text(let b, _)):
      a == b
    case (.tableColumn(let table, let a, _), .tableColumn(let other, let b, _)): table == other && a == b
    case (.truth(let a, _), .truth(let b, _)): a == b
    case (.null, .null): true
    case (.negation(let a, _), .negation(let b, _)), (.not(let a, _), .not(let b, _)): a == b
    case (.binary(let joint, let a, let b, _), .binary(let other, let c, let d, _)):
      joint == other && a == c && b == d
    case (.isNull(let a, let isNegated, _), .isNull(let b, let other, _)): isNegated == other && a == b
    case (.membership(let a, let list, let isNegated, _), .membership(let b, let others, let other, _)):
      isNegated == other && a == b && list == others
    case (.listed(let a, let name, _, let isNegated, _), .listed(let b, let otherName, _, let other, _)):
      isNegated == other && a == b && name == otherName
    case (.between(let a, let low, let high, let isNegated, _), .between(let b, let from, let to, let other, _)):
      isNegated == other && a == b && low == from && high == to
    case (.choice(let a, let b, let c, _), .choice(let d, let e, let f, _)): a == d && b == e && c == f
    case (.call(let name, let list, _, _), .call(let other, let others, _, _)): name == other && list == others
    default: false
    }
  }
}
