package import Records

extension String {
  /// Gives `body` the UTF-8 of the text.
  package func withBytes<T>(_ body: (Span<UInt8>) -> T) -> T {
    let bytes = Array(utf8)
    return body(bytes.span)
  }
}

extension TextBuffer {
  /// What `body` writes into an empty buffer.
  package static func text(_ body: (inout TextBuffer) -> Void) -> String {
    var buffer = TextBuffer()
    body(&buffer)
    return buffer.text
  }
}
