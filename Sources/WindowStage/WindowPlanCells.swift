/// Windows that are made of cells of time in place of rows.
extension WindowPlan {
  /// Microseconds of the cells; nil where all windows are made of rows.
  package var resolution: Int64? { aggregates.lazy.compactMap(\.resolution).first }

  /// The same stage without the windows of cells; nil where nothing is left.
  var ofRows: WindowPlan? {
    let kept = aggregates.filter { $0.resolution == nil }
    return try? WindowPlan(input: inputSchema, key: key, inputs: inputs, aggregates: kept, retention: retention)
  }

  /// Microseconds of a cell at least: then there are few enough since 1970, or before, for their numbers to leave room
  /// for more.
  package static let finestResolution: Int64 = 1_000_000

  /// Checks what the work on cells relies on.
  static func checkParts(of aggregate: WindowAggregate) throws(WindowPlanError) {
    let name = aggregate.name
    guard let resolution = aggregate.resolution else {
      if case .distinctUpTo = aggregate.function { throw WindowPlanError("\(name): an estimate needs a resolution") }
      return
    }
    var delay: Int64 = 0
    if case .age(let age) = aggregate.newer { delay = age }
    guard resolution >= finestResolution, case .age(let age) = aggregate.older, (age - delay) % resolution == 0 else {
      throw WindowPlanError("\(name): the window is no whole number of cells of its resolution")
    }
    switch aggregate.function {
    case .count, .sum, .mean, .stddev, .min, .max, .rate: break
    case .distinctUpTo where delay == 0: break
    default: throw WindowPlanError("\(name): it cannot be told from cells; leave the resolution out")
    }
  }

  static func checkResolution(of aggregates: [WindowAggregate]) throws(WindowPlanError) {
    let resolutions = aggregates.filter { $0.resolution != nil }
    guard let first = resolutions.first else { return }
    guard let other = resolutions.first(where: { $0.resolution != first.resolution }) else { return }
    throw WindowPlanError(
      "\(other.name): a stage has windows of one resolution; give it that of \(first.name), or a stage of its own"
    )
  }
}
