package import Records

/// A window feature as a pipeline file writes it.
///
///     aggregate = ( "count" | ( "sum" | "mean" ) "(" COLUMN ")" ) "over" DURATION [ "delayed" DURATION ] [ "else" NUMBER ]
package struct Aggregate: Hashable, Sendable {
  package enum Function: Hashable, Sendable {
    case count
    case sum
    case mean
  }

  package let function: Function
  /// The column whose values are taken; nil for a count.
  package let column: Int?
  /// Microseconds, above 0.
  package let width: Int64
  /// Microseconds, 0 or more: the window ends so long before the row.
  package let delay: Int64
  /// What an empty window gives, as it was written; nil: no value.
  package let otherwise: Otherwise?

  package enum Otherwise: Hashable, Sendable {
    /// In the unit of the column: scaled for a decimal.
    case exact(Int64)
    case float(Double)
  }

  /// Compiles `text`, whose names are columns of `schema`.
  package static func compile(_ text: String, schema: Schema) throws(ExpressionError) -> Aggregate {
    var parser = try Parser(text)
    let function = try parser.aggregateFunction()
    let column = function == .count ? nil : try parser.aggregatedColumn(schema)
    try parser.expect(name: "over", "and the length of the window")
    let width = try parser.duration()
    guard width.microseconds > 0 else {
      throw ExpressionError("the window has no length", at: width.range, remedy: "give it one, as in `over 24h`")
    }
    let delay = parser.take(name: "delayed") ? try parser.duration().microseconds : 0
    let otherwise =
      parser.take(name: "else") ? try parser.otherwise(function, column.map { schema.fields[$0].type }) : nil
    try parser.expectEnd()
    return Aggregate(
      function: function,
      column: column,
      width: width.microseconds,
      delay: delay,
      otherwise: otherwise
    )
  }
}

extension Parser {
  private static var functions: KeyValuePairs<String, Aggregate.Function> {
    ["count": .count, "sum": .sum, "mean": .mean]
  }

  fileprivate mutating func aggregateFunction() throws(ExpressionError) -> Aggregate.Function {
    if case .name(let name) = current.kind, let function = Self.functions.first(where: { $0.key == name })?.value {
      advance()
      return function
    }
    var remedy = "write one of: count over 1d, sum(column) over 1d, mean(column) over 1d"
    if case .name(let name) = current.kind, let near = NearestName.of(name, among: Self.functions.map(\.key)) {
      remedy = "did you mean `\(near)`?"
    }
    throw unexpected("an aggregate", remedy: remedy)
  }

  fileprivate mutating func aggregatedColumn(_ schema: Schema) throws(ExpressionError) -> Int {
    try expect(symbol: "(", "and the column to aggregate")
    guard case .name(let name) = current.kind else {
      throw unexpected("a column", remedy: "name the column; compute it first if it is more than one")
    }
    let range = current.range
    guard let index = schema.index(of: name) else {
      let names = schema.fields.map(\.name)
      throw ExpressionError(
        "there is no column `\(name)`",
        at: range,
        remedy: NearestName.of(name, among: names).map { "did you mean `\($0)`?" }
          ?? "the columns here are: \(names.joined(separator: ", "))"
      )
    }
    switch schema.fields[index].type {
    case .int64, .bool, .decimal: break
    case .float64:
      throw ExpressionError(
        "`\(name)` is float64, whose sums depend on the order of their terms",
        at: range,
        remedy: "declare it as decimal(places), whose sums are exact"
      )
    case .timestamp, .string:
      throw ExpressionError(
        "`\(name)` is \(schema.fields[index].type), which has no sum",
        at: range,
        remedy: "name a column of numbers"
      )
    }
    advance()
    try expect(symbol: ")", "after the column")
    return index
  }

  fileprivate mutating func duration() throws(ExpressionError) -> (microseconds: Int64, range: Range<Int>) {
    let range = current.range
    guard case .number(let text) = current.kind, let duration = DurationText.parse(text) else {
      throw unexpected("a duration", remedy: DurationText.remedy)
    }
    advance()
    return (duration, range)
  }

  fileprivate mutating func otherwise(
    _ function: Aggregate.Function,
    _ type: ColumnType?
  ) throws(ExpressionError) -> Aggregate.Otherwise {
    let range = current.range
    let sign = take(symbol: "-") ? "-" : ""
    guard case .number(let digits) = current.kind else {
      throw unexpected("a number after `else`", remedy: "write what an empty window gives, as in `else 0`")
    }
    let text = Array((sign + digits).utf8)
    let whole = range.lowerBound..<current.range.upperBound
    advance()
    switch (function, type) {
    case (.count, _):
      throw ExpressionError("a count is 0 where there are no rows", at: whole, remedy: "remove the `else`")
    case (.mean, _): if let value = FloatText.parse(text.span) { return .float(value) }
    case (.sum, .decimal(let scale)?):
      if let value = DecimalText.parse(text.span, scale: scale) { return .exact(value) }
    case (.sum, _): if let value = DecimalText.parse(text.span, scale: 0) { return .exact(value) }
    }
    throw ExpressionError(
      "`\(sign)\(digits)` is no number for it",
      at: whole,
      remedy: "write a number of the column's type, as in `else 0`"
    )
  }
}
