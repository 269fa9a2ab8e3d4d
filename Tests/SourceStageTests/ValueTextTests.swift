import Records
import SourceStage
import TestSupport
import Testing

/// Values that are written in a way of their own, and what is none.
@Suite struct ValueTextTests {
  /// What one field of a row gives: its value, or why it is none.
  static func read(_ column: String, _ text: String, isTime: Bool = false) throws -> (value: Value?, reason: String?) {
    let source = "time: at\ncolumns:\n  at: timestamp\n  x: \(column)"
    let quoted = "\"\(text.replacing("\"", with: "\"\""))\""
    let run = try DeclaredSource.run(
      source,
      csv: "at,x\n2020-01-01,\(text.contains(",") || text.contains("\"") ? quoted : text)\n"
    )
    return (run.rows.first?.values[1], run.letters.first?.reason)
  }

  @Test(arguments: [
    ("{type: int64, format: number}", "1.72792e+05", Value.int(172_792)),
    ("{type: int64, format: number}", "-0012.50e1", .int(-125)),
    ("{type: int64, format: number}", "0e999999999", .int(0)),
    ("{type: int64, format: number}", "9.223372036854775807E18", .int(.max)),
    ("{type: int64, format: number}", "-9223372036854775808.000", .int(.min)),
    ("{type: int64, format: number}", "12000000000000000000e-10", .int(1_200_000_000)),
    ("{type: decimal(2), format: number}", "1e3", .int(100_000)),
    ("{type: decimal(2), format: money}", "$1,234.50", .int(123_450)),
    ("{type: decimal(2), format: money}", "-$12.00", .int(-1200)),
    ("{type: decimal(2), format: money}", "$-12", .int(-1200)),
    ("{type: decimal(2), format: money}", "($1,000.00)", .int(-100_000)),
    ("{type: decimal(2), format: money}", "€ 12", .int(1200)),
    ("{type: decimal(2), format: money}", " £1,234,567.891 ", .int(123_456_789)),
    ("{type: int64, format: money}", "$1,000", .int(1000)),
    ("{type: float64, format: money}", "$0.5", .float(0.5)),
    ("{type: bool, format: yes_no}", " YES ", .bool(true)), ("{type: bool, format: yes_no}", "n", .bool(false)),
    ("{type: bool, true: [Ärger], false: [ok]}", "ÄRGER", .bool(true)),
    ("{type: int64, unquote: true}", "'12'", .int(12)), ("{type: int64, unquote: true}", "12", .int(12)),
    ("{type: string, unquote: true}", "''", .text("")), ("{type: string, unquote: true}", "'it", .text("'it")),
    ("{type: string, unquote: true}", "\"x\"", .text("x")),
    ("{type: int64?, null: [NA, '?']}", "NA", .null), ("{type: int64?, null: [NA, '?']}", " ? ", .null),
    ("{type: string?, null: ['']}", "", .null), ("{type: string?, unquote: true, null: ['']}", "''", .null),
    ("{type: timestamp, step: 90s, since: '2020-01-01 00:00:30'}", "2.5", .time("2020-01-01 00:04:15")),
    ("{type: timestamp, step: 1us, since: '1970-01-01'}", "2.5", .int(2)),
    ("{type: timestamp, step: 1us, since: '1970-01-01'}", "3.5", .int(4)),
    ("{type: timestamp, step: 1us, since: '1970-01-01'}", "-2.500001", .int(-3)),
    ("{type: timestamp, format: 'YYYY-MM-DDTHH:MM:SS.FFFZ'}", "2020-02-29T12:00:00.5Z", .time("2020-02-29 12:00:00.5")),
    ("{type: timestamp, format: 'HH:MM DD.MM.YY'}", "7:05 1.2.69", .time("2069-02-01 07:05")),
    ("{type: timestamp, format: 'yyyy-mm-dd hh:mm am'}", "2020-02-01 12:30 am", .time("2020-02-01 00:30")),
  ])
  func aValueIsRead(column: String, text: String, expected: Value) throws {
    let (value, reason) = try Self.read(column, text)
    #expect(value == expected, "\(reason ?? "")")
  }

  @Test(arguments: [
    ("{type: int64, format: number}", "1.5", "'1.5' is no whole number of 64 bits"),
    ("{type: int64, format: number}", "1e19", "'1e19' is no whole number of 64 bits"),
    ("{type: int64, format: number}", "1e-1", "'1e-1' is no whole number of 64 bits"),
    ("{type: int64, format: number}", "1e", "'1e' is no whole number of 64 bits"),
    ("{type: int64, format: number}", ".", "'.' is no whole number of 64 bits"),
    ("{type: int64, format: number}", "9223372036854775808", "'9223372036854775808' is no whole number of 64 bits"),
    (
      "int64", "9999999999999999999",
      "'9999999999999999999' is no whole number of 64 bits, which end at 9223372036854775807; declare the column as string"
    ),
    ("int64", "1.72792e+05", "'1.72792e+05' is no whole number of 64 bits; `format: number` reads it as one"),
    ("{type: decimal(2), format: money}", "$1,23.50", "'$1,23.50' is no amount that fits decimal(2)"),
    ("{type: decimal(2), format: money}", "$$1", "'$$1' is no amount that fits decimal(2)"),
    ("{type: decimal(2), format: money}", "-($1)", "'-($1)' is no amount that fits decimal(2)"),
    ("{type: decimal(2), format: money}", "$", "'$' is no amount that fits decimal(2)"),
    ("{type: decimal(2), format: money}", "1,", "'1,' is no amount that fits decimal(2)"),
    ("{type: bool, format: yes_no}", "maybe", "'maybe' is none of yes, y, no, n"),
    ("{type: bool, true: [Fraud], false: [Legit]}", "yes", "'yes' is none of fraud, legit"),
    ("{type: int64, unquote: true}", "'1\"", "''1\"' is no whole number of 64 bits"),
    (
      "{type: int64, unquote: true}", "''",
      "empty where the column is not nullable; declare it `int64?` if that is fine"
    ),
    (
      "{type: timestamp, format: 'YYYY/MM/DD HH:MM'}", "2020/02/30 10:00",
      "'2020/02/30 10:00' is no time written as YYYY/MM/DD HH:MM"
    ),
    (
      "{type: timestamp, format: YYYYMMDD}", "2020230", "'2020230' is no time written as YYYYMMDD"
    ),
    ("{type: timestamp, format: unix_seconds}", "1e30", "'1e30' is no number of steps that leads to a date"),
    ("{type: timestamp, format: unix_seconds}", "soon", "'soon' is no number of steps that leads to a date"),
    (
      "{type: timestamp, from: [x, at], format: 'DD YYYY-MM-DD'}", "1", ""
    ),
  ])
  func whatIsNoneIsADeadLetter(column: String, text: String, reason: String) throws {
    guard !reason.isEmpty else {
      #expect(throws: DeclaredSource.Refusal.self) { try Self.read(column, text) }
      return
    }
    let read = try Self.read(column, text)
    #expect(read.value == nil && read.reason == reason, "\(read)")
  }

  @Test func aPartThatIsMissingIsNamed() throws {
    let source =
      "time: at\ncolumns:\n  at: timestamp\n  x: {type: timestamp?, from: [D, T], format: 'YYYY-MM-DD HH:MM'}"
    let run = try DeclaredSource.run(
      source,
      csv: "at,d,t\n2020-01-01,2020-02-03,4:05\n2020-01-01,,\n2020-01-01,2020-02-03,\n"
    )
    #expect(run.rows.map(\.values[1]) == [.time("2020-02-03 04:05"), .null])
    #expect(run.letters.map(\.reason) == ["'T' is missing or empty, a part of the column"])
  }

  /// However a whole number is written, it is that number, or a dead letter where it is none.
  @Test func wholeNumbersAreExact() throws {
    var texts: [String] = []
    var expected: [Value] = []
    var random = SeededRandom(seed: 5)
    for _ in 0..<3000 {
      let number = Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0...63, using: &random)
      let digits = String(number.magnitude)
      let places = Int.random(in: 0..<digits.count, using: &random)
      let zeros = Int.random(in: 0...3, using: &random)
      let exponent = Int.random(in: -3...30, using: &random)
      // number = mantissa x 10^places, written with a point so far to the left, and zeros behind.
      var mantissa = digits
      if places > 0 { mantissa.insert(".", at: mantissa.index(mantissa.endIndex, offsetBy: -places)) }
      if places > 0 { mantissa += String(repeating: "0", count: zeros) }
      let isRight = random.chance(oneIn: 2)
      texts.append("\(number < 0 ? "-" : "")\(mantissa)e\(isRight ? places : places + exponent)")
      let shift = isRight ? 0 : exponent
      let scaled = Self.scaled(number, by: shift)
      expected.append(scaled.map { .int($0) } ?? .null)
    }
    let source = "time: at\ncolumns:\n  at: timestamp\n  x: {type: int64, format: number}"
    let run = try DeclaredSource.run(source, csv: "at,x\n" + texts.map { "2020-01-01,\($0)\n" }.joined())
    var read = Array(repeating: Value.null, count: texts.count)
    for row in run.rows { read[Int(row.ordinal)] = row.values[1] }
    for index in texts.indices { #expect(read[index] == expected[index], "\(texts[index])") }
  }

  private static func scaled(_ number: Int64, by power: Int) -> Int64? {
    var value = number
    for _ in 0..<abs(power) {
      if power > 0 {
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        if overflow { return nil }
        value = product
      } else {
        guard value % 10 == 0 else { return nil }
        value /= 10
      }
    }
    return value
  }
}
