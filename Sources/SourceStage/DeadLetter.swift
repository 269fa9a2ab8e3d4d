internal import Records

/// An input that could not be processed, as a line of JSON.
struct DeadLetter {
  let source: String
  let line: Int
  let offset: Int
  let field: String?
  let reason: String

  /// Longer inputs are cut to this.
  static let mostBytes = 1 << 16

  /// - Parameters:
  ///   - raw: the input's bytes, shown as a text where they are UTF-8, as Base64 where not.
  ///   - isCut: there were more.
  func append(raw: Span<UInt8>, isCut: Bool, to text: inout TextBuffer) {
    text.append("{\"source\":")
    text.append(json: source)
    text.append(",\"line\":")
    text.append(integer: Int64(line))
    text.append(",\"byte_offset\":")
    text.append(integer: Int64(offset))
    text.append(",\"field\":")
    if let field { text.append(json: field) } else { text.append("null") }
    text.append(",\"reason\":")
    text.append(json: reason)
    let kept = raw.extracting(first: Self.mostBytes)
    let isText = unsafe kept.withUnsafeBufferPointer { unsafe String(validating: $0, as: UTF8.self) } != nil
    if isText {
      text.append(",\"raw\":")
      text.append(json: kept)
    } else {
      text.append(",\"raw_base64\":\"")
      Self.append(base64: kept, to: &text)
      text.append("\"")
    }
    if isCut || raw.count > kept.count { text.append(",\"raw_is_cut\":true") }
    text.append("}\n")
  }

  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  private static func append(base64 bytes: Span<UInt8>, to text: inout TextBuffer) {
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let count = min(3, bytes.count - start)
      var group = 0
      for index in 0..<3 { group = group << 8 | (index < count ? Int(bytes[start + index]) : 0) }
      for index in 0..<4 {
        text.append(byte: index <= count ? alphabet[group >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
      }
    }
  }
}
