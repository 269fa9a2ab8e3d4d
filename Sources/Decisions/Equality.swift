internal import Expressions
internal import Records

/// Conditions that a column has a value, which is given as text.
enum Equality {
  /// Holds for no row.
  static let never: Expression? = try? Expression.compile("1 = 2", schema: Schema([]))

  /// - Returns: nil where the language has no way to write the value: then the texts are to be compared.
  static func expression(_ column: Int, of schema: Schema, _ text: String) -> Expression? {
    let field = schema.fields[column]
    let value: String
    switch field.type {
    case .int64, .decimal: value = text
    case .string: value = "'\(text.replacing("'", with: "''"))'"
    case .bool, .float64, .timestamp: return nil
    }
    guard let condition = try? Expression.compile("\(field.name) = \(value)", schema: schema),
      condition.columns == [column]
    else { return nil }
    return condition
  }

  /// The text as a sink writes the value of a column; nil: it is none of its type.
  static func spelling(_ text: String, of type: ColumnType) -> String? {
    switch type {
    case .int64: Int64(text).map(String.init)
    case .float64: Double(text).map { "\($0)" }
    case .bool: Bool(text).map { "\($0)" }
    case .timestamp: Timestamp.parse(Array(text.utf8).span).map { $0.timestampText }
    case .decimal(let scale): DecimalText.parse(Array(text.utf8).span, scale: scale).map { $0.decimalText(scale) }
    case .string: text
    }
  }
}

extension Int64 {
  /// Microseconds since 1970 UTC, as a sink writes a time.
  package var timestampText: String {
    Self.text { $0.append(timestamp: self, separator: UInt8(ascii: " ")) }
  }

  fileprivate func decimalText(_ scale: Int) -> String { Self.text { $0.append(decimal: self, scale: scale) } }

  private static func text(_ write: (inout TextBuffer) -> Void) -> String {
    var text = TextBuffer()
    write(&text)
    var bytes: [UInt8] = []
    for index in text.bytes.indices { bytes.append(text.bytes[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
