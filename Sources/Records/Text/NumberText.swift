extension BinaryInteger {
  /// 1234567 as `1,234,567`.
  package var grouped: String {
    var text = ""
    for (place, digit) in String(magnitude).reversed().enumerated() {
      if place > 0 && place % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (self < 0 ? "-" : "") + String(text.reversed())
  }
}

extension Double {
  /// With so many decimal places, at most 9; numbers too large for that as they are.
  package func fixed(_ places: Int) -> String {
    let unit = Double(DecimalText.powersOfTen[places])
    let scaled = (self * unit).rounded()
    guard abs(scaled) < 0x1p53 else { return description }
    var text = TextBuffer()
    text.append(decimal: Int64(scaled), scale: places)
    return text.bytes.text
  }

  /// As `fixed`, with commas between thousands.
  package func grouped(_ places: Int) -> String {
    let text = fixed(places)
    let whole = text.prefix { $0 != "." }
    return (Int64(whole).map { whole.hasPrefix("-") && $0 == 0 ? "-0" : $0.grouped } ?? String(whole))
      + text.dropFirst(whole.count)
  }
}

extension Span<UInt8> {
  fileprivate var text: String { unsafe withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) } }
}
