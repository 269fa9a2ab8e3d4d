internal import Records

/// Numbers that are not written the plain way.
enum NumberText {
  /// The whole number that `text` spells exactly, in scientific notation or with a point too; nil for any other.
  static func whole(_ text: Span<UInt8>) -> Int64? {
    var at = 0
    let isNegative = text.count > 0 && text[0] == 0x2D
    if text.count > 0, text[0] == 0x2D || text[0] == 0x2B { at = 1 }
    // The digits up to the last that is not zero, and the power of ten of that one.
    var value: UInt64 = 0
    var pending = 0
    var power = 0
    var (digits, hasPoint) = (0, false)
    while at < text.count {
      let digit = text[at] &- 0x30
      if digit <= 9 {
        digits += 1
        if hasPoint { power -= 1 }
        if digit == 0 {
          pending += 1
        } else {
          guard let longer = shift(value, by: value == 0 ? 1 : pending + 1) else { return nil }
          let (sum, overflow) = longer.addingReportingOverflow(UInt64(digit))
          if overflow { return nil }
          value = sum
          pending = 0
        }
      } else if text[at] == 0x2E, !hasPoint {
        hasPoint = true
      } else {
        break
      }
      at += 1
    }
    guard digits > 0 else { return nil }
    if at < text.count {
      guard text[at] | 0x20 == 0x65, let exponent = exponent(text, from: at + 1) else { return nil }
      power += exponent
    }
    if value == 0 { return 0 }
    guard power + pending >= 0, let magnitude = shift(value, by: power + pending) else { return nil }
    return isNegative
      ? magnitude <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil : Int64(exactly: magnitude)
  }

  /// Whether it is digits behind an optional sign, and nothing else.
  static func isDigits(_ text: Span<UInt8>) -> Bool {
    let start = text.count > 0 && (text[0] == 0x2D || text[0] == 0x2B) ? 1 : 0
    for index in start..<text.count where text[index] &- 0x30 > 9 { return false }
    return text.count > start
  }

  /// Times ten to a power; nil where that does not fit.
  private static func shift(_ value: UInt64, by power: Int) -> UInt64? {
    guard value != 0 else { return 0 }
    guard 0...19 ~= power else { return nil }
    var value = value
    for _ in 0..<power {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = product
    }
    return value
  }

  private static func exponent(_ text: Span<UInt8>, from start: Int) -> Int? {
    var at = start
    let isNegative = at < text.count && text[at] == 0x2D
    if at < text.count, text[at] == 0x2D || text[at] == 0x2B { at += 1 }
    guard at < text.count else { return nil }
    var value = 0
    while at < text.count {
      let digit = text[at] &- 0x30
      guard digit <= 9 else { return nil }
      // Larger ones make no difference.
      value = min(value * 10 + Int(digit), 1_000_000)
      at += 1
    }
    return isNegative ? -value : value
  }

  /// Writes an amount the plain way: without its currency sign, without the commas between its thousands, its sign in front.
  ///
  /// - Returns: false where the text is no amount.
  static func writePlain(money text: Span<UInt8>, into plain: inout [UInt8]) -> Bool {
    plain.removeAll(keepingCapacity: true)
    var text = text
    let isInBrackets = text.count > 2 && text[0] == UInt8(ascii: "(") && text[text.count - 1] == UInt8(ascii: ")")
    if isInBrackets { text = FieldText.spaceless(text.extracting(1..<text.count - 1)) }
    var at = 0
    var (hasSign, hasCurrency) = (false, false)
    while at < text.count, text[at] &- 0x30 > 9, text[at] != 0x2E {
      let length = currencyLength(text, at)
      if text[at] == 0x2D || text[at] == 0x2B, !hasSign, !isInBrackets {
        hasSign = true
        if text[at] == 0x2D { plain.append(0x2D) }
        at += 1
      } else if length > 0, !hasCurrency {
        hasCurrency = true
        at += length
      } else if text[at] == CSVText.space, hasCurrency {
        at += 1
      } else {
        return false
      }
    }
    if isInBrackets { plain.append(0x2D) }
    return writeDigits(text.extracting(at..<text.count), into: &plain)
  }

  /// Writes digits, point and fraction, where commas stand between every three digits or nowhere.
  private static func writeDigits(_ text: Span<UInt8>, into plain: inout [UInt8]) -> Bool {
    var (group, groups, hasPoint) = (0, 0, false)
    let first = plain.count
    for index in text.indices {
      let byte = text[index]
      if byte &- 0x30 <= 9 {
        group += 1
        plain.append(byte)
      } else if byte == CSVText.comma, !hasPoint, groups == 0 ? 1...3 ~= group : group == 3 {
        (group, groups) = (0, groups + 1)
      } else if byte == 0x2E, !hasPoint, groups == 0 || group == 3 {
        (hasPoint, groups, group) = (true, 0, 0)
        plain.append(byte)
      } else {
        return false
      }
    }
    return plain.count > first && (groups == 0 || group == 3)
  }

  /// Bytes of the currency sign at `at`; 0 where there is none.
  private static func currencyLength(_ text: Span<UInt8>, _ at: Int) -> Int {
    if text[at] == UInt8(ascii: "$") { return 1 }
    let rest = text.count - at
    // £ and ¥, then €, ₹, ₩ and the other signs of their block.
    if rest > 1, text[at] == 0xC2, text[at + 1] == 0xA3 || text[at + 1] == 0xA5 { return 2 }
    return rest > 2 && text[at] == 0xE2 && text[at + 1] == 0x82 && 0xA0...0xBF ~= text[at + 2] ? 3 : 0
  }
}
