internal import Records

/// The first record of a CSV file: which field of a row holds what of which column.
package struct CSVHeader: Hashable, Sendable {
  /// What is read from each field of a row; none: the field is ignored.
  let targets: [[RecordShape.Target]]
  /// The columns that no field holds; they may be null.
  let missing: [Int]
  /// Fields that a row has at the least.
  let fewest: Int

  /// A file without a header, whose fields are the inputs of the columns in their order. Rows from before the last nullable
  /// columns were there lack their fields.
  init(inOrderOf shape: RecordShape) {
    targets = shape.inputs.map(\.targets)
    missing = []
    let needed = targets.lastIndex { $0.contains { !shape.schema.fields[$0.column].isNullable } }
    fewest = (needed ?? 0) + 1
  }

  /// Why a file cannot be read as rows of a schema.
  package struct Problem: Error, Hashable, Sendable {
    package let message: String
    package let remedy: String

    /// Both may quote the file, whatever is in it.
    init(message: String, remedy: String) {
      self.message = message.printable
      self.remedy = remedy.printable
    }
  }

  /// Bytes of the longest header.
  package static let longest = 1 << 20

  /// Matches names without regard to case, in any order.
  ///
  /// - Parameters:
  ///   - record: the bytes of the first record, without its line end.
  ///   - name: of the file, for messages.
  init(_ record: Span<UInt8>, shape: RecordShape, inputName name: String) throws(Problem) {
    if let problem = Self.loneReturn(record, inputName: name) { throw problem }
    let names = Self.names(record)
    if names == [""] {
      throw Problem(
        message: "the first line of '\(name)' is empty",
        remedy: "name the columns in the file's first line"
      )
    }
    let lowercase = names.map { $0.lowercased() }
    var targets: [[RecordShape.Target]] = Array(repeating: [], count: names.count)
    var found = shape.readings.map { _ in 0 }
    var absent: [(input: InputColumn, columns: [Int])] = []
    for (input, readers) in shape.inputs {
      let wanted = input.name.lowercased()
      let fields = lowercase.indices.filter { lowercase[$0] == wanted }
      if input.occurrence == nil, fields.count > 1 {
        throw Problem(
          message: "'\(name)' has two columns '\(names[fields[1]])'",
          remedy:
            "rename one of them, or choose: `\(shape.schema.fields[readers[0].column].name): {..., occurrence: 2}`"
        )
      }
      if let field = fields.dropFirst((input.occurrence ?? 1) - 1).first {
        targets[field] += readers
        for target in readers { found[target.column] += 1 }
      } else {
        absent.append((input, readers.map(\.column)))
      }
    }
    // Of a column that is put together, all parts are there or none.
    let fields = shape.schema.fields
    let needed = absent.filter { $0.columns.contains { !fields[$0].isNullable || found[$0] > 0 } }
    guard needed.isEmpty else {
      let header = names.map { $0.count > 40 ? $0.prefix(40) + "..." : $0[...] }.prefix(30).joined(separator: ", ")
      let missing = needed.map(\.input.description).joined(separator: ", ")
      throw Problem(
        message: "'\(name)' has no column \(missing); line 1 names: \(header)",
        remedy: "name the columns in the file's first line, or take them out of `columns`"
      )
    }
    self.targets = targets
    missing = found.indices.filter { found[$0] == 0 }
    fewest = names.count
  }

  /// Looks at the first bytes of a file, so that a wrong one is found before anything starts; nil when they are fine, or
  /// too few to tell.
  ///
  /// - Parameter isAll: whether the file ends with them.
  package static func check(firstBytes: [UInt8], isAll: Bool, shape: RecordShape, inputName name: String) -> Problem? {
    if firstBytes.isEmpty {
      return Problem(message: "'\(name)' is empty", remedy: "name a CSV file with a header line")
    }
    if firstBytes.starts(with: [0x1F, 0x8B]) {
      return Problem(message: "'\(name)' is compressed with gzip", remedy: "unpack it first: gunzip -k")
    }
    let start = CSVText.hasByteOrderMark(firstBytes.span) ? 3 : 0
    let end = CSVText.endOfRecord(firstBytes.span, from: start)
    let record = firstBytes.span.extracting(start..<(end ?? firstBytes.count))
    // Behind the header, a NUL is the matter of its row.
    for index in 0..<record.count where record[index] == 0 {
      return Problem(message: "'\(name)' is no text", remedy: "name a CSV file in UTF-8")
    }
    guard end != nil || isAll else { return loneReturn(record, inputName: name) }
    do throws(Problem) {
      _ = try CSVHeader(CSVText.trimmed(record), shape: shape, inputName: name)
      return nil
    } catch {
      return error
    }
  }

  /// The problem of a file whose lines end in CR alone, so that all of it is its header.
  private static func loneReturn(_ record: Span<UInt8>, inputName name: String) -> Problem? {
    var isInQuotes = false
    for index in 0..<max(record.count - 1, 0) {
      if record[index] == CSVText.quote { isInQuotes.toggle() }
      guard !isInQuotes, record[index] == CSVText.carriageReturn, record[index + 1] != CSVText.newline else { continue }
      return Problem(
        message: "the lines of '\(name)' end in CR alone",
        remedy: "convert them to LF: tr '\\r' '\\n'"
      )
    }
    return nil
  }

  static func names(_ record: Span<UInt8>) -> [String] {
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
