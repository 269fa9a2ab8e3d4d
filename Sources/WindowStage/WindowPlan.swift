package import Expressions
package import Records

/// What a window stage does: which column is the key and what is computed for each row.
package struct WindowPlan: Equatable, Sendable {
  package let inputSchema: Schema
  /// The column that says which rows belong together: a string or a type of eight bytes, never null.
  package let key: Int
  /// Over the columns of the input: what aggregates take their values from. The stage evaluates them; they are no columns.
  package let inputs: [Expression]
  /// One column each, after those of the input, in this order.
  package let aggregates: [WindowAggregate]
  /// Microseconds after which a row is in no window any more.
  package let retention: Int64
  /// Where windows leave rows of their own; nil: each row gets what its windows hold.
  package private(set) var emission: WindowEmission?
  /// The input's fields and one for each aggregate; of windows that emit, the key, what a window is, and the aggregates.
  package let outputSchema: Schema

  /// Checks all that the stage relies on.
  package init(
    input: Schema,
    key: Int,
    inputs: [Expression],
    aggregates: [WindowAggregate],
    retention: Int64,
    emission: WindowEmission? = nil
  ) throws(WindowPlanError) {
    try Self.check(input: input, key: key)
    try emission?.check()
    guard !aggregates.isEmpty else { throw WindowPlanError("a window stage has no aggregates; give it one") }
    guard aggregates.count <= Self.mostAggregates else {
      throw WindowPlanError(
        "a window stage has \(aggregates.count) aggregates; split those beyond \(Self.mostAggregates)"
      )
    }
    guard inputs.count <= Self.mostInputs else {
      throw WindowPlanError("a window stage aggregates \(inputs.count) values; split those beyond \(Self.mostInputs)")
    }
    guard retention > 0 else { throw WindowPlanError("the retention of a window stage must be above 0") }
    let own = emission == nil ? input : Schema([input.fields[key]] + WindowEmission.fields)
    var names = Set(own.fields.map(\.name))
    guard names.count == own.fields.count else {
      throw WindowPlanError("the key has the name of a window's end; rename it")
    }
    var fields: [Field] = []
    for aggregate in aggregates {
      fields.append(try Self.field(of: aggregate, inputs))
      // Cells are kept as long as windows need them.
      if aggregate.resolution == nil { try Self.check(aggregate, retention: retention) }
      if let emission { try Self.check(aggregate, emission, retention: retention) }
      guard names.insert(aggregate.name).inserted else {
        throw WindowPlanError("two columns have the name \(aggregate.name); rename the aggregate")
      }
    }
    try Self.checkResolution(of: aggregates)
    inputSchema = input
    self.key = key
    self.inputs = inputs
    self.aggregates = aggregates
    self.retention = retention
    self.emission = emission
    outputSchema = own.appending(fields)
  }

  /// The same, where the stage is the one with this number, and ordinals keep so many bits for the ways of its rows.
  package func emitting(as stage: UInt16, pathBits: Int) -> WindowPlan {
    var plan = self
    plan.emission?.source = WindowEmission.firstSource + stage
    plan.emission?.pathBits = pathBits
    return plan
  }

  /// Bounds the state of a key, for plans may come from a peer.
  package static let mostAggregates = 1000
  /// A bit each says which of them a row has.
  package static let mostInputs = 64
  package static let mostRows = 1_000_000
  package static let mostSteps = 64
  package static let mostExact = 100_000

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

  /// An aggregate of windows that emit is over all that a window holds.
  private static func check(
    _ aggregate: WindowAggregate,
    _ emission: WindowEmission,
    retention: Int64
  ) throws(WindowPlanError) {
    let older: WindowAggregate.Older =
      if case .hopping(let length, _, _) = emission.extent { .age(length) } else { .unbounded }
    let isOfRows =
      switch aggregate.function {
      case .timeSinceLast, .decayedSum, .decayedMean, .decayedCount, .speed, .sequence: true
      default: false
      }
    guard aggregate.newer == .age(0), aggregate.older == older, aggregate.resolution == nil,
      retention == emission.extent.length, !isOfRows
    else {
      throw WindowPlanError("\(aggregate.name): a window that emits has no row that this could be about")
    }
  }

  private static func check(_ aggregate: WindowAggregate, retention: Int64) throws(WindowPlanError) {
    var delay: Int64 = 0
    if case .age(let age) = aggregate.newer { delay = age }
    let isReached: Bool
    switch aggregate.older {
    case .age(let age): isReached = age <= retention
    case .rows, .unbounded: isReached = delay < retention
    }
    guard isReached else {
      throw WindowPlanError(
        "\(aggregate.name): the window reaches further back than rows are kept; raise the retention of the stage"
      )
    }
  }
}

extension WindowPlan {
  /// Every column of a schema, as inputs of the same numbers.
  package static func columns(of schema: Schema) -> [Expression] {
    schema.fields.indices.map { .column($0, of: schema) }
  }
}

/// Why a window stage cannot be what was asked for, with the remedy.
package struct WindowPlanError: Error, Hashable, Sendable, CustomStringConvertible {
  package let message: String

  init(_ message: String) { self.message = message }

  package var description: String { message }
}
