internal import Records

/// How the figures of a backtest are written.
package enum Words {
  /// `2018-04-01`.
  package static func date(_ day: Int64) -> String {
    let date = Timestamp.date(ofDay: day)
    func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(date.year)-\(padded(date.month))-\(padded(date.day))"
  }

  /// A sum of amounts with so many decimal places: `1,234.50`.
  package static func money(_ units: Int128, scale: Int) -> String {
    let unit = Int128(DecimalText.powerOfTen(scale))
    let (whole, rest) = (units.magnitude / unit.magnitude, units.magnitude % unit.magnitude)
    let digits = String(rest)
    let places = scale == 0 ? "" : "." + String(repeating: "0", count: scale - digits.count) + digits
    return (units < 0 ? "-" : "") + whole.grouped + places
  }

  /// A share: `12.3%`; a dash where there is none.
  package static func percent(_ share: Double?) -> String { share.map { ($0 * 100).fixed(1) + "%" } ?? "-" }

  /// `row` or `rows`.
  package static func rows(_ count: Int64) -> String { count == 1 ? "1 row" : "\(count.grouped) rows" }

  /// What a reason is called.
  package static func reason(_ text: String) -> String { text.isEmpty ? "(score alone)" : text }

  /// A change with its sign.
  package static func change(_ difference: Int64) -> String {
    difference > 0 ? "+\(difference.grouped)" : difference.grouped
  }
}
