/// A window feature by its definition: at each row, all rows of the key so far are looked at again. Slow and obviously
/// right; it shares no code with the window stage, whose judge it is.
package struct NaiveFeature: Sendable {
  package enum Function: Hashable, Sendable {
    case count, sum, mean, stddev, min, max, first, last, timeSinceLast
    /// Microseconds of the window.
    case rate(width: Int64)
    case distinct, top, topShare, entropy
    /// Else by a sketch.
    case distinctUpTo(exact: Int)
    case quantile(Double)
    case decayedSum(halfLife: Int64)
    case decayedMean(halfLife: Int64)
    case decayedCount(halfLife: Int64)
    case speed
    case sequence
  }

  /// Where rows enter the window: at an age in microseconds, or with the row after them.
  package enum Newer: Hashable, Sendable {
    case age(Int64)
    case beforeThisRow
  }

  /// Where they leave it: at an age, behind so many rows, or not before the retention.
  package enum Older: Hashable, Sendable {
    case age(Int64)
    case rows(Int)
    case unbounded
  }

  /// A value of a row that is aggregated.
  package struct Input: Sendable {
    /// Of a decimal its unscaled integer.
    package var value: @Sendable (Row) -> Value
    /// By which an integer is divided to get the number that it stands for.
    package var unit: Int64

    package init(unit: Int64 = 1, _ value: @escaping @Sendable (Row) -> Value) {
      self.unit = unit
      self.value = value
    }
  }

  package var function: Function
  package var inputs: [Input]
  package var newer: Newer
  package var older: Older
  /// Microseconds after which a row is in no window.
  package var retention: Int64
  /// What a window without values gives.
  package var otherwise: Value
  /// Microseconds at the multiples of which edges lie; nil: wherever they do.
  package var resolution: Int64?

  package init(
    _ function: Function,
    inputs: [Input] = [],
    newer: Newer = .age(0),
    older: Older,
    retention: Int64 = .max,
    otherwise: Value = .null,
    resolution: Int64? = nil
  ) {
    self.function = function
    self.inputs = inputs
    self.newer = newer
    self.older = older
    self.retention = retention
    self.otherwise = otherwise
    self.resolution = resolution
  }
}

/// What a feature must be, and how far from it a computed one may lie.
package struct NaiveResult: Sendable, CustomStringConvertible {
  package var value: Value
  /// 0: the bits must be the same.
  package var tolerance: Double

  init(_ value: Value, within tolerance: Double = 0) {
    self.value = value
    self.tolerance = tolerance
  }

  /// What is not said.
  static let anything = NaiveResult(.float(0), within: .infinity)

  /// Nil where the value is null, or there is none.
  init?(ofValue value: Value?) {
    guard let value, value != .null else { return nil }
    self.init(value)
  }

  package func accepts(_ actual: Value) -> Bool {
    if tolerance == .infinity {
      if case .float(let actual) = actual { return actual.isFinite } else { return actual == .null }
    }
    if case (.float(let expected), .float(let actual)) = (value, actual) {
      return expected.bitPattern == actual.bitPattern || abs(expected - actual) <= tolerance
    }
    return value == actual
  }

  package var description: String { tolerance == 0 ? "\(value)" : "\(value) within \(tolerance)" }
}

/// Features over a stream, row by row.
package struct NaiveFeatures {
  package let features: [NaiveFeature]
  private let key: (Row) -> Value
  private var seen: [Value: [Row]] = [:]

  package init(_ features: [NaiveFeature], key: @escaping (Row) -> Value) {
    self.features = features
    self.key = key
  }

  /// The features of the next row.
  package mutating func process(_ row: Row) -> [NaiveResult] {
    seen[key(row), default: []].append(row)
    let rows = seen[key(row)] ?? []
    return features.map { $0.result(rows) }
  }
}
