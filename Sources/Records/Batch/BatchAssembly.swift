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
    var layout = BatchLayout(columns: columns.count, rows: count, hasArrivals: arrivals != nil)
    let places = columns.map { column in
      layout.add(
        values: column.type == .string ? (count + 1) * 4 : count * column.type.width,
        hasNulls: Section.hasNulls(column, selection),
        text: Section.textBytes(column, selection)
      )
    }
    let storage = layout.makeStorage(places)
    let body = unsafe storage.base + FrameHeader.size
    var at = layout.positions
    unsafe Self.copyWords(from: positions.times, to: body + at, selection)
    at += count * 8
    unsafe Self.copyWords(from: positions.tags, to: body + at, selection)
    at += count * 8
    if let arrivals { unsafe Self.copyWords(from: arrivals.values, to: body + at, selection) }
    for index in places.indices { unsafe Section.copy(columns[index], selection, to: body, places[index]) }
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

/// What one column contributes to a batch. Nothing here keeps a column, for a batch of a few rows would be longer at retaining
/// and releasing all of them than at copying their values.
private enum Section {
  static func hasNulls(_ column: borrowing ColumnView, _ selection: RowSelection) -> Bool {
    precondition(isWithin(column.count, selection))
    guard column.hasNulls else { return false }
    switch selection {
    case .range(let range):
      for row in range where column.isNull(row) { return true }
    case .rows(let rows):
      for row in rows where column.isNull(Int(row)) { return true }
    }
    return false
  }

  private static func isWithin(_ count: Int, _ selection: RowSelection) -> Bool {
    switch selection {
    case .range(let range): range.lowerBound >= 0 && range.upperBound <= count
    case .rows(let rows): rows.allSatisfy { Int($0) < count }
    }
  }

  /// Bytes of the texts of a string column.
  static func textBytes(_ column: borrowing ColumnView, _ selection: RowSelection) -> Int {
    guard column.type == .string else { return 0 }
    var bytes = 0
    switch selection {
    case .range(let range): for row in range { bytes += column.utf8(row).count }
    case .rows(let rows): for row in rows { bytes += column.utf8(Int(row)).count }
    }
    return bytes
  }

  /// Copies the selected rows to their place in the body of a batch.
  @unsafe
  static func copy(
    _ column: borrowing ColumnView,
    _ selection: RowSelection,
    to body: UnsafeMutableRawPointer,
    _ place: BatchLayout.Place
  ) {
    let values = unsafe body + place.values
    switch column.type {
    case .int64, .float64, .timestamp, .decimal:
      unsafe RecordBatch.copyWords(from: column.values, to: values, selection)
    case .bool:
      each(selection) { place, row in
        unsafe values.storeBytes(of: column.bool(row) ? 1 : 0, toByteOffset: place, as: UInt8.self)
      }
    case .string: unsafe copyTexts(column, selection, offsets: values, text: body + place.text)
    }
    if place.validity != 0 { unsafe copyValidity(column, selection, to: body + place.validity) }
  }

  @unsafe
  private static func copyTexts(
    _ column: borrowing ColumnView,
    _ selection: RowSelection,
    offsets: UnsafeMutableRawPointer,
    text: UnsafeMutableRawPointer
  ) {
    var end = 0
    unsafe offsets.storeBytes(of: 0, as: UInt32.self)
    each(selection) { place, row in
      let bytes = column.utf8(row)
      unsafe bytes.withUnsafeBytes { source in
        if let start = source.baseAddress { unsafe (text + end).copyMemory(from: start, byteCount: source.count) }
      }
      end += bytes.count
      unsafe offsets.storeBytes(of: UInt32(end), toByteOffset: (place + 1) * 4, as: UInt32.self)
    }
  }

  @unsafe
  private static func copyValidity(
    _ column: borrowing ColumnView,
    _ selection: RowSelection,
    to validity: UnsafeMutableRawPointer
  ) {
    if case .range(let rows) = selection, rows.lowerBound % 8 == 0, let bits = unsafe column.validity {
      unsafe validity.copyMemory(from: bits + rows.lowerBound / 8, byteCount: (rows.count + 7) / 8)
      // What the last byte has beyond the rows is none of theirs.
      if rows.count % 8 != 0 {
        let last = unsafe validity.load(fromByteOffset: rows.count / 8, as: UInt8.self)
        let mask: UInt8 = 1 << UInt8(rows.count % 8) - 1
        unsafe validity.storeBytes(of: last & mask, toByteOffset: rows.count / 8, as: UInt8.self)
      }
      return
    }
    unsafe validity.initializeMemory(as: UInt8.self, repeating: 0, count: (selection.count + 7) / 8)
    each(selection) { place, row in
      guard !column.isNull(row) else { return }
      let byte = unsafe validity.load(fromByteOffset: place >> 3, as: UInt8.self)
      unsafe validity.storeBytes(of: byte | 1 << UInt8(place & 7), toByteOffset: place >> 3, as: UInt8.self)
    }
  }

  @inline(__always)
  private static func each(_ selection: RowSelection, _ body: (_ place: Int, _ row: Int) -> Void) {
    switch selection {
    case .range(let range): for (place, row) in range.enumerated() { body(place, row) }
    case .rows(let rows): for (place, row) in rows.enumerated() { body(place, Int(row)) }
    }
  }
}
