internal import Glibc
internal import Records

/// One of the two axes of a plot.
struct Axis {
  let label: String
  let low: Double
  let high: Double
  /// Powers of ten stand at equal distances; what is below the first stands at the start.
  let isLogarithmic: Bool
  let ticks: [Tick]

  struct Tick {
    let value: Double
    let text: String
  }

  /// From `low` to the next round number from `high` on.
  static func linear(_ label: String, from low: Double = 0, to high: Double, isWhole: Bool = false) -> Axis {
    // No difference of two such numbers is infinite.
    let (low, asked) = (min(max(low, -1e300), 1e300), min(max(high, -1e300), 1e300))
    let high = asked > low ? asked : low + max(1, abs(low))
    let range = high - low
    let magnitude = pow(10, floor(log10(range / 5)))
    let steps = [1, 2, 5, 10].map { $0 * magnitude }
    let step = max(steps.first { range / $0 <= 5.001 } ?? range, isWhole ? 1 : 0)
    let count = Int((range / step - 1e-9).rounded(.up))
    let places = max(0, min(9, Int(-floor(log10(step) + 1e-9))))
    return Axis(
      label: label,
      low: low,
      high: low + Double(count) * step,
      isLogarithmic: false,
      ticks: (0...count).map { number in
        let value = low + Double(number) * step
        return Tick(value: value, text: value.grouped(places))
      }
    )
  }

  /// Counts from 0 to a power of ten from `high` on.
  static func counts(_ label: String, to high: Double) -> Axis {
    let powers = max(1, Int(log10(max(high, 1)).rounded(.up)))
    return Axis(
      label: label,
      low: 0.5,
      high: pow(10, Double(powers)),
      isLogarithmic: true,
      ticks: (0...powers).map { power in
        let value = pow(10, Double(power))
        return Tick(value: value, text: Int64(value).grouped)
      }
    )
  }

  /// Names at equal distances, only so many of them shown.
  static func names(_ label: String, _ names: [String], shown: Int) -> Axis {
    let step = max(1, (names.count + shown - 1) / max(shown, 1))
    return Axis(
      label: label,
      low: 0,
      high: Double(max(names.count, 1)),
      isLogarithmic: false,
      ticks: stride(from: 0, to: names.count, by: step).map { Tick(value: Double($0) + 0.5, text: names[$0]) }
    )
  }

  /// How far along the axis a value stands, 0 to 1.
  func share(_ value: Double) -> Double {
    let share =
      isLogarithmic ? (log10(max(value, low)) - log10(low)) / (log10(high) - log10(low)) : (value - low) / (high - low)
    return share.isFinite ? min(max(share, 0), 1) : 0
  }
}
