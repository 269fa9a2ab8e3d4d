/// A record of CSV by itself.
package enum CSVRecord {
  /// Whether the bytes are one record and nothing else, whatever is in its fields.
  package static func isOne(_ bytes: [UInt8]) -> Bool {
    let line = bytes + [CSVText.newline]
    return !bytes.isEmpty && CSVText.endOfRecord(line.span, from: 0) == bytes.count
  }

  /// Its fields.
  package static func fieldCount(_ bytes: [UInt8]) -> Int {
    var (count, at) = (1, 0)
    var unescaped: [UInt8] = []
    while true {
      let end = CSVText.field(bytes.span, from: at, into: &unescaped).end
      guard end < bytes.count, bytes[end] == CSVText.comma else { return count }
      count += 1
      at = end + 1
    }
  }
}

/// How messages stand in a file.
package enum MessageFraming {
  /// What stands before a message.
  package static func length(of message: [UInt8]) -> [UInt8] { MessageLength.prefix(message.count) }
}

extension RecordShape {
  /// A header for records whose fields are the columns' inputs in their order, as messages have them.
  package var headerLine: String {
    inputs.map { input, _ in
      let needsQuotes = input.name.utf8.contains { $0 == CSVText.comma || $0 == CSVText.quote || $0 == CSVText.newline }
      return needsQuotes ? "\"\(input.name.replacing("\"", with: "\"\""))\"" : input.name
    }
    .joined(separator: ",")
  }
}
