package import Expressions
package import Records

extension WindowPlan {
  /// The column that an aggregate over `inputs` adds, and a check that it is one.
  package static func field(
    of aggregate: WindowAggregate,
    _ inputs: [Expression]
  ) throws(WindowPlanError) -> Field {
    try checkEdges(of: aggregate)
    guard aggregate.inputs.allSatisfy({ inputs.indices.contains($0) }) else {
      throw WindowPlanError("\(aggregate.name): it takes a value that the stage does not have")
    }
    let types = aggregate.inputs.map { inputs[$0].type }
    let (type, empty) = try aggregate.result(over: types)
    let field = Field(aggregate.name, type, nullable: empty == .null && aggregate.otherwise == nil)
    switch (empty, aggregate.otherwise, type) {
    case (_, nil, _): break
    case (.null, .float(let value)?, .float64) where value.isFinite: break
    case (.null, .integer?, .int64), (.null, .integer?, .decimal): break
    case (.value, _?, _):
      throw WindowPlanError("\(aggregate.name): it always has a value, so it takes none for an empty window")
    default:
      throw WindowPlanError("\(aggregate.name): the value for an empty window is not one of type \(type)")
    }
    // A sum of 64-bit values may not fit in 64 bits, and then it is null whatever an empty window gives.
    let mayOverflow = aggregate.function == .sum && types != [.bool]
    return mayOverflow ? Field(aggregate.name, type, nullable: true) : field
  }

  private static func checkEdges(of aggregate: WindowAggregate) throws(WindowPlanError) {
    let name = aggregate.name
    var delay: Int64 = 0
    if case .age(let age) = aggregate.newer { delay = age }
    guard delay >= 0 else { throw WindowPlanError("\(name): the delay of the window must not be below 0") }
    switch aggregate.older {
    case .age(let age):
      guard age > delay else { throw WindowPlanError("\(name): the window must be longer than 0") }
    case .rows(let rows):
      guard 1...mostRows ~= rows else {
        throw WindowPlanError("\(name): a window of \(rows) rows; it holds 1 to \(mostRows)")
      }
    case .unbounded: break
    }
    switch (aggregate.function, aggregate.newer, aggregate.older) {
    case (.timeSinceLast, .age(0), _), (.speed, .age(0), _):
      throw WindowPlanError("\(name): it looks at rows before this one; exclude this row")
    case (.decayedSum, _, .unbounded), (.decayedMean, _, .unbounded), (.decayedCount, _, .unbounded): break
    case (.decayedSum, _, _), (.decayedMean, _, _), (.decayedCount, _, _):
      throw WindowPlanError("\(name): a decayed value has a half life and no other end")
    case (.sequence, .age(0), .age): break
    case (.sequence, _, _):
      throw WindowPlanError("\(name): a sequence ends at this row and lasts so long at most; give it `over` alone")
    default: break
    }
    try checkParts(of: aggregate)
  }
}

extension WindowAggregate {
  /// What a window without values gives.
  fileprivate enum Empty {
    case null
    case value
  }

  fileprivate func result(over types: [ColumnType]) throws(WindowPlanError) -> (ColumnType, Empty) {
    switch function {
    case .count, .decayedCount, .rate:
      guard types.count <= 1 else { throw WindowPlanError("\(name): it takes one value or none") }
    case .timeSinceLast:
      guard types.isEmpty else { throw WindowPlanError("\(name): it takes no value") }
    case .speed:
      guard types.count == 2 else { throw WindowPlanError("\(name): it takes a latitude and a longitude") }
    case .sequence:
      guard 1...WindowPlan.mostSteps ~= types.count, types.allSatisfy({ $0 == .bool }) else {
        throw WindowPlanError("\(name): a sequence is made of 1 to \(WindowPlan.mostSteps) conditions")
      }
    default:
      guard types.count == 1 else { throw WindowPlanError("\(name): it takes one value") }
    }
    switch function {
    case .count: return (.int64, .value)
    case .distinct: return (.int64, .value)
    case .distinctUpTo(let exact):
      guard 1...WindowPlan.mostExact ~= exact else {
        throw WindowPlanError("\(name): it is exact for 1 to \(WindowPlan.mostExact) values")
      }
      return (.int64, .value)
    case .sequence: return (.bool, .value)
    case .rate(let width):
      guard width > 0 else { throw WindowPlanError("\(name): the window must be longer than 0") }
      return (.float64, .value)
    case .sum: return (try number(types[0], .exact), .null)
    case .min, .max: return (try number(types[0], .ordered), .null)
    case .mean, .stddev: return (try float(of: types, .exact), .null)
    case .quantile(let q):
      guard 0...1 ~= q else { throw WindowPlanError("\(name): a quantile lies between 0 and 1") }
      return (try float(of: types, .any), .null)
    case .decayedCount(let halfLife):
      try check(halfLife)
      return (.float64, .value)
    case .decayedSum(let halfLife), .decayedMean(let halfLife):
      try check(halfLife)
      return (try float(of: types, .any), .null)
    case .speed: return (try float(of: types, .any), .null)
    case .timeSinceLast, .topShare, .entropy: return (.float64, .null)
    case .first, .last, .top: return (types[0], .null)
    }
  }

  private func check(_ halfLife: Int64) throws(WindowPlanError) {
    guard 1...Self.longestHalfLife ~= halfLife else {
      throw WindowPlanError("\(name): a half life is above 0, and at most 1000 years")
    }
  }

  /// 64 of them, and an age, fit in 64 bits.
  private static var longestHalfLife: Int64 { 1000 * 366 * 86_400_000_000 }

  /// Which values a function takes.
  private enum Numbers {
    /// Those whose sums are exact.
    case exact
    /// Those with a least and a greatest.
    case ordered
    /// All.
    case any
  }

  /// The type of a result that is a value of a column, or a sum of such.
  private func number(_ type: ColumnType, _ numbers: Numbers) throws(WindowPlanError) -> ColumnType {
    switch (type, numbers) {
    case (.int64, _), (.decimal, _): return type
    case (.bool, _): return .int64
    case (.float64, .ordered), (.float64, .any), (.timestamp, .ordered): return type
    case (.float64, .exact):
      throw WindowPlanError(
        "\(name): sums of float64 depend on the order of their terms; use decimal(places), whose sums are exact"
      )
    default: throw WindowPlanError("\(name): it takes no values of type \(type); use numbers")
    }
  }

  private func float(of types: [ColumnType], _ numbers: Numbers) throws(WindowPlanError) -> ColumnType {
    for type in types { _ = try number(type, numbers) }
    return .float64
  }
}
