internal import Records

/// A value of JSON, to be written: the members of an object stand in their order.
enum JSONValue {
  case null
  case truth(Bool)
  case text(String)
  /// As it is to stand there.
  case number(String)
  case list([JSONValue])
  case object(KeyValuePairs<String, JSONValue>)
  case members([(String, JSONValue)])

  static func integer(_ value: some BinaryInteger) -> JSONValue { .number("\(value)") }

  static func text(_ value: String?) -> JSONValue { value.map { .text($0) } ?? .null }

  static func float(_ value: Double?) -> JSONValue { value.map { $0.isFinite ? .number("\($0)") : .null } ?? .null }

  var serialised: String {
    var text = TextBuffer()
    write(to: &text)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.bytes.count)
    for index in text.bytes.indices { bytes.append(text.bytes[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func write(to text: inout TextBuffer) {
    switch self {
    case .null: text.append("null")
    case .truth(let value): text.append(value ? "true" as String : "false")
    case .text(let value): text.append(json: value)
    case .number(let value): text.append(value)
    case .list(let values):
      text.append("[")
      for (place, value) in values.enumerated() {
        if place > 0 { text.append(",") }
        value.write(to: &text)
      }
      text.append("]")
    case .object(let pairs): Self.write(pairs.map { ($0.key, $0.value) }, to: &text)
    case .members(let pairs): Self.write(pairs, to: &text)
    }
  }

  private static func write(_ pairs: [(String, JSONValue)], to text: inout TextBuffer) {
    text.append("{")
    for (place, pair) in pairs.enumerated() {
      if place > 0 { text.append(",") }
      text.append(json: pair.0)
      text.append(":")
      pair.1.write(to: &text)
    }
    text.append("}")
  }
}
