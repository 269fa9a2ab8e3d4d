internal import Records

/// A place in the bytes of one JSON text (RFC 8259).
struct JSONCursor: ~Escapable {
  private let bytes: Span<UInt8>
  private let end: Int
  private(set) var at: Int

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
    self.bytes = bytes
    at = start
    self.end = end
  }

  var isAtEnd: Bool { at == end }

  mutating func skipSpace() {
    while at < end, bytes[at] == 0x20 || bytes[at] == 0x09 || bytes[at] == 0x0D { at += 1 }
  }

  /// Passes `byte` if it is next.
  mutating func take(_ byte: UInt8) -> Bool {
    guard at < end, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  /// Passes a text; its place with the quotes.
  mutating func takeText() -> Range<Int>? {
    let start = at
    guard take(UInt8(ascii: "\"")) else { return nil }
    while at < end {
      switch bytes[at] {
      case UInt8(ascii: "\""):
        at += 1
        return start..<at
      case UInt8(ascii: "\\"): at += 2
      case 0..<0x20: return nil
      default: at += 1
      }
    }
    at = min(at, end)
    return nil
  }

  /// Passes a value of any kind.
  mutating func takeValue(deepest: Int) -> Range<Int>? {
    guard at < end else { return nil }
    let start = at
    switch bytes[at] {
    case UInt8(ascii: "\""): return takeText()
    case UInt8(ascii: "{"), UInt8(ascii: "["): return takeNested(deepest: deepest)
    case UInt8(ascii: "t"): return takeWord("true")
    case UInt8(ascii: "f"): return takeWord("false")
    case UInt8(ascii: "n"): return takeWord("null")
    default:
      while at < end, Self.isNumberByte(bytes[at]) { at += 1 }
      return at > start ? start..<at : nil
    }
  }

  /// Passes an object or a list by its brackets: what is in it concerns nobody.
  private mutating func takeNested(deepest: Int) -> Range<Int>? {
    let start = at
    var depth = 0
    repeat {
      guard at < end else { return nil }
      switch bytes[at] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        at += 1
        if depth > deepest { return nil }
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        at += 1
      case UInt8(ascii: "\""): if takeText() == nil { return nil }
      default: at += 1
      }
    } while depth > 0
    return start..<at
  }

  private mutating func takeWord(_ word: StaticString) -> Range<Int>? {
    let start = at
    let count = word.utf8CodeUnitCount
    guard end - at >= count else { return nil }
    for index in 0..<count where unsafe bytes[at + index] != word.utf8Start[index] { return nil }
    at += count
    return start..<at
  }

  private static func isNumberByte(_ byte: UInt8) -> Bool {
    byte &- 0x30 <= 9 || byte == 0x2D || byte == 0x2B || byte == 0x2E || byte | 0x20 == 0x65
  }
}

/// Texts within JSON.
enum JSONText {
  /// Writes what stands between the quotes of a text, its escapes resolved; false where one means nothing.
  static func unescape(_ text: Span<UInt8>, into bytes: inout [UInt8]) -> Bool {
    bytes.removeAll(keepingCapacity: true)
    var at = 0
    while at < text.count {
      guard text[at] == UInt8(ascii: "\\") else {
        bytes.append(text[at])
        at += 1
        continue
      }
      guard at + 1 < text.count else { return false }
      at += 2
      switch text[at - 1] {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(text[at - 1])
      case UInt8(ascii: "b"): bytes.append(0x08)
      case UInt8(ascii: "f"): bytes.append(0x0C)
      case UInt8(ascii: "n"): bytes.append(0x0A)
      case UInt8(ascii: "r"): bytes.append(0x0D)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "u"):
        guard let unit = codeUnit(text, at) else { return false }
        at += 4
        var value = UInt32(unit)
        if unit & 0xFC00 == 0xD800 {
          // The first of a surrogate pair, which stands for nothing alone.
          guard at + 6 <= text.count, text[at] == UInt8(ascii: "\\"), text[at + 1] == UInt8(ascii: "u"),
            let low = codeUnit(text, at + 2), low & 0xFC00 == 0xDC00
          else { return false }
          at += 6
          value = 0x10000 + (UInt32(unit & 0x3FF) << 10 | UInt32(low & 0x3FF))
        }
        guard let scalar = Unicode.Scalar(value) else { return false }
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      default: return false
      }
    }
    return true
  }

  private static func codeUnit(_ text: Span<UInt8>, _ start: Int) -> UInt16? {
    guard start + 4 <= text.count else { return nil }
    var value: UInt16 = 0
    for index in start..<start + 4 {
      let byte = text[index]
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46, 0x61...0x66: digit = (byte | 0x20) - 0x57
      default: return nil
      }
      value = value << 4 | UInt16(digit)
    }
    return value
  }
}
