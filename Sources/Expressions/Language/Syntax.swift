/// An expression as it was written, before its names and types are looked at.
package indirect enum Syntax: Sendable {
  case column(String, Range<Int>)
  /// A column of a table of the pipeline.
  case tableColumn(String, String, Range<Int>)
  /// A number without a unit.
  case number(String, Range<Int>)
  case text(String, Range<Int>)
  case truth(Bool, Range<Int>)
  case null(Range<Int>)
  case negation(Syntax, Range<Int>)
  case not(Syntax, Range<Int>)
  case binary(BinaryOperator, Syntax, Syntax, Range<Int>)
  case isNull(Syntax, isNegated: Bool, Range<Int>)
  case membership(Syntax, [Syntax], isNegated: Bool, Range<Int>)
  /// In a list of the pipeline.
  case listed(Syntax, String, name: Range<Int>, isNegated: Bool, Range<Int>)
  case between(Syntax, low: Syntax, high: Syntax, isNegated: Bool, Range<Int>)
  case choice(Syntax, then: Syntax, otherwise: Syntax, Range<Int>)
  case call(String, [Syntax], name: Range<Int>, Range<Int>)

  /// The bytes that it stands in.
  package var range: Range<Int> {
    switch self {
    case .column(_, let range), .tableColumn(_, _, let range), .number(_, let range), .text(_, let range),
      .truth(_, let range),
      .null(let range), .negation(_, let range), .not(_, let range), .binary(_, _, _, let range),
      .isNull(_, _, let range),
      .membership(_, _, _, let range), .listed(_, _, _, _, let range), .between(_, _, _, _, let range),
      .choice(_, _, _, let range),
      .call(_, _, _, let range):
      range
    }
  }
}

/// What stands between two operands, with how tightly it binds.
package enum BinaryOperator: String, CaseIterable, Sendable {
  case or
  case and
  case equal = "="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case plus = "+"
  case minus = "-"
  case times = "*"
  case divided = "/"
  case remainder = "%"
}
