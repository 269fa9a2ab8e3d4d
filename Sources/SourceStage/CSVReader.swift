internal import Records

/// Reads records into columns. The common ways to write a value are read in one pass over its bytes; whatever else a field
/// may hold goes a slower way round, to the same value or to a problem.
struct CSVReader: RecordReader, ~Copyable {
  private let shape: RecordShape
  private let timeColumn: Int
  private var fields: [FieldPlan] = []
  /// What is read from fields that are not plain, of which each has a part.
  private var targets: [RecordShape.Target] = []
  /// The columns that no field holds.
  private var missing: [Int] = []
  /// Fields that a row has at the least.
  private var fewest = 0
  private var values: ColumnValues
  private var times = TimestampReader()
  /// Whether the end of a record asks for more than its fields gave.
  private var hasMoreToStore = false
  private var unescaped: [UInt8] = []
  /// Line ends within the quotes of the record read last.
  private(set) var lineBreaks = 0
  /// The event time of the record read last.
  private(set) var time: Int64 = 0

  private struct FieldPlan {
    /// In the scratch; -1 for a field that is ignored, and for one that is read into `targets`.
    let column: Int
    /// float64, which has no quick way, for one that is read into `targets`.
    let type: ColumnType
    let isTime: Bool
    var targets = 0..<0
  }

  /// What became of one field.
  private enum FieldOutcome {
    /// Its value is stored; `end` is the place behind it.
    case stored(end: Int)
    case incomplete
    case problem(RowProblem)
  }

  /// The place of the event time among the fields of a record; -1 where it is put together of several.
  private var timeField = 0
  /// How the event time is written, where that is not the plain way.
  private var timeReading: ColumnReading?

  var readsArrivals: Bool { false }
  var arrival: Int64? { nil }

  /// Without a header, the fields are the columns' inputs in their order.
  init(_ plan: SourcePlan) {
    shape = plan.shape
    timeColumn = plan.timeColumn
    values = ColumnValues(plan.shape)
    begin(CSVHeader(inOrderOf: plan.shape))
  }

  mutating func begin(_ header: CSVHeader) {
    targets = []
    fields = header.targets.map { field in
      guard let first = field.first else { return FieldPlan(column: -1, type: .string, isTime: false) }
      let reading = shape.readings[first.column]
      if field.count == 1, reading.isPlain {
        return FieldPlan(
          column: first.column + RecordLayout.columnsBefore,
          type: shape.schema.fields[first.column].type,
          isTime: first.column == timeColumn
        )
      }
      targets += field
      return FieldPlan(column: -1, type: .float64, isTime: false, targets: targets.count - field.count..<targets.count)
    }
    missing = header.missing
    fewest = header.fewest
    hasMoreToStore = !missing.isEmpty || values.hasCombined
    let reading = shape.readings[timeColumn]
    timeReading = reading.isPlain ? nil : reading
    timeField =
      reading.inputs.count > 1 ? -1 : header.targets.firstIndex { $0.contains { $0.column == timeColumn } } ?? 0
  }

  func endOfRecord(_ bytes: Span<UInt8>, from start: Int) -> Int? { CSVText.endOfRecord(bytes, from: start) }

  func plainRecord(_ bytes: Span<UInt8>, from start: Int) -> (next: Int, time: Int64?)? {
    guard timeField >= 0 else { return nil }
    var commas = 0
    var timeStart = timeField == 0 ? start : -1
    var timeEnd = -1
    var at = start
    while at < bytes.count {
      let byte = bytes[at]
      if byte == CSVText.comma {
        if commas == timeField { timeEnd = at }
        commas &+= 1
        if commas == timeField { timeStart = at &+ 1 }
      } else if byte == CSVText.newline {
        break
      } else if byte == CSVText.quote {
        return nil
      }
      at &+= 1
    }
    // An empty line is no record.
    guard at < bytes.count, at > start, at > start + 1 || bytes[start] != CSVText.carriageReturn else { return nil }
    if timeEnd < 0 { timeEnd = bytes[at - 1] == CSVText.carriageReturn ? at - 1 : at }
    guard timeStart >= 0 else { return (at + 1, nil) }
    let text = bytes.extracting(timeStart..<max(timeEnd, timeStart))
    if let timeReading { return (at + 1, timeReading.time(of: text)) }
    return (at + 1, Timestamp.parse(FieldText.spaceless(text)))
  }

  mutating func read(
    _ bytes: Span<UInt8>,
    from start: Int,
    into rows: inout ColumnScratch,
    row: Int
  ) -> ReadOutcome {
    guard start < bytes.count else { return .incomplete }
    lineBreaks = 0
    if bytes[start] == CSVText.newline { return .blank(next: start + 1) }
    if bytes[start] == CSVText.carriageReturn, start + 1 < bytes.count, bytes[start + 1] == CSVText.newline {
      return .blank(next: start + 2)
    }
    if hasMoreToStore { values.beginRecord() }
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
        if index < last || hasMoreToStore {
          if let problem = endRecord(after: index, into: &rows, row: row) { return .problem(problem) }
        }
        return .row(next: end &+ 1)
      }
    }
  }

  /// Sees to the columns that no field was there for, and to those that are put together of several.
  ///
  /// - Parameter last: the last field of the record.
  @inline(never)
  private mutating func endRecord(after last: Int, into rows: inout ColumnScratch, row: Int) -> RowProblem? {
    guard last + 1 >= fewest else { return .fields(found: last + 1, expected: fields.count) }
    for column in missing {
      if let problem = values.storeMissing("missing", column, into: &rows, row: row) { return problem }
    }
    for field in fields[(last + 1)...] {
      if field.column >= 0 { rows.storeNull(column: field.column, row: row) }
      for target in targets[field.targets] where shape.readings[target.column].inputs.count == 1 {
        if let problem = values.storeMissing("missing", target.column, into: &rows, row: row) { return problem }
      }
    }
    guard values.hasCombined else { return nil }
    if let problem = values.endRecord(into: &rows, row: row) { return problem }
    if timeField < 0 { time = rows.int64(column: timeColumn + RecordLayout.columnsBefore, row: row) }
    return nil
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
      guard Self.isEnd(bytes, end), let value = times.parse(bytes.extracting(start..<end)) else { return -1 }
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
    guard plan.column >= 0 else {
      if plan.targets.isEmpty { return .stored(end: field.end) }
      return store(field, into: plan.targets, bytes, into: &rows, row: row)
    }
    let column = plan.column - RecordLayout.columnsBefore
    if field.content.isEmpty && !(field.isQuoted && plan.type == .string) {
      guard shape.schema.fields[column].isNullable else {
        return .problem(.field(column: column, reason: FieldText.missing("empty", plan.type)))
      }
      rows.storeNull(column: plan.column, row: row)
      return .stored(end: field.end)
    }
    // Held here as well, so that its bytes can be read while the rest of the reader changes.
    let unescaped = unescaped
    let value = field.isEscaped ? unescaped.span : bytes.extracting(field.content)
    guard FieldText.store(value, plan.type, into: &rows, column: plan.column, row: row) else {
      return .problem(.field(column: column, reason: FieldText.reason(plan.type, value)))
    }
    if plan.isTime { time = rows.int64(column: plan.column, row: row) }
    return .stored(end: field.end)
  }

  /// Stores a field whose columns say how it is written.
  private mutating func store(
    _ field: CSVText.Field,
    into range: Range<Int>,
    _ bytes: Span<UInt8>,
    into rows: inout ColumnScratch,
    row: Int
  ) -> FieldOutcome {
    let unescaped = unescaped
    let text = field.isEscaped ? unescaped.span : bytes.extracting(field.content)
    for target in targets[range] {
      if let problem = values.store(text, isGiven: field.isQuoted, target, into: &rows, row: row) {
        return .problem(problem)
      }
      if target.column == timeColumn, timeField >= 0 {
        time = rows.int64(column: timeColumn + RecordLayout.columnsBefore, row: row)
      }
    }
    return .stored(end: field.end)
  }

  /// Counts the fields of a record that has more than the header.
  @inline(never)
  private mutating func tooMany(_ bytes: Span<UInt8>, from comma: Int, found: Int) -> ReadOutcome {
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
