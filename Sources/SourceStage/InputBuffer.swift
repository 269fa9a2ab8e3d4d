/// The bytes of the input that are not used up, and where in the input they stand.
struct InputBuffer {
  private(set) var bytes: [UInt8] = []
  /// The place in `bytes` of the next one to read.
  var at = 0
  /// The place in the input of the first of them.
  private var origin = 0

  /// Bytes left.
  var count: Int { bytes.count - at }
  /// The place of the next byte in the input.
  var offset: Int { origin + at }

  mutating func append(_ more: Span<UInt8>) {
    origin += at
    bytes.removeSubrange(..<at)
    at = 0
    unsafe more.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }

  /// Appends bytes whose line ends mean nothing.
  mutating func appendInOneLine(_ more: Span<UInt8>) {
    let start = count
    append(more)
    for index in (at + start)..<bytes.count where bytes[index] == CSVText.newline { bytes[index] = CSVText.space }
  }

  /// Ends the last line, which may lack its line end.
  mutating func endLine() {
    if count > 0, bytes[bytes.count - 1] != CSVText.newline { bytes.append(CSVText.newline) }
  }

  /// Leaves out all that is left.
  mutating func skipAll() { at = bytes.count }
}
