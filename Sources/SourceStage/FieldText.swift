internal import Records

/// Values of columns as people and programs write them.
enum FieldText {
  /// Stores a value that is not empty; false when it is none of its type.
  static func store(
    _ value: Span<UInt8>,
    _ type: ColumnType,
    into rows: inout ColumnScratch,
    column: Int,
    row: Int
  ) -> Bool {
    if type == .string {
      guard isUTF8(value) else { return false }
      rows.store(value, column: column, row: row)
      return true
    }
    let text = spaceless(value)
    switch type {
    case .int64:
      guard let number = integer(text) else { return false }
      rows.store(number, column: column, row: row)
    case .decimal(let scale):
      guard let number = DecimalText.parse(text, scale: scale) else { return false }
      rows.store(number, column: column, row: row)
    case .float64:
      guard let number = FloatText.parse(text) else { return false }
      rows.store(number, column: column, row: row)
    case .timestamp:
      guard let moment = Timestamp.parse(text) else { return false }
      rows.store(moment, column: column, row: row)
    case .bool:
      guard let truth = truth(text) else { return false }
      rows.store(truth, column: column, row: row)
    case .string: return false
    }
    return true
  }

  /// A whole number: an optional sign and digits, nothing else, so that `1e3` or `12.0` is never taken for an identifier.
  static func integer(_ text: Span<UInt8>) -> Int64? {
    guard text.count > 0 else { return nil }
    let isSigned = text[0] == 0x2D || text[0] == 0x2B
    guard text.count > (isSigned ? 1 : 0) else { return nil }
    var value: Int64 = 0
    for index in (isSigned ? 1 : 0)..<text.count {
      let digit = Int64(text[index]) - 0x30
      guard 0...9 ~= digit else { return nil }
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) =
        text[0] == 0x2D ? tens.subtractingReportingOverflow(digit) : tens.addingReportingOverflow(digit)
      if overflow || carry { return nil }
      value = sum
    }
    return value
  }

  private static func truth(_ text: Span<UInt8>) -> Bool? {
    var word = ""
    for index in text.indices.prefix(6) { word.unicodeScalars.append(Unicode.Scalar(text[index] | 0x20)) }
    return switch word {
    case "true", "1": true
    case "false", "0": false
    default: nil
    }
  }

  static func isUTF8(_ text: Span<UInt8>) -> Bool {
    for index in text.indices where text[index] >= 0x80 {
      return unsafe text.withUnsafeBufferPointer { unsafe String(validating: $0, as: UTF8.self) } != nil
    }
    return true
  }

  @_lifetime(copy text)
  static func spaceless(_ text: Span<UInt8>) -> Span<UInt8> {
    var start = 0
    var end = text.count
    while start < end, text[start] == CSVText.space { start += 1 }
    while end > start, text[end - 1] == CSVText.space { end -= 1 }
    return text.extracting(start..<end)
  }

  /// The beginning of a value, for a message.
  static func shown(_ value: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    for index in value.indices.prefix(60) { bytes.append(value[index]) }
    return String(decoding: bytes, as: UTF8.self) + (value.count > 60 ? "..." : "")
  }

  /// Why a text is no value of a type.
  static func reason(_ type: ColumnType, _ text: Span<UInt8>) -> String {
    let value = shown(text)
    return switch type {
    case .int64: integerReason(text)
    case .decimal: "'\(value)' is no number that fits \(type)"
    case .float64: "'\(value)' is no number"
    case .timestamp: "'\(value)' is no timestamp; write 2018-04-01 13:45:00 or 2018-04-01T13:45:00Z"
    case .bool: "'\(value)' is neither true nor false"
    case .string: "not UTF-8"
    }
  }

  /// Why a text is no whole number, and what reads it where something does.
  private static func integerReason(_ text: Span<UInt8>) -> String {
    let reason = "'\(shown(text))' is no whole number of 64 bits"
    if NumberText.isDigits(spaceless(text)) {
      return "\(reason), which end at \(Int64.max); declare the column as string"
    }
    if NumberText.whole(spaceless(text)) != nil { return "\(reason); `format: number` reads it as one" }
    return reason
  }

  /// Why a value may not be missing.
  static func missing(_ word: String, _ type: ColumnType) -> String {
    "\(word) where the column is not nullable; declare it `\(type)?` if that is fine"
  }
}
