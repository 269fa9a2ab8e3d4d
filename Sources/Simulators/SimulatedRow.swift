package import Records

/// A row of simulated data.
package protocol SimulatedRow {
  /// Writes the header line of its columns.
  static func appendHeader(to text: inout TextBuffer)

  /// Writes the CSV line of this row.
  ///
  /// - Parameters:
  ///   - id: its number in the order of time.
  ///   - start: the time from which its own counts, in microseconds since 1970.
  func append(id: Int, start: Int64, to text: inout TextBuffer)
}

/// When simulated streams start, and how their rows tell the time.
package enum SimulatedTime {
  /// A Monday: microseconds since 1970.
  package static let start = Timestamp.days(year: 2026, month: 3, day: 2) * Timestamp.microsecondsPerDay
  static let minute = 60
  static let hour = 3600
  static let day = 86_400

  /// What happens `perDay` times a day on average happens so often on `day`.
  static func count(on day: Int, _ perDay: Double) -> Int { Int(Double(day + 1) * perDay) - Int(Double(day) * perDay) }
}

extension TextBuffer {
  /// `time` in seconds after `start`, which is in microseconds since 1970.
  mutating func append(seconds time: Int64, after start: Int64) {
    append(timestamp: start + time * Timestamp.microsecondsPerSecond, separator: UInt8(ascii: " "))
  }

  /// A comma and a number behind it.
  mutating func append(field value: Int64) {
    append(byte: UInt8(ascii: ","))
    append(integer: value)
  }

  /// A comma and a decimal number behind it: `value` / 10^`scale`.
  mutating func append(field value: Int64, scale: Int) {
    append(byte: UInt8(ascii: ","))
    append(decimal: value, scale: scale)
  }

  /// A comma and a text behind it, which needs no quotes.
  mutating func append(field text: String) {
    append(byte: UInt8(ascii: ","))
    append(text)
  }

  /// The last two fields: 1 and what it was, or 0 and nothing.
  mutating func append(label: String?) {
    append(label == nil ? ",0," : ",1,")
    append(label ?? "")
    append(byte: UInt8(ascii: "\n"))
  }
}
