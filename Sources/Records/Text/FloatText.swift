internal import Glibc

/// Binary floating-point numbers as text.
public enum FloatText {
  /// The double nearest to the number that `text` spells; nil when it spells none, or none that is finite.
  @inlinable
  public static func parse(_ text: Span<UInt8>) -> Double? {
    // Clinger's exact case: a significand below 2^53 and a power of ten that is itself a double.
    var index = 0
    var negative = false
    if text.count > 0, text[0] == 0x2D || text[0] == 0x2B {
      negative = text[0] == 0x2D
      index = 1
    }
    guard text.count &- index <= 16 else { return parseAny(text) }
    var significand: Int64 = 0
    var digits = 0
    var places = -1
    while index < text.count {
      let digit = text[index] &- 0x30
      if digit <= 9 {
        significand = significand &* 10 &+ Int64(digit)
        digits &+= 1
        if places >= 0 { places &+= 1 }
      } else if text[index] == 0x2E && places < 0 {
        places = 0
      } else {
        return parseAny(text)
      }
      index &+= 1
    }
    guard digits > 0 else { return nil }
    guard significand < 1 &<< 53 else { return parseAny(text) }
    let value = Double(significand) / Double(DecimalText.powersOfTen[max(places, 0)])
    return negative ? -value : value
  }

  @usableFromInline
  static func parseAny(_ text: Span<UInt8>) -> Double? {
    // strtod also takes hexadecimal, "inf", "nan" and leading space: none of them is a number here.
    guard 1...1024 ~= text.count else { return nil }
    for index in 0..<text.count {
      switch text[index] {
      case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x65, 0x45: break
      default: return nil
      }
    }
    return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: text.count + 1) { copy in
      for index in 0..<text.count { unsafe copy[index] = CChar(bitPattern: text[index]) }
      unsafe copy[text.count] = 0
      guard let start = copy.baseAddress else { return nil }
      var end: UnsafeMutablePointer<CChar>?
      let value = unsafe strtod(start, &end)
      return unsafe end == start + text.count && value.isFinite ? value : nil
    }
  }
}
