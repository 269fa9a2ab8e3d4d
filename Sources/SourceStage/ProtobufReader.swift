internal import Records

/// Reads length-delimited Protobuf messages into columns by the numbers of their fields. Fields that no column names are passed
/// over.
struct ProtobufReader: RecordReader, ~Copyable {
  private let shape: RecordShape
  private let timeColumn: Int
  /// By the numbers of their fields.
  private let entries: [Entry]
  /// What the message has for each entry; of a field that comes again, the last.
  private var found: [WireCursor.Value?]
  private var values: ColumnValues
  private var text = TextBuffer(capacity: 64)
  private(set) var time: Int64 = 0

  /// A column, or a part of one, with its field.
  private struct Entry {
    let field: ProtobufField
    let target: RecordShape.Target
    /// Whether the column holds what the field does, with nothing more to be said.
    let isDirect: Bool
  }

  var lineBreaks: Int { 0 }
  var readsArrivals: Bool { false }
  var arrival: Int64? { nil }

  init(_ plan: SourcePlan) {
    shape = plan.shape
    timeColumn = plan.timeColumn
    var entries: [Entry] = []
    for (column, reading) in plan.shape.readings.enumerated() {
      for (part, input) in reading.inputs.enumerated() {
        guard let field = input.field else { continue }
        entries.append(
          Entry(
            field: field,
            target: RecordShape.Target(column: column, part: part),
            isDirect: reading.isPlain && field.type == plan.schema.fields[column].type
          )
        )
      }
    }
    self.entries = entries.sorted { $0.field.number < $1.field.number }
    found = Array(repeating: nil, count: entries.count)
    values = ColumnValues(plan.shape)
  }

  mutating func begin(_ header: CSVHeader) {}

  func endOfRecord(_ bytes: Span<UInt8>, from start: Int) -> Int? {
    guard case .known(let prefix, let count) = MessageLength(bytes, at: start), bytes.count - start - prefix >= count
    else { return nil }
    return start + prefix + count - 1
  }

  func plainRecord(_ bytes: Span<UInt8>, from start: Int) -> (next: Int, time: Int64?)? { nil }

  mutating func read(_ bytes: Span<UInt8>, from start: Int, into rows: inout ColumnScratch, row: Int) -> ReadOutcome {
    let message: Range<Int>
    switch MessageLength(bytes, at: start) {
    case .known(let prefix, let count):
      guard bytes.count - start - prefix >= count else { return .incomplete }
      message = start + prefix..<start + prefix + count
    case .incomplete: return .incomplete
    case .malformed: return .problem(.message("no length of a message stands there"))
    }
    for index in found.indices { found[index] = nil }
    if values.hasCombined { values.beginRecord() }
    var cursor = WireCursor(bytes, in: message)
    var expected = 0
    fields: while true {
      switch cursor.next() {
      case .field(let number, let value): expected = note(value, of: number, expected: expected)
      case .end: break fields
      case .malformed:
        return .problem(
          .message("no Protobuf message: what stands at its byte \(cursor.at - message.lowerBound + 1) is no field")
        )
      }
    }
    for index in entries.indices {
      if let problem = store(index, bytes, into: &rows, row: row) { return .problem(problem) }
    }
    if values.hasCombined {
      if let problem = values.endRecord(into: &rows, row: row) { return .problem(problem) }
    }
    time = rows.int64(column: timeColumn + RecordLayout.columnsBefore, row: row)
    return .row(next: message.upperBound)
  }

  /// Keeps a field's value for the columns that want it. Programs write fields in one order, so the next one is tried first.
  private mutating func note(_ value: WireCursor.Value, of number: Int, expected: Int) -> Int {
    var index = expected
    if index >= entries.count || entries[index].field.number != number {
      guard let first = entries.firstIndex(where: { $0.field.number == number }) else { return expected }
      index = first
    }
    while index < entries.count, entries[index].field.number == number {
      found[index] = value
      index += 1
    }
    return index
  }

  private mutating func store(
    _ index: Int,
    _ bytes: Span<UInt8>,
    into rows: inout ColumnScratch,
    row: Int
  ) -> RowProblem? {
    let entry = entries[index]
    let column = entry.target.column
    guard let wire = found[index] else {
      switch entry.field.presence {
      case .zero: return Self.store(entry.field.zero, entry, bytes, &text, &values, into: &rows, row: row)
      case .null, .required:
        if values.isCombined(column) { return nil }
        let isNull = entry.field.presence == .null
        guard isNull else { return .field(column: column, reason: "missing, a required field of the message") }
        return values.storeMissing("missing", column, into: &rows, row: row)
      }
    }
    switch entry.field.value(wire, in: bytes) {
    case .value(let value): return Self.store(value, entry, bytes, &text, &values, into: &rows, row: row)
    case .problem(let reason): return .field(column: column, reason: reason)
    }
  }

  private static func store(
    _ value: ProtobufField.Value,
    _ entry: Entry,
    _ bytes: Span<UInt8>,
    _ text: inout TextBuffer,
    _ values: inout ColumnValues,
    into rows: inout ColumnScratch,
    row: Int
  ) -> RowProblem? {
    let target = entry.target.column + RecordLayout.columnsBefore
    text.removeAll()
    switch value {
    case .int(let number):
      if entry.isDirect { rows.store(number, column: target, row: row) } else { text.append(integer: number) }
    case .float(let number):
      if entry.isDirect, number.isFinite {
        rows.store(number, column: target, row: row)
      } else {
        text.append(float: number)
      }
      if entry.isDirect, !number.isFinite {
        return .field(column: entry.target.column, reason: "'\(number)' is no number")
      }
    case .bool(let truth):
      if entry.isDirect { rows.store(truth, column: target, row: row) } else { text.append(truth ? "true" : "false") }
    case .time(let time):
      if entry.isDirect {
        rows.store(time, column: target, row: row)
      } else {
        text.append(timestamp: time, separator: CSVText.space)
      }
    case .name(let name): text.append(name)
    case .bytes(let range): text.append(bytes.extracting(range))
    }
    if entry.isDirect, value.isText {
      guard FieldText.isUTF8(text.bytes) else { return .field(column: entry.target.column, reason: "not UTF-8") }
      rows.store(text.bytes, column: target, row: row)
    } else if !entry.isDirect {
      return values.store(text.bytes, isGiven: true, entry.target, into: &rows, row: row)
    }
    return nil
  }
}
