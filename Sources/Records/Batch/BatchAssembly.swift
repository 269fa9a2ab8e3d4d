/// The rows of some columns that go into a batch.
public enum RowSelection: Sendable {
  case range(Range<Int>)
  /// Each below the columns' count, in the order in which they are to stand.
  case rows([UInt32])

  package var count: Int {
    switch self {
    case .range(let range): range.count
    case .rows(let rows): rows.count
    }
  }
}

extension RecordBatch {
  /// Puts a batch together from columns of any origin, copying the selected rows of each once.
  ///
  /// - Parameters:
  ///   - schema: names and types of `columns`, in the same order. A column that is not nullable must have no nulls in the
  ///     selection.
  ///   - arrivals: the scheduled arrival of each row, where known.
  package init(
    _ schema: Schema,
    positions: PositionsView,
    arrivals: ColumnView? = nil,
    columns: [ColumnView],
    rows selection: RowSelection
  ) {
    precondition(schema.fields.count == columns.count)
    let count = selection.count
    let sections = columns.map { Section($0, selection) }
    var layout = BatchLayout(columns: columns.count, rows: count, hasArrivals: arrivals != nil)
    let places = sections.map { layout.add(values: $0.valueBytes, hasNulls: $0.hasNulls, text: $0.textBytes) }
    let storage = layout.makeStorage(places)
    let body = unsafe storage.base + FrameHeader.size
    var at = layout.positions
    unsafe Self.copyWords(from: positions.times, to: body + at, selection)
    at += count * 8
    unsafe Self.copyWords(from: positions.tags, to: body + at, selection)
    at += count * 8
    if let arrivals { unsafe Self.copyWords(from: arrivals.values, to: body + at, selection) }
    for (section, place) in zip(sections, places) {
      unsafe section.copy(
        values: body + place.values,
        validity: body + place.validity,
        text: body + place.text,
        selection
      )
    }
    self.init(
      schema: schema,
      rowCount: count,
      flags: arrivals == nil ? 0 : FrameHeader.arrivalsFlag,
      storage: storage
    )
    withExtendedLifetime((positions, arrivals, columns)) {}
  }

  /// The given rows of this batch, in the same order; itself when all are selected.
  package func selecting(_ rows: RowSelection) -> RecordBatch {
    if rows.count == rowCount { return self }
    return RecordBatch(schema, positions: positions, arrivals: arrivals, columns: columns, rows: rows)
  }

  @unsafe
  fileprivate static func copyWords(
    from source: UnsafeRawPointer,
    to target: UnsafeMutableRawPointer,
    _ selection: RowSelection
  ) {
    switch selection {
    case .range(let range):
      unsafe target.copyMemory(from: source + range.lowerBound * 8, byteCount: range.count * 8)
    case .rows(let rows):
      for (place, row) in rows.enumerated() {
        let word = unsafe source.loadUnaligned(fromByteOffset: Int(row) &* 8, as: UInt64.self)
        unsafe target.storeBytes(of: word, toByteOffset: place &* 8, as: UInt64.self)
      }
    }
  }
}

/// What one column contributes to a batch.
@safe
private struct Section {
  let column: ColumnView
  let valueBytes: Int
  let textBytes: Int
  let hasNulls: Bool

  init(_ column: ColumnView, _ selection: RowSelection) {
    self.column = column
    let count = selection.count
    var nulls = false
    var text = 0
    switch selection {
    case .range(let range):
      precondition(range.lowerBound >= 0 && range.upperBound <= column.count)
      if column.hasNulls { nulls = range.contains { column.isNull($0) } }
      if column.type == .string { for row in range { text += column.utf8(row).count } }
    case .rows(let rows):
      precondition(rows.allSatisfy { Int($0) < column.count })
      if column.hasNulls { nulls = rows.contains { column.isNull(Int($0)) } }
      if column.type == .string { for row in rows { text += column.utf8(Int(row)).count } }
    }
    hasNulls = nulls
    textBytes = text
    valueBytes = column.type == .string ? (count + 1) * 4 : count * column.type.width
  }

  @unsafe
  func copy(
    values: UnsafeMutableRawPointer,
    validity: UnsafeMutableRawPointer,
    text: UnsafeMutableRawPointer,
    _ selection: RowSelection
  ) {
    switch column.type {
    case .int64, .float64, .timestamp, .decimal:
      unsafe RecordBatch.copyWords(from: column.values, to: values, selection)
    case .bool:
      each(selection) { place, row in
        let byte = unsafe column.values.load(fromByteOffset: row, as: UInt8.self)
        unsafe values.storeBytes(of: byte, toByteOffset: place, as: UInt8.self)
      }
    case .string:
      var end = 0
      unsafe values.storeBytes(of: 0, as: UInt32.self)
      each(selection) { place, row in
        let bytes = column.utf8(row)
        unsafe bytes.withUnsafeBytes { source in
          if let start = source.baseAddress { unsafe (text + end).copyMemory(from: start, byteCount: source.count) }
        }
        end += bytes.count
        unsafe values.storeBytes(of: UInt32(end), toByteOffset: (place + 1) * 4, as: UInt32.self)
      }
    }
    guard hasNulls else { return }
    unsafe validity.initializeMemory(as: UInt8.self, repeating: 0, count: (selection.count + 7) / 8)
    each(selection) { place, row in
      guard !column.isNull(row) else { return }
      let byte = unsafe validity.load(fromByteOffset: place >> 3, as: UInt8.self)
      unsafe validity.storeBytes(of: byte | 1 << UInt8(place & 7), toByteOffset: place >> 3, as: UInt8.self)
    }
  }

  @inline(__always)
  private func each(_ selection: RowSelection, _ body: (_ place: Int, _ row: Int) -> Void) {
    switch selection {
    case .range(let range): for (place, row) in range.enumerated() { body(place, row) }
    case .rows(let rows): for (place, row) in rows.enumerated() { body(place, Int(row)) }
    }
  }
}
