/// What goes together with `resolution`, where a window is made of cells of time and not of rows.
extension AggregateChecker {
  /// That cells can tell what the feature asks for.
  func checkParts() throws(ExpressionError) {
    guard let resolution = feature.resolution else { return }
    func fail(_ fault: String, at range: Range<Int>? = nil, _ remedy: String) -> ExpressionError {
      ExpressionError(fault, at: range ?? resolution.range, remedy: remedy)
    }
    guard function.isOfParts else {
      let names = AggregateFunction.ofParts.map(\.rawValue).joined(separator: ", ")
      throw fail(
        "`\(name)` needs the rows of the window, and with `resolution` they are not kept",
        "leave `resolution` out; the functions that take it are \(names)"
      )
    }
    if case .rows? = feature.over?.value {
      throw fail(
        "`resolution` cuts time, and the window is a number of rows",
        "leave it out, or write `over` with a duration"
      )
    }
    guard resolution.value >= Aggregate.finestResolution else {
      throw fail(
        "the resolution is \(DurationText.spelling(resolution.value))",
        "write 1s or more, as in `resolution 1h`, or leave it out"
      )
    }
    if let other, other.resolution != resolution.value {
      throw fail(
        "the stage would cut time in two ways: feature '\(other.feature)' has "
          + "`resolution \(DurationText.spelling(other.resolution))`",
        "write the same here, or give this feature a window stage of its own"
      )
    }
    if feature.newest?.value == .timeBefore {
      throw fail(
        "with `resolution` rows of one time are not told from those before them",
        at: feature.newest?.range,
        "write `excluding this row`, or leave `resolution` out"
      )
    }
    if let left = feature.left {
      throw fail(
        "`\(left.value.rawValue)` is about a row of exactly the window's age, and with `resolution` the window begins "
          + "where a cell does",
        at: left.range,
        "leave it out"
      )
    }
    if function == .distinct, let delay = feature.delay, delay.value > 0 {
      throw fail(
        "`distinct` with a `resolution` counts up to this row",
        at: delay.range,
        "leave `delayed` out, or `resolution`"
      )
    }
  }

  /// That `exact` stands where values may be too many.
  func checkBound() throws(ExpressionError) {
    guard let exact = feature.exact else {
      guard function == .distinct, feature.resolution != nil else { return }
      throw ExpressionError(
        "`distinct` does not say up to how many values it is exact",
        at: feature.function.range,
        remedy: "write it, as in `distinct(x, exact 1000)`; more are estimated"
      )
    }
    guard feature.resolution != nil else {
      throw ExpressionError(
        "without `resolution` any number of values is counted exactly",
        at: exact.range,
        remedy: emitting == nil ? "write `distinct(x)`, or add a `resolution`" : "write `distinct(x)`"
      )
    }
    guard 1...Aggregate.Most.exact ~= exact.value else {
      throw ExpressionError(
        "`exact` is \(exact.value)",
        at: exact.range,
        remedy: "write 1 to \(Aggregate.Most.exact): so many values are kept of each key"
      )
    }
  }

  /// That a window is a whole number of cells.
  func checkResolution(of width: Int64, at range: Range<Int>) throws(ExpressionError) {
    guard let resolution = feature.resolution?.value, width % resolution != 0 else { return }
    let lower = width / resolution * resolution
    let (upper, isTooLong) = lower.addingReportingOverflow(resolution)
    let lengths = [lower > 0 ? lower : nil, isTooLong ? nil : upper].compactMap { $0 }
    throw ExpressionError(
      "the window of \(DurationText.spelling(width)) is no whole number of times \(DurationText.spelling(resolution))",
      at: range,
      remedy: "write \(lengths.map { "`over \(DurationText.spelling($0))`" }.joined(separator: " or "))"
        + ", or another `resolution`"
    )
  }
}
