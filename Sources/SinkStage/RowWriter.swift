package import Records

/// Writes rows as text in one of the formats.
struct RowWriter {
  private let format: SinkFormat
  private let cells: [Cell]
  /// Of each of them.
  private let fields: [Field]
  /// What stands before the values in JSON.
  private let keys: [UInt8]
  private let header: String

  /// A column to write. Nothing in it is retained, for every row goes through all of them.
  private struct Cell {
    let column: Int
    /// What of `keys` stands before its value: `{"name":` or `,"name":`.
    let key: Range<Int>
    /// Characters of the column in a table.
    let width: Int
  }

  init(_ plan: SinkPlan) {
    format = plan.format
    header = plan.header
    fields = plan.columns.map { plan.inputSchema.fields[$0] }
    var keys: [UInt8] = []
    cells = zip(plan.columns, fields).map { column, field in
      let start = keys.count
      keys += "\(start == 0 ? "{" : ",")\(Self.json(field.name)):".utf8
      return Cell(column: column, key: start..<keys.count, width: max(field.name.count, Self.width(field.type)))
    }
    self.keys = keys
  }

  private static func json(_ name: String) -> String {
    var text = TextBuffer()
    text.append(json: name)
    var bytes: [UInt8] = []
    for index in text.bytes.indices { bytes.append(text.bytes[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }

  func writeHeader(to text: inout TextBuffer) {
    switch format {
    case .jsonl, .frames: break
    case .lines: text.append(header)
    case .csv:
      for (place, field) in fields.enumerated() {
        if place > 0 { text.append(byte: Self.comma) }
        let name = Array(field.name.utf8)
        Self.append(csv: name.span, to: &text)
      }
      text.append(byte: Self.newline)
    case .table:
      writeTableLine(to: &text) { place, text in text.append(fields[place].name) }
      writeTableLine(to: &text) { place, text in
        for _ in 0..<cells[place].width { text.append(byte: UInt8(ascii: "-")) }
      }
    }
  }

  func write(_ columns: [ColumnView], _ rows: RowSelection, to text: inout TextBuffer) {
    switch rows {
    case .range(let range): for row in range { write(columns, row, to: &text) }
    case .rows(let rows): for row in rows { write(columns, Int(row), to: &text) }
    }
  }

  func write(_ columns: [ColumnView], _ row: Int, to text: inout TextBuffer) {
    switch format {
    case .jsonl: writeObject(columns, row, to: &text)
    case .frames: break
    case .lines:
      let line = columns[0]
      text.append(line.utf8(row))
    case .csv: writeRecord(columns, row, to: &text)
    case .table:
      writeTableLine(to: &text) { place, text in
        Self.append(tabular: columns[cells[place].column], row, to: &text)
      }
    }
  }

  // MARK: JSON Lines

  private func writeObject(_ columns: [ColumnView], _ row: Int, to text: inout TextBuffer) {
    let (columns, keys) = (columns.span, keys.span)
    for place in cells.indices {
      let cell = cells[place]
      text.append(keys.extracting(cell.key))
      Self.append(json: columns[cell.column], row, to: &text)
    }
    text.append(cells.isEmpty ? "{}\n" : "}\n")
  }

  private static func append(json column: borrowing ColumnView, _ row: Int, to text: inout TextBuffer) {
    if column.hasNulls && column.isNull(row) { return text.append("null") }
    switch column.type {
    case .int64: text.append(integer: column.int64(row))
    case .float64: text.append(float: column.float64(row))
    case .bool: append(truth: column.bool(row), to: &text)
    case .decimal(let scale): text.append(decimal: column.int64(row), scale: scale)
    case .string: text.append(json: column.utf8(row))
    case .timestamp:
      text.append(byte: quote)
      text.append(timestamp: column.int64(row), separator: UInt8(ascii: "T"))
      text.append("Z\"")
    }
  }

  // MARK: CSV

  private func writeRecord(_ columns: [ColumnView], _ row: Int, to text: inout TextBuffer) {
    let columns = columns.span
    for place in cells.indices {
      if place > 0 { text.append(byte: Self.comma) }
      Self.append(csv: columns[cells[place].column], row, to: &text)
    }
    text.append(byte: Self.newline)
  }

  private static func append(csv column: borrowing ColumnView, _ row: Int, to text: inout TextBuffer) {
    if column.hasNulls && column.isNull(row) { return }
    guard column.type == .string else { return text.append(plain: column, row) }
    // An empty text is quoted, for an empty field is a null.
    if column.utf8(row).isEmpty { text.append("\"\"") } else { append(csv: column.utf8(row), to: &text) }
  }

  private static func append(csv value: Span<UInt8>, to text: inout TextBuffer) {
    let isPlain = value.indices.allSatisfy {
      value[$0] != comma && value[$0] != quote && value[$0] != newline && value[$0] != 0x0D
    }
    if isPlain { return text.append(value) }
    text.append(byte: quote)
    for index in value.indices {
      if value[index] == quote { text.append(byte: quote) }
      text.append(byte: value[index])
    }
    text.append(byte: quote)
  }

  fileprivate static func append(truth: Bool, to text: inout TextBuffer) {
    if truth { text.append("true") } else { text.append("false") }
  }

  // MARK: Tables

  /// Widths are fixed, so that a row need not wait for those behind it; a longer value shifts the rest of its line.
  private static func width(_ type: ColumnType) -> Int {
    switch type {
    case .int64: 6
    case .float64: 8
    case .bool: 5
    case .decimal(let scale): 6 + scale
    case .timestamp: 19
    case .string: 8
    }
  }

  /// - Parameter value: appends that of the cell in this place.
  private func writeTableLine(to text: inout TextBuffer, _ value: (Int, inout TextBuffer) -> Void) {
    var content = TextBuffer()
    for place in cells.indices {
      if place > 0 { text.append("  ") }
      content.removeAll()
      value(place, &content)
      let isNumber =
        switch fields[place].type {
        case .int64, .float64, .decimal: true
        case .bool, .timestamp, .string: false
        }
      let padding = cells[place].width - Self.characters(content.bytes)
      if isNumber { Self.append(spaces: padding, to: &text) }
      text.append(content.bytes)
      if !isNumber && place < cells.count - 1 { Self.append(spaces: padding, to: &text) }
    }
    text.append(byte: Self.newline)
  }

  private static func append(tabular column: borrowing ColumnView, _ row: Int, to text: inout TextBuffer) {
    if column.isNull(row) { return text.append("-") }
    switch column.type {
    case .float64: append(rounded: column.float64(row), to: &text)
    case .string:
      // A line of a table is one line.
      let value = column.utf8(row)
      for index in value.indices { text.append(byte: value[index] < 0x20 ? space : value[index]) }
    default: text.append(plain: column, row)
    }
  }

  /// Four decimal places are enough for people; large numbers stand as they are.
  private static func append(rounded value: Double, to text: inout TextBuffer) {
    let scaled = (value * 10_000).rounded()
    guard abs(scaled) < 1e15 else { return text.append(float: value) }
    text.append(decimal: Int64(scaled), scale: 4)
  }

  private static func characters(_ text: Span<UInt8>) -> Int {
    var count = 0
    for index in text.indices where text[index] & 0xC0 != 0x80 { count += 1 }
    return count
  }

  private static func append(spaces count: Int, to text: inout TextBuffer) {
    for _ in 0..<max(count, 0) { text.append(byte: space) }
  }

  private static var comma: UInt8 { UInt8(ascii: ",") }
  private static var quote: UInt8 { UInt8(ascii: "\"") }
  private static var newline: UInt8 { UInt8(ascii: "\n") }
  fileprivate static var space: UInt8 { UInt8(ascii: " ") }
}

extension TextBuffer {
  /// Appends a value that is there as CSV has it, but for quotes.
  package mutating func append(plain column: borrowing ColumnView, _ row: Int) {
    switch column.type {
    case .int64: append(integer: column.int64(row))
    case .float64: append(float: column.float64(row))
    case .bool: RowWriter.append(truth: column.bool(row), to: &self)
    case .decimal(let scale): append(decimal: column.int64(row), scale: scale)
    case .timestamp: append(timestamp: column.int64(row), separator: RowWriter.space)
    case .string: append(column.utf8(row))
    }
  }
}
