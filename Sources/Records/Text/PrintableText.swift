extension String {
  /// With control characters spelled out (`\r`, `\u{1B}`), so that a message that quotes a file is one line and moves no
  /// cursor.
  package var printable: String {
    guard unicodeScalars.contains(where: \.isControl) else { return self }
    var text = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "\r": text += "\\r"
      case "\n": text += "\\n"
      case "\t": text += "\\t"
      default:
        if scalar.isControl {
          text += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        } else {
          text.unicodeScalars.append(scalar)
        }
      }
    }
    return text
  }
}

extension Unicode.Scalar {
  /// Of the sets C0 and C1, or DEL.
  fileprivate var isControl: Bool { value < 0x20 || 0x7F...0x9F ~= value }
}
