/// Decimal numbers as text, exactly: no digit passes through a binary fraction.
public enum DecimalText {
  /// 10^0 ... 10^18.
  @usableFromInline
  static let powersOfTen: InlineArray<19, Int64> = {
    var powers = InlineArray<19, Int64>(repeating: 1)
    for index in 1..<19 { powers[index] = powers[index - 1] * 10 }
    return powers
  }()

  /// 10^`exponent`, for an exponent of 0...18.
  package static func powerOfTen(_ exponent: Int) -> Int64 { powersOfTen[exponent] }

  /// The number that `text` spells, scaled by 10^`scale` and rounded half to even at the last place kept.
  ///
  /// Takes an optional sign, digits with an optional point, and an optional exponent (`-12.50`, `.5`, `1e3`,
  /// `85.64999999999999`). Nil when the text is anything else or the scaled value does not fit in 64 bits.
  @inlinable
  public static func parse(_ text: Span<UInt8>, scale: Int) -> Int64? {
    // The usual shape, all digits kept: a sign, digits, a point and at most `scale` digits.
    var index = 0
    var negative = false
    if text.count > 0, text[0] == 0x2D || text[0] == 0x2B {
      negative = text[0] == 0x2D
      index = 1
    }
    guard text.count &- index <= 18 else { return parseAny(text, scale: scale) }
    var value: Int64 = 0
    var digits = 0
    var places = -1
    while index < text.count {
      let byte = text[index]
      let digit = byte &- 0x30
      if digit <= 9 {
        value = value &* 10 &+ Int64(digit)
        digits &+= 1
        if places >= 0 { places &+= 1 }
      } else if byte == 0x2E && places < 0 {
        places = 0
      } else {
        return parseAny(text, scale: scale)
      }
      index &+= 1
    }
    if places < 0 { places = 0 }
    guard digits > 0, places <= scale else { return digits > 0 ? parseAny(text, scale: scale) : nil }
    let (scaled, overflow) = value.multipliedReportingOverflow(by: powersOfTen[scale &- places])
    guard !overflow else { return nil }
    return negative ? 0 &- scaled : scaled
  }

  /// Every shape that the fast path above leaves: many digits, exponents, rounding.
  @usableFromInline
  static func parseAny(_ text: Span<UInt8>, scale: Int) -> Int64? {
    guard let number = Number(text) else { return nil }
    // The digit with weight 10^-scale is the last one kept.
    var magnitude: UInt64 = 0
    let kept = number.exponent + scale + number.digits.count
    guard number.digits.contains(where: { $0 != 0 }) else { return 0 }
    guard kept >= 0 else { return 0 }
    guard kept <= 20 else {
      // Leading zeros may still make it fit; strip them by value below.
      let leading = number.digits.prefix { $0 == 0 }.count
      guard kept - leading <= 20 else { return nil }
      return finish(number, kept: kept, &magnitude)
    }
    return finish(number, kept: kept, &magnitude)
  }

  private static func finish(_ number: Number, kept: Int, _ magnitude: inout UInt64) -> Int64? {
    for place in 0..<kept {
      let digit = place < number.digits.count ? number.digits[place] : 0
      let (tens, overflow) = magnitude.multipliedReportingOverflow(by: 10)
      let (sum, carried) = tens.addingReportingOverflow(UInt64(digit))
      guard !overflow, !carried else { return nil }
      magnitude = sum
    }
    // Rounding up must not overflow either; what is above fits in no case.
    guard magnitude <= UInt64(Int64.max) + 1 else { return nil }
    if kept < number.digits.count {
      let next = number.digits[kept]
      let rest = number.digits[(kept + 1)...].contains { $0 != 0 }
      if next > 5 || (next == 5 && (rest || magnitude % 2 == 1)) {
        let (rounded, overflow) = magnitude.addingReportingOverflow(1)
        guard !overflow else { return nil }
        magnitude = rounded
      }
    }
    return number.isNegative
      ? (magnitude <= UInt64(Int64.max) + 1 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil)
      : Int64(exactly: magnitude)
  }

  /// A number taken apart: digits x 10^exponent.
  private struct Number {
    var isNegative = false
    var digits: [UInt8] = []
    var exponent = 0

    init?(_ text: Span<UInt8>) {
      var index = 0
      if text.count > 0, text[0] == 0x2D || text[0] == 0x2B {
        isNegative = text[0] == 0x2D
        index = 1
      }
      var sawPoint = false
      while index < text.count {
        let byte = text[index]
        if byte &- 0x30 <= 9 {
          digits.append(byte &- 0x30)
          if sawPoint { exponent -= 1 }
        } else if byte == 0x2E && !sawPoint {
          sawPoint = true
        } else {
          break
        }
        index += 1
      }
      guard !digits.isEmpty else { return nil }
      guard index < text.count else { return }
      guard text[index] == 0x65 || text[index] == 0x45 else { return nil }
      index += 1
      var sign = 1
      if index < text.count, text[index] == 0x2D || text[index] == 0x2B {
        sign = text[index] == 0x2D ? -1 : 1
        index += 1
      }
      guard index < text.count else { return nil }
      var power = 0
      while index < text.count {
        let digit = text[index] &- 0x30
        guard digit <= 9 else { return nil }
        // Beyond any exponent that could matter; larger ones saturate.
        power = min(power * 10 + Int(digit), 1_000_000)
        index += 1
      }
      exponent += sign * power
    }
  }
}
