internal import Foundation

/// How long rows took, in milliseconds.
struct Percentiles {
  let p50: Double
  let p99: Double
  let p999: Double
  let most: Double

  static let columns = ["p50", "p99", "p99.9", "max"]

  var texts: [String] { [p50, p99, p999, most].map { Figures.fixed($0, 3) } }

  /// Of one or more samples.
  init(_ samples: [Double]) {
    let sorted = samples.sorted()
    func value(_ share: Double) -> Double { sorted[min(Int(share * Double(sorted.count)), sorted.count - 1)] }
    (p50, p99, p999, most) = (value(0.5), value(0.99), value(0.999), value(1))
  }

  /// As the summary of `sluice run` writes them: `p50 210 us  p99 1.30 ms  p99.9 4.02 ms  max 1.05 s`.
  init?(_ text: String) {
    let words = text.split(separator: " ")
    let units = ["us": 1e-3, "ms": 1, "s": 1e3]
    guard words.count == 12 else { return nil }
    var values: [Double] = []
    for (index, name) in Self.columns.enumerated() {
      guard words[3 * index] == name, let value = Double(words[3 * index + 1]),
        let unit = units[String(words[3 * index + 2])]
      else { return nil }
      values.append(value * unit)
    }
    (p50, p99, p999, most) = (values[0], values[1], values[2], values[3])
  }
}
