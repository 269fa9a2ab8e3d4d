/// Durations as a pipeline file spells them: a whole number and a unit, `90s`, `24h`, `7d`.
package enum DurationText {
  private static let units: [(suffix: String, microseconds: Int64)] = [
    ("us", 1), ("ms", 1000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000), ("d", 86_400_000_000),
    ("w", 604_800_000_000),
  ]

  /// What to write, for messages.
  package static let remedy = "write a duration: a whole number and one of us, ms, s, m, h, d, w, as in 24h"

  /// Microseconds; nil when `text` spells no duration, or one that no 64-bit number holds.
  package static func parse(_ text: some StringProtocol) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int64(digits), let unit = units.first(where: { $0.suffix == text.dropFirst(digits.count) })
    else { return nil }
    let (amount, overflow) = number.multipliedReportingOverflow(by: unit.microseconds)
    return overflow ? nil : amount
  }

  /// The shortest text for a time of 0 or more, without weeks: 36 hours are `36h`, a week is `7d`.
  package static func spelling(_ microseconds: some BinaryInteger) -> String {
    let units = units.dropLast().reversed()
    guard microseconds > 0, let unit = units.first(where: { microseconds % .init($0.microseconds) == 0 }) else {
      return "0s"
    }
    return "\(microseconds / .init(unit.microseconds))\(unit.suffix)"
  }
}
