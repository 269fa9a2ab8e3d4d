internal import Records

/// Reads JSON objects, one a line, into columns by the names of their members. Numbers may stand in quotes; members that the
/// schema does not name are passed over.
struct JSONReader: RecordReader, ~Copyable {
  private let schema: Schema
  private let timeColumn: Int
  private let clockOffset: Int64
  /// The names of the columns in lower case, each with its quotes: `"tx_amount"`.
  private let names: [[UInt8]]
  /// Bit c: the record has had a value of column c.
  private var seen: [Bool]
  private var unescaped: [UInt8] = []
  private(set) var time: Int64 = 0
  private(set) var arrival: Int64?

  var lineBreaks: Int { 0 }
  var readsArrivals: Bool { true }

  /// The member that says when a row was scheduled to arrive: nanoseconds since 1970 UTC.
  private static let arrivalName = Array("\"sluice_scheduled_at\"".utf8)
  private static let deepestNesting = 64

  /// - Parameter clockOffset: nanoseconds from this machine's monotonic clock to the time since 1970.
  init(_ plan: SourcePlan, clockOffset: Int64) {
    schema = plan.schema
    timeColumn = plan.timeColumn
    self.clockOffset = clockOffset
    names = plan.schema.fields.map { Array("\"\($0.name.lowercased())\"".utf8) }
    seen = Array(repeating: false, count: plan.schema.fields.count)
  }

  mutating func begin(_ header: CSVHeader) {}

  func endOfRecord(_ bytes: Span<UInt8>, from start: Int) -> Int? { CSVText.endOfLine(bytes, from: start) }

  func plainRecord(_ bytes: Span<UInt8>, from start: Int) -> (next: Int, time: Int64?)? { nil }

  mutating func read(
    _ bytes: Span<UInt8>,
    from start: Int,
    into rows: inout ColumnScratch,
    row: Int
  ) -> ReadOutcome {
    guard let end = CSVText.endOfLine(bytes, from: start) else { return .incomplete }
    var cursor = JSONCursor(bytes, from: start, to: end)
    cursor.skipSpace()
    if cursor.isAtEnd { return .blank(next: end + 1) }
    arrival = nil
    for column in seen.indices { seen[column] = false }
    guard cursor.take(UInt8(ascii: "{")) else { return .problem(.json("it is no object", at: cursor.at - start)) }
    cursor.skipSpace()
    var expected = 0
    if !cursor.take(UInt8(ascii: "}")) {
      repeat {
        cursor.skipSpace()
        guard let name = cursor.takeText() else { return .problem(.json("a name is due", at: cursor.at - start)) }
        cursor.skipSpace()
        guard cursor.take(UInt8(ascii: ":")) else { return .problem(.json("a `:` is due", at: cursor.at - start)) }
        cursor.skipSpace()
        let nameBytes = bytes.extracting(name)
        let column = column(nameBytes, expected: expected)
        let isArrival = column == nil && Self.matches(nameBytes, Self.arrivalName)
        guard let value = cursor.takeValue(deepest: Self.deepestNesting) else {
          return .problem(.json("a value is due", at: cursor.at - start))
        }
        if let column {
          expected = column + 1
          if let problem = store(bytes.extracting(value), column, into: &rows, row: row) { return .problem(problem) }
        } else if isArrival, let wall = FieldText.integer(bytes.extracting(value)) {
          arrival = wall &- clockOffset
        }
        cursor.skipSpace()
      } while cursor.take(UInt8(ascii: ","))
      guard cursor.take(UInt8(ascii: "}")) else {
        return .problem(.json("`,` or `}` is due", at: cursor.at - start))
      }
    }
    cursor.skipSpace()
    guard cursor.isAtEnd else { return .problem(.json("something stands behind it", at: cursor.at - start)) }
    for column in seen.indices where !seen[column] {
      guard schema.fields[column].isNullable else {
        return .problem(.field(column: column, reason: FieldText.missing("missing", schema.fields[column].type)))
      }
      rows.storeNull(column: column + RecordLayout.columnsBefore, row: row)
    }
    return .row(next: end + 1)
  }

  /// The column of a member's name, quotes included. Programs write members in one order, so the next one is tried first.
  private mutating func column(_ name: Span<UInt8>, expected: Int) -> Int? {
    if expected < names.count, Self.matches(name, names[expected]) { return expected }
    if let column = names.indices.first(where: { Self.matches(name, names[$0]) }) { return column }
    // Some programs escape whatever is not ASCII, and there case is no matter of one bit.
    for index in name.indices where name[index] >= 0x80 || name[index] == UInt8(ascii: "\\") {
      return unusualColumn(name)
    }
    return nil
  }

  private mutating func unusualColumn(_ name: Span<UInt8>) -> Int? {
    guard JSONText.unescape(name, into: &unescaped) else { return nil }
    let lowercase = Array(String(decoding: unescaped, as: UTF8.self).lowercased().utf8)
    return names.firstIndex(of: lowercase)
  }

  /// Whether two names are the same but for the case of ASCII letters.
  private static func matches(_ name: Span<UInt8>, _ lowercase: [UInt8]) -> Bool {
    guard name.count == lowercase.count else { return false }
    for index in name.indices {
      let byte = name[index]
      let isUpper = byte &- 0x41 < 26
      if (isUpper ? byte | 0x20 : byte) != lowercase[index] { return false }
    }
    return true
  }

  private mutating func store(
    _ value: Span<UInt8>,
    _ column: Int,
    into rows: inout ColumnScratch,
    row: Int
  ) -> RowProblem? {
    let type = schema.fields[column].type
    let target = column + RecordLayout.columnsBefore
    if seen[column] { return .field(column: column, reason: "it stands there twice") }
    seen[column] = true
    let isText = value[0] == UInt8(ascii: "\"")
    if value[0] == UInt8(ascii: "n") {
      guard schema.fields[column].isNullable else {
        return .field(column: column, reason: FieldText.missing("null", type))
      }
      rows.storeNull(column: target, row: row)
      return nil
    }
    if value[0] == UInt8(ascii: "{") || value[0] == UInt8(ascii: "[") {
      return .field(column: column, reason: "an object or a list where one value is due")
    }
    if type == .timestamp && !isText { return .field(column: column, reason: FieldText.reason(type, value)) }
    let stored: Bool
    if isText {
      let inner = value.extracting(1..<value.count - 1)
      guard JSONText.unescape(inner, into: &unescaped) else {
        return .field(column: column, reason: "an escape that means nothing")
      }
      // Held here as well, so that its bytes can be read while the rest of the reader changes.
      let unescaped = unescaped
      stored = FieldText.store(unescaped.span, type, into: &rows, column: target, row: row)
    } else {
      stored = FieldText.store(value, type, into: &rows, column: target, row: row)
    }
    guard stored else { return .field(column: column, reason: FieldText.reason(type, value)) }
    if column == timeColumn { time = rows.view(target, rows: row + 1).int64(row) }
    return nil
  }
}
