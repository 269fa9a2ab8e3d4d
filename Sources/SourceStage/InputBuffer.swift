/// The bytes of the input that are not used up, and where in the input they stand.
struct InputBuffer {
  private(set) var bytes: [UInt8] = []
  /// The place in `bytes` of the next one to read.
  var at = 0
  /// The place in the input of the first of them.
  private var origin = 0
  /// The place in `bytes` from which on they are kept although they are used up, for they may be read again.
  private var kept: Int?
  /// Bytes to come that were used up before a restart.
  private var usedBefore = 0
  /// Whether the last line end is none of the input's.
  private var hasOwnLineEnd = false

  init() {}

  /// The rest of an input.
  ///
  /// - Parameters:
  ///   - origin: the place in the input of the first byte to come.
  ///   - used: how many from there on are used up already.
  init(from origin: Int, used: Int) {
    self.origin = origin
    usedBefore = used
  }

  /// Bytes left.
  var count: Int { bytes.count - at }
  /// The place of the next byte in the input.
  var offset: Int { origin + at + usedBefore }
  /// The place in the input behind the last byte.
  var end: Int { origin + bytes.count }
  /// The place in the input behind the last byte that somebody supplied.
  var suppliedEnd: Int { hasOwnLineEnd ? end - 1 : end }
  /// Bytes that are used up and kept.
  var keptCount: Int { at - (kept ?? at) }

  mutating func append(_ more: Span<UInt8>) {
    let used = kept ?? at
    origin += used
    bytes.removeSubrange(..<used)
    at -= used
    if kept != nil { kept = 0 }
    unsafe more.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    if usedBefore > 0 {
      let used = min(usedBefore, count)
      at += used
      usedBefore -= used
      if kept != nil { kept = at }
    }
  }

  /// Appends bytes whose line ends mean nothing.
  mutating func appendInOneLine(_ more: Span<UInt8>) {
    append(more)
    for index in (bytes.count - more.count)..<bytes.count where bytes[index] == CSVText.newline {
      bytes[index] = CSVText.space
    }
  }

  /// Appends a message behind its length.
  mutating func appendMessage(_ message: Span<UInt8>) {
    let length = MessageLength.prefix(message.count)
    append(length.span)
    append(message)
  }

  /// Ends the last line, which may lack its line end.
  mutating func endLine() {
    guard count > 0, bytes[bytes.count - 1] != CSVText.newline else { return }
    bytes.append(CSVText.newline)
    hasOwnLineEnd = true
  }

  /// Leaves out all that is left.
  mutating func skipAll() { at = bytes.count }

  /// Keeps what is read from here on.
  mutating func keep() { kept = at }

  /// Goes back to where bytes are kept from.
  mutating func rewind() { at = kept ?? at }
}
