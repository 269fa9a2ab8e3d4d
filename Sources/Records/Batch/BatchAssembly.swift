/// The rows of some columns that go into a batch.
public enum RowSelection: Sendable {
  case range(Range<Int>)
  /// Ascending, each below the columns' count.
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
    let plan = columns.map { Section($0, selection) }
    var size = columns.count * Self.directoryEntry + count * (arrivals == nil ? 16 : 24)
    var offsets: [(values: Int, validity: Int, text: Int)] = []
    for section in plan {
      let values = size
      size = Self.aligned(values + section.valueBytes)
      let validity = section.hasNulls ? size : 0
      if section.hasNulls { size = Self.aligned(size + (count + 7) / 8) }
      let text = size
      size = Self.aligned(size + section.textBytes)
      offsets.append((values, validity, text))
    }
    // Body offsets are 32 bits wide; batches are cut by rows and bytes long before.
    precondition(size <= Int(UInt32.max), "a batch is smaller than 4 GiB")
    let storage = FrameStorage(uninitialised: FrameHeader.size + size)
    unsafe (storage.base + FrameHeader.size).initializeMemory(as: UInt8.self, repeating: 0, count: columns.count * 24)
    for (index, section) in plan.enumerated() {
      let entry = FrameHeader.size + index * Self.directoryEntry
      storage.store(UInt32(offsets[index].values), at: entry)
      storage.store(UInt32(section.valueBytes), at: entry + 4)
      storage.store(UInt32(offsets[index].validity), at: entry + 8)
      storage.store(UInt32(offsets[index].text), at: entry + 12)
      storage.store(UInt32(section.textBytes), at: entry + 16)
      storage.clearEnd(of: section.valueBytes, at: offsets[index].values)
      storage.clearEnd(of: section.hasNulls ? (count + 7) / 8 : 0, at: offsets[index].validity)
      storage.clearEnd(of: section.textBytes, at: offsets[index].text)
    }
    let body = unsafe storage.base + FrameHeader.size
    var at = columns.count * Self.directoryEntry
    unsafe Self.copyWords(from: positions.times, to: body + at, selection)
    at += count * 8
    unsafe Self.copyWords(from: positions.tags, to: body + at, selection)
    at += count * 8
    if let arrivals { unsafe Self.copyWords(from: arrivals.values, to: body + at, selection) }
    for (section, offset) in zip(plan, offsets) {
      unsafe section.copy(
        values: body + offset.values,
        validity: body + offset.validity,
        text: body + offset.text,
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

  static func aligned(_ offset: Int) -> Int { (offset + 7) & ~7 }

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

extension FrameStorage {
  /// Clears the last word of a section of the body before it is copied in: what the section leaves of the word would
  /// otherwise carry whatever the memory held before to the peer.
  fileprivate func clearEnd(of bytes: Int, at offset: Int) {
    guard bytes % 8 != 0 else { return }
    store(0 as UInt64, at: FrameHeader.size + RecordBatch.aligned(offset + bytes) - 8)
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
