internal import Records

/// Which clauses a function takes, and the value of an empty window.
extension AggregateChecker {
  func checkClauses() throws(ExpressionError) {
    if let emitting {
      try checkClauses(of: emitting)
      return try checkBound()
    }
    try checkExtent()
    try checkNewest()
    try checkParts()
    try checkBound()
    if let left = feature.left, !isOverTime {
      throw ExpressionError(
        "`\(left.value.rawValue)` is about a window's length of time, which is not given",
        at: left.range,
        remedy: "leave it out, or write `over` with a duration"
      )
    }
    if let delay = feature.delay, let retention, delay.value >= retention {
      throw ExpressionError(
        "the delay is \(DurationText.spelling(delay.value)), but the stage keeps rows for "
          + DurationText.spelling(retention),
        at: delay.range,
        remedy: "shorten it, or raise `retention`"
      )
    }
  }

  /// Of a window that emits, a feature is over all rows, and about none of them.
  private func checkClauses(of window: Aggregate.EmittingWindow) throws(ExpressionError) {
    let clauses = [
      feature.over?.range, feature.halfLife?.range, feature.delay?.range, feature.resolution?.range,
      feature.newest?.range, feature.left?.range,
    ]
    if function.isAboutPrevious || function.isDecayed || function == .sequence {
      throw ExpressionError(
        "`\(name)` is about one row, and the windows of this stage leave one for all of theirs",
        at: feature.function.range,
        remedy: "compute it in a window stage before this one"
      )
    }
    if function == .rate, window.length == nil {
      throw ExpressionError(
        "`rate` is rows per second of the window's length, and a session has none before it ends",
        at: feature.function.range,
        remedy: "write `count`"
      )
    }
    if let range = clauses.compactMap({ $0 }).min(by: { $0.lowerBound < $1.lowerBound }) {
      throw ExpressionError(
        "the windows of this stage leave a row each, so a feature is over all the rows of one",
        at: range,
        remedy: "leave this out"
      )
    }
  }

  private var isOverTime: Bool { if case .time? = feature.over?.value { true } else { false } }

  private func checkExtent() throws(ExpressionError) {
    if function.isDecayed {
      if let over = feature.over {
        throw ExpressionError(
          "`\(name)` fades and has no window",
          at: over.range,
          remedy: "write `half_life` in place of `over`, as in `\(function.example)`"
        )
      }
      guard let halfLife = feature.halfLife else {
        throw ExpressionError(
          "`\(name)` does not say how fast it fades",
          at: feature.function.range,
          remedy: "add its half-life, as in `\(function.example)`"
        )
      }
      guard 1...Aggregate.Most.halfLife ~= halfLife.value else {
        throw ExpressionError(
          halfLife.value == 0 ? "the half-life is 0" : "the half-life is more than a thousand years",
          at: halfLife.range,
          remedy: "write how long it takes a row to count half, as in `half_life 1d`"
        )
      }
      return
    }
    if let halfLife = feature.halfLife {
      let decayed = AggregateFunction(rawValue: "decayed_\(name)")
      throw ExpressionError(
        "`\(name)` does not fade, so it has no half-life",
        at: halfLife.range,
        remedy: decayed.map { "write `\($0.example)`, or `over` a window" } ?? "write `over` and a window"
      )
    }
    switch feature.over?.value {
    case nil where function == .sequence:
      throw ExpressionError(
        "the sequence does not say within how long it happens",
        at: feature.function.range,
        remedy: "add the time from its first row to its last, as in `over 1h`"
      )
    case nil where !function.isAboutPrevious:
      throw ExpressionError(
        "`\(name)` does not say over which rows",
        at: feature.function.range,
        remedy: "add a window: `over 24h` or `over last 10 rows`"
      )
    case .rows? where function == .rate || function == .sequence || function.isAboutPrevious:
      let reason =
        switch function {
        case .rate: "is rows per second of the window's time"
        case .sequence: "happens within a time, not a number of rows"
        default: "looks at one row"
        }
      throw ExpressionError(
        "`\(name)` \(reason)",
        at: feature.over?.range ?? feature.function.range,
        remedy: "write `over` with a duration, as in `over 1h`"
      )
    default: break
    }
  }

  private func checkNewest() throws(ExpressionError) {
    if function == .sequence {
      for range in [feature.newest?.range, feature.delay?.range, feature.left?.range] {
        guard let range else { continue }
        throw ExpressionError("a sequence ends with this row", at: range, remedy: "leave this out")
      }
    }
    guard let newest = feature.newest else {
      if function.isAboutPrevious, function != .previous, feature.delay?.value == 0, let range = feature.delay?.range {
        throw ExpressionError("`\(name)` looks at a row before this one", at: range, remedy: "leave this out")
      }
      return
    }
    if let delay = feature.delay {
      throw ExpressionError(
        "`\(newest.value.rawValue)` and `delayed` both say where the window ends",
        at: newest.range.lowerBound > delay.range.lowerBound ? newest.range : delay.range,
        remedy: "keep `delayed`: a window that ends before this row does not hold it"
      )
    }
    if function.isAboutPrevious, newest.value == .thisRow {
      throw ExpressionError(
        "`\(name)` looks at a row before this one",
        at: newest.range,
        remedy: function == .previous ? "write `last` for this row's own value" : "leave this out"
      )
    }
  }

  // MARK: Empty windows

  /// The value behind `else`, as one of the feature's type.
  ///
  /// - Parameter type: of the first input.
  func otherwise(_ type: ColumnType?) throws(ExpressionError) -> Aggregate.Otherwise? {
    guard let written = feature.otherwise else { return nil }
    if function.hasEmptyResult {
      let (article, value) = function == .sequence ? ("a sequence", "false") : ("`\(name)`", "0")
      throw ExpressionError(
        function == .count ? "a count is 0 where there are no rows" : "\(article) is \(value) where there are no rows",
        at: written.range,
        remedy: "remove the `else`"
      )
    }
    let result: ColumnType =
      switch function {
      case .sum, .min, .max, .first, .last, .previous, .top: type ?? .int64
      default: .float64
      }
    let text = Array(written.value.utf8)
    if let places = result.exactPlaces, written.value.places > places {
      throw ExpressionError(
        "`\(written.value)` has more decimal places than the \(result) of `\(name)`",
        at: written.range,
        remedy: places == 0 ? "write a whole number" : "write at most \(places) places"
      )
    }
    switch result {
    case .float64: if let value = FloatText.parse(text.span), value.isFinite { return .float(value) }
    case .decimal(let scale): if let value = DecimalText.parse(text.span, scale: scale) { return .exact(value) }
    case .int64: if let value = DecimalText.parse(text.span, scale: 0) { return .exact(value) }
    case .bool where [.sum, .min, .max].contains(function):
      if let value = DecimalText.parse(text.span, scale: 0) { return .exact(value) }
    case .bool, .timestamp, .string:
      throw ExpressionError(
        "`else` gives a number, but `\(name)` is \(result) here",
        at: written.range,
        remedy: "leave `else` out, and fill the feature where it is used: coalesce(feature, ...)"
      )
    }
    throw ExpressionError(
      "`\(written.value)` is no number for it",
      at: written.range,
      remedy: "write a number of type \(result), as in `else 0`"
    )
  }
}

extension ColumnType {
  /// Decimal places of a type whose numbers are exact.
  fileprivate var exactPlaces: Int? {
    switch self {
    case .int64, .bool: 0
    case .decimal(let scale): scale
    default: nil
    }
  }
}

extension String {
  /// Digits behind the point, without zeros at the end.
  fileprivate var places: Int {
    guard let point = utf8.firstIndex(of: UInt8(ascii: ".")) else { return 0 }
    return utf8[point...].dropFirst().reversed().drop { $0 == UInt8(ascii: "0") }.count
  }
}
