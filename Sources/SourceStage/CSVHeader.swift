package import Records

/// The first record of a CSV file: which field of a row holds which column.
package struct CSVHeader: Hashable, Sendable {
  /// For each field of a row its column in the schema; nil: the field is ignored.
  let columns: [Int?]

  /// A file without a header, whose fields are the columns of the schema in their order.
  init(inOrderOf schema: Schema) { columns = Array(schema.fields.indices) }

  /// Why a file cannot be read as rows of a schema.
  package struct Problem: Error, Hashable, Sendable {
    package let message: String
    package let remedy: String
  }

  /// Matches names without regard to case, in any order.
  ///
  /// - Parameters:
  ///   - record: the bytes of the first record, without its line end.
  ///   - name: of the file, for messages.
  init(_ record: Span<UInt8>, schema: Schema, inputName name: String) throws(Problem) {
    let names = Self.names(record)
    if names == [""] {
      throw Problem(
        message: "the first line of '\(name)' is empty",
        remedy: "name the columns in the file's first line"
      )
    }
    var columns: [Int?] = []
    for field in names {
      let column = schema.fields.firstIndex { $0.name.lowercased() == field.lowercased() }
      if let column, columns.contains(column) {
        throw Problem(
          message: "'\(name)' has two columns '\(field)'",
          remedy: "rename one of them: both match the same name"
        )
      }
      columns.append(column)
    }
    let missing = schema.fields.indices.filter { !columns.contains($0) }.map { "'\(schema.fields[$0].name)'" }
    guard missing.isEmpty else {
      let header = names.map { $0.count > 40 ? $0.prefix(40) + "..." : $0[...] }.prefix(30).joined(separator: ", ")
      throw Problem(
        message: "'\(name)' has no column \(missing.joined(separator: ", ")); line 1 names: \(header)",
        remedy: "name the columns in the file's first line, or take them out of `columns`"
      )
    }
    self.columns = columns
  }

  /// Looks at the first bytes of a file, so that a wrong one is found before anything starts; nil when they are fine.
  package static func check(firstBytes: [UInt8], schema: Schema, inputName name: String) -> Problem? {
    if firstBytes.isEmpty {
      return Problem(message: "'\(name)' is empty", remedy: "name a CSV file with a header line")
    }
    if firstBytes.starts(with: [0x1F, 0x8B]) {
      return Problem(message: "'\(name)' is compressed with gzip", remedy: "unpack it first: gunzip -k")
    }
    if firstBytes.contains(0) {
      return Problem(message: "'\(name)' is no text", remedy: "name a CSV file in UTF-8")
    }
    let start = CSVText.hasByteOrderMark(firstBytes.span) ? 3 : 0
    let end = CSVText.endOfRecord(firstBytes.span, from: start) ?? firstBytes.count
    do throws(Problem) {
      _ = try CSVHeader(CSVText.trimmed(firstBytes.span.extracting(start..<end)), schema: schema, inputName: name)
      return nil
    } catch {
      return error
    }
  }

  private static func names(_ record: Span<UInt8>) -> [String] {
    var names: [String] = []
    var unescaped: [UInt8] = []
    var at = 0
    while true {
      let field = CSVText.field(record, from: at, into: &unescaped)
      var name: [UInt8] = []
      if field.isEscaped { name = unescaped } else { for index in field.content { name.append(record[index]) } }
      names.append(CSVText.spaceless(name))
      guard field.end < record.count, record[field.end] == CSVText.comma else { return names }
      at = field.end + 1
    }
  }
}
