/// Texts made of texts. A character is a Unicode scalar: every byte but those that continue one begins one.
enum TextMaking {
  static func append(_ text: Span<UInt8>, to result: inout [UInt8]) {
    for index in text.indices { result.append(text[index]) }
  }

  static func lower(_ text: Span<UInt8>, into result: inout [UInt8]) {
    convert(text, 0x41...0x5A, { $0.lowercased() }, into: &result)
  }

  static func upper(_ text: Span<UInt8>, into result: inout [UInt8]) {
    convert(text, 0x61...0x7A, { $0.uppercased() }, into: &result)
  }

  /// - Parameters:
  ///   - letters: the ASCII letters that change case.
  ///   - whole: what becomes of a text with other letters.
  @inline(__always)
  private static func convert(
    _ text: Span<UInt8>,
    _ letters: ClosedRange<UInt8>,
    _ whole: (String) -> String,
    into result: inout [UInt8]
  ) {
    var isASCII = true
    for index in text.indices {
      let byte = text[index]
      isASCII = isASCII && byte < 0x80
      result.append(letters.contains(byte) ? byte ^ 0x20 : byte)
    }
    if isASCII { return }
    result.removeAll(keepingCapacity: true)
    append(text, to: &result)
    let converted = whole(String(decoding: result, as: UTF8.self))
    result.removeAll(keepingCapacity: true)
    result += converted.utf8
  }

  /// Without spaces, tabs and line ends at its ends.
  static func trim(_ text: Span<UInt8>, into result: inout [UInt8]) {
    var (start, end) = (0, text.count)
    while start < end, isSpace(text[start]) { start += 1 }
    while end > start, isSpace(text[end - 1]) { end -= 1 }
    append(text.extracting(start..<end), to: &result)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0D ~= byte }

  static func length(_ text: Span<UInt8>) -> Int {
    var count = 0
    for index in text.indices { count += text[index] & 0xC0 == 0x80 ? 0 : 1 }
    return count
  }

  /// - Parameters:
  ///   - start: the first character to take, from 1.
  ///   - count: at most so many, 0 or more.
  static func substring(_ text: Span<UInt8>, from start: Int64, count: Int64, into result: inout [UInt8]) {
    var character: Int64 = 0
    for index in text.indices {
      if text[index] & 0xC0 != 0x80 { character += 1 }
      guard character >= start else { continue }
      if character - start >= count { return }
      result.append(text[index])
    }
  }
}
