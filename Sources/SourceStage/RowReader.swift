internal import Records

/// Reads records into columns. The common ways to write a value are read in one pass over its bytes; whatever else a field
/// may hold goes a slower way round, to the same value or to a problem.
struct RowReader: ~Copyable {
  /// The columns of the scratch before those of the schema: a row's time, tag and arrival.
  static var columnsBefore: Int { 3 }

  private let schema: Schema
  private let timeColumn: Int
  private var fields: [FieldPlan] = []
  private var unescaped: [UInt8] = []
  /// Line ends within the quotes of the record read last.
  private(set) var lineBreaks = 0
  /// The event time of the record read last.
  private(set) var time: Int64 = 0

  private struct FieldPlan {
    /// In the scratch; -1 for a field that is ignored.
    let column: Int
    let type: ColumnType
    let isTime: Bool
  }

  enum Outcome {
    /// A row; the next record begins at `next`.
    case row(next: Int)
    /// An empty line, which is no record.
    case blank(next: Int)
    /// The bytes end before the record does.
    case incomplete
    case problem(RowProblem)
  }

  /// What became of one field.
  private enum FieldOutcome {
    /// Its value is stored; `end` is the place behind it.
    case stored(end: Int)
    case incomplete
    case problem(RowProblem)
  }

  init(_ plan: SourcePlan) {
    schema = plan.schema
    timeColumn = plan.timeColumn
  }

  /// Learns which field holds what; before the first row.
  mutating func begin(_ header: CSVHeader) {
    fields = header.columns.map { column in
      guard let column else { return FieldPlan(column: -1, type: .string, isTime: false) }
      return FieldPlan(
        column: column + Self.columnsBefore,
        type: schema.fields[column].type,
        isTime: column == timeColumn
      )
    }
  }

  /// Reads the record that begins at `start` as row `row` of `rows`, in which a problem leaves a part of it.
  mutating func read(
    _ bytes: Span<UInt8>,
    from start: Int,
    into rows: inout ColumnScratch,
    row: Int
  ) -> Outcome {
    guard start < bytes.count else { return .incomplete }
    lineBreaks = 0
    if bytes[start] == CSVText.newline { return .blank(next: start + 1) }
    if bytes[start] == CSVText.carriageReturn, start + 1 < bytes.count, bytes[start + 1] == CSVText.newline {
      return .blank(next: start + 2)
    }
    var at = start
    let last = fields.count &- 1
    var index = 0
    while true {
      let field = fields[index]
      var end = quickly(field, bytes, at, into: &rows, row: row)
      if end < 0 {
        switch carefully(field, bytes, at, into: &rows, row: row) {
        case .stored(let place): end = place
        case .incomplete: return .incomplete
        case .problem(let problem): return .problem(problem)
        }
      }
      // The quick way leaves `end` at a comma or a line end, and the careful way too.
      if bytes[end] == CSVText.comma {
        if index == last { return tooMany(bytes, from: end, found: index + 1) }
        index &+= 1
        at = end &+ 1
      } else {
        if index < last { return .problem(.fields(found: index + 1, expected: fields.count)) }
        return .row(next: end &+ 1)
      }
    }
  }

  // MARK: The quick way

  /// Stores a value that is written the plain way.
  ///
  /// - Returns: the place of the comma or line feed behind it; below 0 when it is not so plain, and nothing is stored.
  @inline(__always)
  private mutating func quickly(
    _ field: FieldPlan,
    _ bytes: Span<UInt8>,
    _ start: Int,
    into rows: inout ColumnScratch,
    row: Int
  ) -> Int {
    switch field.type {
    case .int64:
      var at = start
      let value = Self.digits(bytes, &at, after: 0)
      // 18 digits always fit.
      guard 1...18 ~= at &- start, Self.isEnd(bytes, at) else { return -1 }
      rows.store(value, column: field.column, row: row)
      return Self.end(bytes, at)
    case .decimal(let scale):
      var at = start
      var value = Self.digits(bytes, &at, after: 0)
      var digits = at &- start
      var places = 0
      if at < bytes.count, bytes[at] == 0x2E {
        at &+= 1
        let fraction = at
        value = Self.digits(bytes, &at, after: value)
        places = at &- fraction
        digits &+= places
      }
      guard 1...18 ~= digits, places <= scale, Self.isEnd(bytes, at) else { return -1 }
      if places < scale {
        let (scaled, overflow) = value.multipliedReportingOverflow(by: DecimalText.powerOfTen(scale &- places))
        guard !overflow else { return -1 }
        value = scaled
      }
      rows.store(value, column: field.column, row: row)
      return Self.end(bytes, at)
    case .timestamp:
      let end = start &+ 19
      guard Self.isEnd(bytes, end), let value = Timestamp.parse(bytes.extracting(start..<end)) else { return -1 }
      rows.store(value, column: field.column, row: row)
      if field.isTime { time = value }
      return Self.end(bytes, end)
    case .string:
      var at = start
      var seen: UInt8 = 0
      while at < bytes.count {
        let byte = bytes[at]
        if byte == CSVText.comma || byte == CSVText.newline || byte == CSVText.quote { break }
        seen |= byte
        at &+= 1
      }
      // Beyond ASCII, quoted, empty, or at the end of a CRLF line: the careful way.
      guard at < bytes.count, bytes[at] != CSVText.quote, at > start, seen < 0x80,
        bytes[at &- 1] != CSVText.carriageReturn
      else { return -1 }
      if field.column >= 0 { rows.store(bytes.extracting(start..<at), column: field.column, row: row) }
      return at
    case .float64, .bool: return -1
    }
  }

  /// Whether a field ends at `at`: in a comma, LF or CRLF.
  @inline(__always)
  private static func isEnd(_ bytes: Span<UInt8>, _ at: Int) -> Bool {
    guard at < bytes.count else { return false }
    let byte = bytes[at]
    return byte == CSVText.comma || byte == CSVText.newline
      || (byte == CSVText.carriageReturn && at &+ 1 < bytes.count && bytes[at &+ 1] == CSVText.newline)
  }

  /// The place of the comma or LF at the end `at` of a field.
  @inline(__always)
  private static func end(_ bytes: Span<UInt8>, _ at: Int) -> Int {
    bytes[at] == CSVText.carriageReturn ? at &+ 1 : at
  }

  /// Reads the digits from `at` on behind those of `value`, and moves `at` behind them. More than 18 do not fit.
  @inline(__always)
  private static func digits(_ bytes: Span<UInt8>, _ at: inout Int, after value: Int64) -> Int64 {
    var value = value
    while at < bytes.count {
      let digit = bytes[at] &- 0x30
      guard digit <= 9 else { break }
      value = value &* 10 &+ Int64(digit)
      at &+= 1
    }
    return value
  }

  // MARK: The careful way

  /// Stores a value however it may be written.
  @inline(never)
  private mutating func carefully(
    _ plan: FieldPlan,
    _ bytes: Span<UInt8>,
    _ start: Int,
    into rows: inout ColumnScratch,
    row: Int
  ) -> FieldOutcome {
    let field = CSVText.field(bytes, from: start, into: &unescaped)
    guard field.end < bytes.count else { return .incomplete }
    if field.isMalformed { return .problem(.quotes) }
    if field.isQuoted { for index in field.content where bytes[index] == CSVText.newline { lineBreaks += 1 } }
    guard plan.column >= 0 else { return .stored(end: field.end) }
    let column = plan.column - Self.columnsBefore
    if field.content.isEmpty && !(field.isQuoted && plan.type == .string) {
      guard schema.fields[column].isNullable else {
        let remedy = "where the column is not nullable; declare it `\(plan.type)?` if that is fine"
        return .problem(.field(column: column, reason: "empty \(remedy)"))
      }
      rows.storeNull(column: plan.column, row: row)
      return .stored(end: field.end)
    }
    // Held here as well, so that its bytes can be read while the rest of the reader changes.
    let unescaped = unescaped
    let value = field.isEscaped ? unescaped.span : bytes.extracting(field.content)
    if store(value, plan, into: &rows, row: row) { return .stored(end: field.end) }
    return .problem(.field(column: column, reason: Self.reason(plan.type, Self.shown(value))))
  }

  /// Stores a value that is not empty; false when it is none of its type.
  private mutating func store(
    _ value: Span<UInt8>,
    _ plan: FieldPlan,
    into rows: inout ColumnScratch,
    row: Int
  ) -> Bool {
    if plan.type == .string {
      guard Self.isUTF8(value) else { return false }
      rows.store(value, column: plan.column, row: row)
      return true
    }
    let text = Self.spaceless(value)
    switch plan.type {
    case .int64:
      guard let number = Self.integer(text) else { return false }
      rows.store(number, column: plan.column, row: row)
    case .decimal(let scale):
      guard let number = DecimalText.parse(text, scale: scale) else { return false }
      rows.store(number, column: plan.column, row: row)
    case .float64:
      guard let number = FloatText.parse(text) else { return false }
      rows.store(number, column: plan.column, row: row)
    case .timestamp:
      guard let moment = Timestamp.parse(text) else { return false }
      rows.store(moment, column: plan.column, row: row)
      if plan.isTime { time = moment }
    case .bool:
      guard let truth = Self.truth(text) else { return false }
      rows.store(truth, column: plan.column, row: row)
    case .string: return false
    }
    return true
  }

  /// A whole number: an optional sign and digits, nothing else, so that `1e3` or `12.0` is never taken for an identifier.
  private static func integer(_ text: Span<UInt8>) -> Int64? {
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

  private static func isUTF8(_ text: Span<UInt8>) -> Bool {
    for index in text.indices where text[index] >= 0x80 {
      return unsafe text.withUnsafeBufferPointer { unsafe String(validating: $0, as: UTF8.self) } != nil
    }
    return true
  }

  @_lifetime(copy text)
  private static func spaceless(_ text: Span<UInt8>) -> Span<UInt8> {
    var start = 0
    var end = text.count
    while start < end, text[start] == CSVText.space { start += 1 }
    while end > start, text[end - 1] == CSVText.space { end -= 1 }
    return text.extracting(start..<end)
  }

  /// The beginning of a value, for a message.
  private static func shown(_ value: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    for index in value.indices.prefix(60) { bytes.append(value[index]) }
    return String(decoding: bytes, as: UTF8.self) + (value.count > 60 ? "..." : "")
  }

  private static func reason(_ type: ColumnType, _ value: String) -> String {
    switch type {
    case .int64: "'\(value)' is no whole number of 64 bits"
    case .decimal: "'\(value)' is no number that fits \(type)"
    case .float64: "'\(value)' is no number"
    case .timestamp: "'\(value)' is no timestamp; write 2018-04-01 13:45:00 or 2018-04-01T13:45:00Z"
    case .bool: "'\(value)' is neither true nor false"
    case .string: "not UTF-8"
    }
  }

  /// Counts the fields of a record that has more than the header.
  @inline(never)
  private mutating func tooMany(_ bytes: Span<UInt8>, from comma: Int, found: Int) -> Outcome {
    var count = found
    var at = comma
    while at < bytes.count, bytes[at] == CSVText.comma {
      count += 1
      at = CSVText.field(bytes, from: at + 1, into: &unescaped).end
    }
    guard at < bytes.count else { return .incomplete }
    return .problem(.fields(found: count, expected: fields.count))
  }
}
