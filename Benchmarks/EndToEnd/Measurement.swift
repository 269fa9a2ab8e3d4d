internal import Foundation

/// One figure, measured several times.
struct Measurement {
  private var samples: [Double] = []

  mutating func add(_ sample: Double) { samples.append(sample) }

  var least: Double { samples.min() ?? .nan }
  var greatest: Double { samples.max() ?? .nan }

  var median: Double {
    guard !samples.isEmpty else { return .nan }
    let sorted = samples.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }

  /// Median, least and greatest as texts.
  func texts(_ format: (Double) -> String) -> [String] { [median, least, greatest].map(format) }
}

/// Figures for people.
enum Figures {
  static func fixed(_ value: Double, _ places: Int) -> String { String(format: "%.\(places)f", value) }

  static func megabytes(_ bytes: Double) -> String { "\(fixed(bytes / 1e6, 0)) MB" }

  /// 1234567 as `1,234,567`.
  static func grouped(_ value: Double) -> String {
    var text = ""
    for (place, digit) in fixed(value, 0).reversed().enumerated() {
      if place > 0 && place % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }
}
