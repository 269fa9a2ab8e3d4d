package import Records

/// All rows of a CSV file with a header that is read at once and with no order, such as a table to look values up in.
/// Every mistake in it is found, not only the first.
package struct WholeCSV: ~Copyable {
  /// Something that is wrong in a row, which is left out.
  package struct Mistake: Hashable, Sendable {
    /// Counted from 1, the header's.
    package let line: Int
    /// The column that is to blame, where one is.
    package let column: String?
    package let reason: String
  }

  /// The line in which each row begins.
  package private(set) var lines: [Int] = []
  package private(set) var mistakes: [Mistake] = []
  private let shape: RecordShape
  private var rows: ColumnScratch
  private var unescaped: [UInt8] = []

  /// - Parameters:
  ///   - name: of the file, for messages.
  package init(_ bytes: [UInt8], shape: RecordShape, name: String) throws(CSVHeader.Problem) {
    // The last line may have no end.
    let bytes = bytes.last == CSVText.newline || bytes.isEmpty ? bytes : bytes + [CSVText.newline]
    if let problem = CSVHeader.check(firstBytes: bytes, isAll: true, shape: shape, inputName: name) { throw problem }
    let start = CSVText.hasByteOrderMark(bytes.span) ? 3 : 0
    let headerEnd = CSVText.endOfRecord(bytes.span, from: start) ?? bytes.count
    let record = CSVText.trimmed(bytes.span.extracting(start..<headerEnd))
    let header = try CSVHeader(record, shape: shape, inputName: name)
    self.shape = shape
    let before = (0..<RecordLayout.columnsBefore).map { Field("\($0)", .int64) }
    rows = ColumnScratch(before + shape.schema.fields, capacity: bytes.count { $0 == CSVText.newline })
    rows.reset(rows: 0)
    read(
      bytes,
      header,
      from: headerEnd + 1,
      line: 1 + bytes[..<min(headerEnd + 1, bytes.count)].count(of: CSVText.newline)
    )
  }

  package var rowCount: Int { lines.count }

  /// The values of a column of the shape's schema.
  package func column(_ index: Int) -> ColumnView { rows.view(index + RecordLayout.columnsBefore, rows: rowCount) }

  private mutating func read(_ bytes: [UInt8], _ header: CSVHeader, from start: Int, line: Int) {
    var values = ColumnValues(shape)
    let rules = RowRules(shape, timeColumn: -1)
    var (at, line) = (start, line)
    while at < bytes.count {
      // Quotes that are not closed take in all that follows, as nobody can tell where they should have been.
      let end = CSVText.endOfRecord(bytes.span, from: at) ?? bytes.count - 1
      let record = at..<end
      if !CSVText.trimmed(bytes.span.extracting(record)).isEmpty {
        var problems = problems(in: bytes.span.extracting(at..<end + 1), header, &values)
        if problems.isEmpty, let problem = rules.problem(in: rows, row: rowCount) { problems = [problem] }
        if problems.isEmpty { lines.append(line) } else { rows.undo(row: rowCount) }
        mistakes += problems.map { Mistake(line: line, column: $0.field(shape.schema), reason: $0.reason) }
      }
      line += bytes[at...end].count(of: CSVText.newline)
      at = end + 1
    }
  }

  /// Reads a record with its line end into the next row.
  private mutating func problems(
    in bytes: Span<UInt8>,
    _ header: CSVHeader,
    _ values: inout ColumnValues
  ) -> [RowProblem] {
    var fields: [CSVText.Field] = []
    var at = 0
    while true {
      let field = CSVText.field(bytes, from: at, into: &unescaped)
      if field.isMalformed { return [.quotes] }
      fields.append(field)
      guard field.end < bytes.count, bytes[field.end] == CSVText.comma else { break }
      at = field.end + 1
    }
    guard fields.count == header.targets.count else {
      return [.fields(found: fields.count, expected: header.targets.count)]
    }
    var problems: [RowProblem] = []
    values.beginRecord()
    at = 0
    for (field, targets) in zip(fields, header.targets) {
      if field.isEscaped { _ = CSVText.field(bytes, from: at, into: &unescaped) }
      let unescaped = unescaped
      let text = field.isEscaped ? unescaped.span : bytes.extracting(field.content)
      for target in targets {
        let problem = values.store(text, isGiven: field.isQuoted, target, into: &rows, row: rowCount)
        if let problem { problems.append(problem) }
      }
      at = field.end + 1
    }
    for column in header.missing {
      if let problem = values.storeMissing("missing", column, into: &rows, row: rowCount) { problems.append(problem) }
    }
    if let problem = values.endRecord(into: &rows, row: rowCount) { problems.append(problem) }
    return problems
  }
}

extension Collection where Element: Equatable {
  fileprivate func count(of element: Element) -> Int { count { $0 == element } }
}
