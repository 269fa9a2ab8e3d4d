/// What a feature computes of the rows of its window. The raw value is its name in a pipeline file.
package enum AggregateFunction: String, CaseIterable, Hashable, Sendable {
  case count, sum, mean, min, max, stddev, distinct, first, last, previous
  case timeSinceLast = "time_since_last"
  case rate, quantile
  case decayedSum = "decayed_sum"
  case decayedMean = "decayed_mean"
  case decayedCount = "decayed_count"
  case top
  case topShare = "top_share"
  case entropy
  case speed = "speed_kmh"
  case sequence
}

/// How a function is written.
extension AggregateFunction {
  /// What stands in its parentheses.
  enum Arguments {
    case none
    /// One value or no parentheses.
    case optional
    case one
    /// A value, and perhaps up to how many different ones are counted exactly.
    case distinct
    /// A value and a number from 0 to 1.
    case quantile
    /// Latitude and longitude.
    case place
    case steps
  }

  var arguments: Arguments {
    switch self {
    case .count: .optional
    case .timeSinceLast, .rate, .decayedCount: .none
    case .quantile: .quantile
    case .distinct: .distinct
    case .speed: .place
    case .sequence: .steps
    case .sum, .mean, .min, .max, .stddev, .first, .last, .previous, .decayedSum, .decayedMean, .top, .topShare,
      .entropy:
      .one
    }
  }

  /// Whether its rows fade with `half_life` and stand in no window.
  package var isDecayed: Bool { [.decayedSum, .decayedMean, .decayedCount].contains(self) }

  /// Whether it looks at the one row before this, and needs no window.
  package var isAboutPrevious: Bool { [.previous, .timeSinceLast, .speed].contains(self) }

  /// Whether the result is a number where the window holds nothing: 0, or false.
  package var hasEmptyResult: Bool {
    [.count, .distinct, .rate, .decayedCount, .sequence].contains(self)
  }

  /// Whether a part of time can stand for its rows by what they amount to, as `resolution` has it.
  package var isOfParts: Bool { Self.ofParts.contains(self) }

  static let ofParts: [AggregateFunction] = [.count, .sum, .mean, .stddev, .min, .max, .rate, .distinct]

  /// How it is called.
  var call: String {
    switch arguments {
    case .none: rawValue
    case .optional: "count or count(x)"
    case .one, .distinct: "\(rawValue)(x)"
    case .quantile: "quantile(x, 0.5)"
    case .place: "speed_kmh(latitude, longitude)"
    case .steps: "sequence(amount < 2 then amount > 100)"
    }
  }

  /// A whole feature, for messages.
  var example: String {
    switch self {
    case .count: "count over 1d"
    case .quantile: "quantile(x, 0.95) over 30d"
    case .rate: "rate over 1h"
    case .sequence: "sequence(3 times amount < 2 then amount > 100) over 1h"
    case _ where isDecayed: "\(arguments == .none ? rawValue : call) half_life 1d"
    case _ where isAboutPrevious: call
    default: "\(call) over 1d"
    }
  }

  /// The name that `name` may have meant: a mistyped one, or what others call the function.
  static func near(_ name: String) -> String? {
    let others: KeyValuePairs = [
      "avg": "mean", "average": "mean", "std": "stddev", "stdev": "stddev", "total": "sum", "unique": "distinct",
      "nunique": "distinct", "count_distinct": "distinct", "lag": "previous", "median": "quantile(x, 0.5)",
      "percentile": "quantile(x, 0.95)", "mode": "top", "velocity": "speed_kmh", "speed": "speed_kmh",
      "since_last": "time_since_last", "pattern": "sequence",
    ]
    return others.first { $0.key == name.lowercased() }?.value
      ?? NearestName.of(name, among: allCases.map(\.rawValue))
  }
}
