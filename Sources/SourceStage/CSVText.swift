/// The grammar of CSV as RFC 4180 has it: fields between commas, quoted where they hold commas, quotes or line ends, lines
/// that end in LF or CRLF.
enum CSVText {
  static func hasByteOrderMark(_ bytes: Span<UInt8>) -> Bool {
    bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
  }

  @inline(__always) static var comma: UInt8 { 0x2C }
  @inline(__always) static var quote: UInt8 { 0x22 }
  @inline(__always) static var newline: UInt8 { 0x0A }
  @inline(__always) static var carriageReturn: UInt8 { 0x0D }
  @inline(__always) static var space: UInt8 { 0x20 }

  /// A field within its record.
  struct Field {
    /// Where its value stands, unless it is escaped.
    var content: Range<Int>
    /// The place behind it: of a comma, of a line end, or of the end of the bytes.
    var end: Int
    /// It holds doubled quotes; its value was written elsewhere.
    var isEscaped = false
    var isQuoted = false
    /// Something stands behind its closing quote, or there is none.
    var isMalformed = false
  }

  /// Reads the field that begins at `start`, any way it may be written.
  static func field(_ bytes: Span<UInt8>, from start: Int, into unescaped: inout [UInt8]) -> Field {
    guard start < bytes.count, bytes[start] == quote else {
      let end = plainEnd(bytes, from: start)
      let isAtReturn = end > start && end < bytes.count && bytes[end] == newline && bytes[end - 1] == carriageReturn
      return Field(content: start..<(isAtReturn ? end - 1 : end), end: end)
    }
    unescaped.removeAll(keepingCapacity: true)
    var field = Field(content: start + 1..<start + 1, end: bytes.count, isQuoted: true)
    var at = start + 1
    while at < bytes.count {
      if bytes[at] == quote {
        guard at + 1 < bytes.count, bytes[at + 1] == quote else { break }
        field.isEscaped = true
        at += 1
      }
      unescaped.append(bytes[at])
      at += 1
    }
    field.content = start + 1..<at
    guard at < bytes.count else {
      field.isMalformed = true
      return field
    }
    field.end = plainEnd(bytes, from: at + 1)
    let isAtReturn = field.end == at + 2 && field.end < bytes.count && bytes[at + 1] == carriageReturn
    field.isMalformed = field.end != at + 1 && !isAtReturn
    return field
  }

  /// The place of the next comma or line end, or the end of the bytes.
  private static func plainEnd(_ bytes: Span<UInt8>, from start: Int) -> Int {
    var at = start
    while at < bytes.count, bytes[at] != comma, bytes[at] != newline { at += 1 }
    return min(at, bytes.count)
  }

  /// The place of the line end that ends the record, past those within quotes; nil when the bytes end before.
  static func endOfRecord(_ bytes: Span<UInt8>, from start: Int) -> Int? {
    var isInQuotes = false
    var isAtStart = true
    var at = start
    while at < bytes.count {
      let byte = bytes[at]
      if byte == quote, isInQuotes || isAtStart {
        isInQuotes.toggle()
      } else if byte == newline && !isInQuotes {
        return at
      }
      // A quote within a field that does not begin with one is a letter like any other; a doubled one reopens the field.
      isAtStart = !isInQuotes && (byte == comma || byte == quote)
      at += 1
    }
    return nil
  }

  /// The place of the next line end, quoted or not.
  static func endOfLine(_ bytes: Span<UInt8>, from start: Int) -> Int? {
    var at = start
    while at < bytes.count {
      if bytes[at] == newline { return at }
      at += 1
    }
    return nil
  }

  /// Without the carriage return of a CRLF.
  @_lifetime(copy record)
  static func trimmed(_ record: Span<UInt8>) -> Span<UInt8> {
    record.count > 0 && record[record.count - 1] == carriageReturn ? record.extracting(droppingLast: 1) : record
  }

  /// A name without the spaces around it.
  static func spaceless(_ name: [UInt8]) -> String {
    let isSpace = { (byte: UInt8) in byte == space || byte == 0x09 }
    let start = name.firstIndex { !isSpace($0) } ?? name.count
    let end = name.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start
    return String(decoding: name[start..<end], as: UTF8.self)
  }
}
