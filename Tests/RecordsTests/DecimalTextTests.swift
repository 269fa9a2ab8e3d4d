import Records
import TestSupport
import Testing

@Suite struct DecimalTextTests {
  static func parse(_ text: String, _ scale: Int) -> Int64? { text.withBytes { DecimalText.parse($0, scale: scale) } }

  @Test(
    arguments: [
      ("12.50", 2, 1250), ("-12.50", 2, -1250), ("+.5", 2, 50), ("7.", 2, 700), ("0", 0, 0), ("-0", 2, 0),
      ("85.64999999999999", 2, 8565), ("85.64999999999999", 1, 856), ("0.30000000000000004", 2, 30),
      ("1e3", 0, 1000), ("1E+3", 2, 100_000), ("12.5e-1", 2, 125), ("0e999999999999", 2, 0), ("1e-999999999999", 2, 0),
      ("0.125", 2, 12), ("0.135", 2, 14), ("0.1250000000000000000001", 2, 13), ("-0.125", 2, -12), ("-0.135", 2, -14),
      ("0.5", 0, 0), ("1.5", 0, 2), ("2.5", 0, 2), (".5", 0, 0), (".50000000000000000001", 0, 1), ("0.005", 2, 0),
      ("0.0005", 2, 0), ("0.015", 2, 2), ("9.995", 2, 1000), ("000000000000000000000000012.5", 1, 125),
      ("9223372036854775807", 0, .max), ("-9223372036854775808", 0, .min), ("9223372036854775807.4", 0, .max),
      ("-92233720368547758.08", 2, .min), ("0.000000000000000001", 18, 1), ("9.223372036854775807", 18, .max),
    ] as [(String, Int, Int64)]
  )
  func reads(text: String, scale: Int, value: Int64) { #expect(Self.parse(text, scale) == value) }

  @Test(
    arguments: [
      "", "+", "-", ".", "-.", "1.2.3", "1 ", " 1", "1,000", "--1", "1e", "1e+", "e3", "1e3.5", "0x10", "nan", "inf",
      "1_0",
      "9223372036854775808", "-9223372036854775809", "9223372036854775807.5", "99999999999999999999",
      "18446744073709551615", "18446744073709551615.9", "18446744073709551616", "1e19", "1e999999999999",
      "123456789012345678901234567890",
    ]
  )
  func refuses(text: String) { #expect(Self.parse(text, 0) == nil) }

  @Test func refusesWhatTheScaleTakesOutOfRange() {
    #expect(Self.parse("10", 18) == nil)
    #expect(Self.parse("9223372036854775.808", 3) == nil)
    #expect(Self.parse("-9223372036854775.808", 3) == .min)
  }

  @Test func readsBackWhatItPrints() {
    var random = SeededRandom(seed: 0)
    for seed in Seeds.range(20_000) {
      let edge = [Int64.min, .max, 0, 1, -1].randomElement(using: &random) ?? 0
      let value =
        random.chance(oneIn: 20) ? edge : Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random)
      let scale = Int.random(in: 0...18, using: &random)
      let text = TextBuffer.text { $0.append(decimal: value, scale: scale) }
      #expect(Self.parse(text, scale) == value, "\(seed): \(value) at scale \(scale) as \(text)")
      #expect(text.split(separator: ".").dropFirst().first?.count ?? 0 == scale, "\(seed): \(text)")
    }
  }

  /// Digits, a point somewhere among them, perhaps an exponent, against 128-bit arithmetic.
  @Test func roundsHalfToEvenAtTheScale() {
    for seed in Seeds.range(20_000) {
      var random = SeededRandom(seed: seed)
      let isTie = random.chance(oneIn: 3)
      let count = Int.random(in: 1...24, using: &random)
      var digits = (0..<count).map { _ in Int.random(in: 0...9, using: &random) }
      let places = Int.random(in: 0...count, using: &random)
      let scale = Int.random(in: 0...18, using: &random)
      // The half is where rounding goes wrong.
      if isTie, places > scale {
        let at = count - places + scale
        digits.replaceSubrange(at..., with: [5] + Array(repeating: 0, count: count - at - 1))
      }
      let sign = random.chance(oneIn: 2) ? "-" : ""
      let exponent = random.chance(oneIn: 3) ? Int.random(in: -6...6, using: &random) : 0
      // The exponent moves the point back to where it is meant to be.
      let shown = places + exponent
      guard 0...count ~= shown else { continue }
      let text =
        sign + digits.prefix(count - shown).map(String.init).joined() + "."
        + digits.suffix(shown).map(String.init).joined() + (exponent == 0 ? "" : "e\(exponent)")
      let magnitude = digits.reduce(Int128(0)) { $0 * 10 + Int128($1) }
      let expected = Self.scaled(sign.isEmpty ? magnitude : -magnitude, places: places, scale: scale)
      #expect(Self.parse(text, scale) == expected, "seed \(seed): \(text) at scale \(scale)")
    }
  }

  static func scaled(_ digits: Int128, places: Int, scale: Int) -> Int64? {
    var unit = Int128(1)
    for _ in 0..<abs(places - scale) { unit *= 10 }
    if places <= scale {
      let (product, overflow) = digits.multipliedReportingOverflow(by: unit)
      return overflow ? nil : Int64(exactly: product)
    }
    let (quotient, rest) = digits.quotientAndRemainder(dividingBy: unit)
    let twice = rest.magnitude * 2
    let isUp = twice > unit.magnitude || (twice == unit.magnitude && quotient % 2 != 0)
    return Int64(exactly: quotient + (isUp ? (digits < 0 ? -1 : 1) : 0))
  }
}
