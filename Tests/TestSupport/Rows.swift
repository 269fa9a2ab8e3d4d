package import Records

/// A value as tests write it; a timestamp and a (scaled) decimal are integers.
package enum Value: Hashable, Sendable, CustomStringConvertible {
  case null
  case int(Int64)
  case float(Double)
  case bool(Bool)
  case text(String)

  package var description: String {
    switch self {
    case .null: "null"
    case .int(let value): "\(value)"
    case .float(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .text(let value): "'\(value)'"
    }
  }
}

/// A row as tests write it.
package struct Row: Hashable, Sendable {
  package var time: Int64
  package var ordinal: UInt64
  package var values: [Value]

  package init(time: Int64, ordinal: UInt64, values: [Value]) {
    self.time = time
    self.ordinal = ordinal
    self.values = values
  }
}

extension RecordBatch {
  /// A batch that holds `rows`, which arrive when `arrivals` says, one for each row.
  package static func of(_ schema: Schema, _ rows: [Row], arrivals: [Int64]? = nil) -> RecordBatch {
    let fields = [Field("time", .int64), Field("tag", .int64)] + schema.fields + [Field("arrival", .int64)]
    var scratch = ColumnScratch(fields, capacity: rows.count)
    scratch.reset(rows: rows.count)
    for (row, arrival) in (arrivals ?? []).enumerated() { scratch.store(arrival, column: fields.count - 1, row: row) }
    for (place, row) in rows.enumerated() {
      let position = Position(time: row.time, source: 0, ordinal: row.ordinal)
      scratch.store(position.time, column: 0, row: place)
      scratch.store(Int64(bitPattern: position.tag), column: 1, row: place)
      for (column, value) in row.values.enumerated() {
        switch value {
        case .null: scratch.storeNull(column: column + 2, row: place)
        case .int(let value): scratch.store(value, column: column + 2, row: place)
        case .float(let value): scratch.store(value, column: column + 2, row: place)
        case .bool(let value): scratch.store(value, column: column + 2, row: place)
        case .text(let value): scratch.store(Array(value.utf8).span, column: column + 2, row: place)
        }
      }
    }
    return RecordBatch(
      schema,
      positions: scratch.positions(rows: rows.count),
      arrivals: arrivals.map { _ in scratch.view(fields.count - 1, rows: rows.count) },
      columns: schema.fields.indices.map { scratch.view($0 + 2, rows: rows.count) },
      rows: .range(0..<rows.count)
    )
  }

  /// What the batch holds.
  package var rows: [Row] {
    (0..<rowCount).map { row in
      Row(time: positions[row].time, ordinal: positions[row].ordinal, values: columns.map { $0.value(row) })
    }
  }
}

extension ColumnView {
  package func value(_ row: Int) -> Value {
    if isNull(row) { return .null }
    return switch type {
    case .int64, .timestamp, .decimal: .int(int64(row))
    case .float64: .float(float64(row))
    case .bool: .bool(bool(row))
    case .string: .text(string(row))
    }
  }
}

extension TextBuffer {
  /// What it holds.
  package var text: String {
    var bytes: [UInt8] = []
    let span = self.bytes
    for index in span.indices { bytes.append(span[index]) }
    return String(decoding: bytes, as: UTF8.self)
  }
}
