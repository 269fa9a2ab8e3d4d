package import Records

/// One aggregate over a sliding window of the rows of a key.
///
/// A row at time t sees the rows of its key with time in (t - delay - width, t - delay]; among rows of its own time,
/// itself and those before it in position.
package struct WindowAggregate: Hashable, Sendable {
  package enum Function: UInt8, Hashable, Sendable {
    /// The number of rows, values or not.
    case count = 0
    /// The sum of the values; a `bool` counts as 0 or 1.
    case sum = 1
    /// The sum of the values divided once by their number.
    case mean = 2
  }

  /// What a window without values gives.
  package enum Otherwise: Hashable, Sendable {
    /// For a sum: in the unit of the column, so scaled for a decimal.
    case integer(Int64)
    /// For a mean; finite.
    case float(Double)
  }

  /// The name of the column that it adds.
  package var name: String
  package var function: Function
  /// The column whose values are summed: `int64`, `decimal` or `bool`. Nil for a count.
  package var column: Int?
  /// Microseconds, above 0.
  package var width: Int64
  /// Microseconds, 0 or more.
  package var delay: Int64
  /// The value of a window that holds none; without it, such a sum or mean is null.
  package var otherwise: Otherwise?

  package init(
    name: String,
    function: Function,
    column: Int? = nil,
    width: Int64,
    delay: Int64 = 0,
    otherwise: Otherwise? = nil
  ) {
    self.name = name
    self.function = function
    self.column = column
    self.width = width
    self.delay = delay
    self.otherwise = otherwise
  }
}

/// What a window stage does: which column is the key and what is computed for each row.
package struct WindowPlan: Hashable, Sendable {
  package let inputSchema: Schema
  /// The column that says which rows belong together: a string or a type of eight bytes, never null.
  package let key: Int
  /// One column each, after those of the input, in this order.
  package let aggregates: [WindowAggregate]
  /// The input's fields and one for each aggregate.
  package let outputSchema: Schema

  /// Checks all that the stage relies on.
  package init(input: Schema, key: Int, aggregates: [WindowAggregate]) throws(WindowPlanError) {
    try Self.check(input: input, key: key)
    guard !aggregates.isEmpty else { throw WindowPlanError("a window stage has no aggregates; give it one") }
    guard aggregates.count <= Self.mostAggregates else {
      throw WindowPlanError(
        "a window stage has \(aggregates.count) aggregates; split those beyond \(Self.mostAggregates)"
      )
    }
    var names = Set(input.fields.map(\.name))
    var fields: [Field] = []
    for aggregate in aggregates {
      fields.append(try Self.field(of: aggregate, input))
      guard names.insert(aggregate.name).inserted else {
        throw WindowPlanError("two columns have the name \(aggregate.name); rename the aggregate")
      }
    }
    let columns = Set(aggregates.compactMap(\.column)).count
    guard columns <= Self.mostColumns else {
      throw WindowPlanError("a window stage aggregates \(columns) columns; split those beyond \(Self.mostColumns)")
    }
    inputSchema = input
    self.key = key
    self.aggregates = aggregates
    outputSchema = input.appending(fields)
  }

  /// Bounds the state of a key, for plans may come from a peer.
  static let mostAggregates = 1000
  /// A bit each says which of them a row has.
  static let mostColumns = 64

  private static func check(input: Schema, key: Int) throws(WindowPlanError) {
    guard input.fields.indices.contains(key) else { throw WindowPlanError("the key is no column of the input") }
    let field = input.fields[key]
    guard field.type == .string || field.type.width == 8 else {
      throw WindowPlanError("column \(field.name) of type \(field.type) cannot be a key; use int64 or string")
    }
    guard !field.isNullable else {
      throw WindowPlanError("the key column \(field.name) may be null; filter nulls first")
    }
  }

  /// The column that an aggregate over rows of `input` adds.
  package static func field(of aggregate: WindowAggregate, _ input: Schema) throws(WindowPlanError) -> Field {
    let name = aggregate.name
    guard aggregate.width > 0, aggregate.delay >= 0 else {
      throw WindowPlanError("\(name): the window must be longer than 0 and the delay not below 0")
    }
    if aggregate.function == .count {
      guard aggregate.column == nil, aggregate.otherwise == nil else {
        throw WindowPlanError("\(name): a count takes no column and no value for an empty window, where it is 0")
      }
      return Field(name, .int64)
    }
    guard let column = aggregate.column, input.fields.indices.contains(column) else {
      throw WindowPlanError("\(name): the column to aggregate is none of the input")
    }
    let source = input.fields[column]
    let type: ColumnType
    switch source.type {
    case .int64, .decimal: type = source.type
    case .bool: type = .int64
    default:
      throw WindowPlanError(
        "\(name): column \(source.name) of type \(source.type) has no sum; use int64, decimal or bool"
      )
    }
    switch (aggregate.function, aggregate.otherwise) {
    case (.mean, .float(let value)?) where value.isFinite: return Field(name, .float64)
    case (.mean, nil): return Field(name, .float64, nullable: true)
    // A sum of 64-bit values may not fit in 64 bits, and then it is null whatever an empty window gives.
    case (.sum, .integer?): return Field(name, type, nullable: source.type != .bool)
    case (.sum, nil): return Field(name, type, nullable: true)
    default: throw WindowPlanError("\(name): the value for an empty window is not one of the result's type")
    }
  }
}

/// Why a window stage cannot be what was asked for, with the remedy.
package struct WindowPlanError: Error, Hashable, Sendable, CustomStringConvertible {
  package let message: String

  init(_ message: String) { self.message = message }

  package var description: String { message }
}
