/// A run of rows of one of several batches.
public struct BatchRun: Sendable {
  /// Which of the batches.
  package let source: Int
  package let rows: Range<Int>

  package init(source: Int, rows: Range<Int>) {
    self.source = source
    self.rows = rows
  }
}

extension RecordBatch {
  /// One batch that holds runs of rows of several, in the order of the runs, each row copied once.
  ///
  /// - Parameters:
  ///   - sources: batches of one schema; arrivals are kept where all of them have them.
  ///   - runs: at least one row in all.
  package init(merging sources: [RecordBatch], runs: [BatchRun]) {
    let schema = sources[0].schema
    precondition(sources.allSatisfy { $0.schema.fingerprint == schema.fingerprint })
    precondition(runs.allSatisfy { $0.rows.lowerBound >= 0 && $0.rows.upperBound <= sources[$0.source].rowCount })
    let count = runs.reduce(0) { $0 + $1.rows.count }
    precondition(count > 0)
    let hasArrivals = sources.allSatisfy(\.hasArrivals)
    let columns = schema.fields.indices.map { index in
      MergedColumn(sources.map { $0.column(index) }, runs, count)
    }
    var layout = BatchLayout(columns: columns.count, rows: count, hasArrivals: hasArrivals)
    let places = columns.map { layout.add(values: $0.valueBytes, hasNulls: $0.hasNulls, text: $0.textBytes) }
    let storage = layout.makeStorage(places)
    let body = unsafe storage.base + FrameHeader.size
    var at = layout.positions
    let positions = sources.map(\.positions)
    unsafe Self.copyWords(positions.map { unsafe $0.times }, to: body + at, runs)
    at += count * 8
    unsafe Self.copyWords(positions.map { unsafe $0.tags }, to: body + at, runs)
    at += count * 8
    if hasArrivals {
      let arrivals = sources.compactMap(\.arrivals)
      unsafe Self.copyWords(arrivals.map { unsafe $0.values }, to: body + at, runs)
    }
    for (column, place) in zip(columns, places) {
      unsafe column.copy(
        values: body + place.values,
        validity: body + place.validity,
        text: body + place.text,
        runs,
        count
      )
    }
    self.init(
      schema: schema,
      rowCount: count,
      flags: hasArrivals ? FrameHeader.arrivalsFlag : 0,
      storage: storage
    )
    withExtendedLifetime(sources) {}
  }

  @unsafe
  fileprivate static func copyWords(
    _ sources: [UnsafeRawPointer],
    to target: UnsafeMutableRawPointer,
    _ runs: [BatchRun]
  ) {
    var at = unsafe target
    for run in runs {
      let source = unsafe sources[run.source] + run.rows.lowerBound &* 8
      if run.rows.count == 1 {
        unsafe at.storeBytes(of: source.loadUnaligned(as: UInt64.self), as: UInt64.self)
      } else {
        unsafe at.copyMemory(from: source, byteCount: run.rows.count &* 8)
      }
      unsafe at += run.rows.count &* 8
    }
  }
}

/// One column of several batches.
@safe
private struct MergedColumn {
  let sources: [ColumnView]
  let type: ColumnType
  let valueBytes: Int
  let textBytes: Int
  let hasNulls: Bool

  init(_ sources: [ColumnView], _ runs: [BatchRun], _ count: Int) {
    self.sources = sources
    type = sources[0].type
    valueBytes = type == .string ? (count + 1) * 4 : count * type.width
    hasNulls = sources.contains(where: \.hasNulls)
    var text = 0
    if type == .string {
      for run in runs {
        let column = sources[run.source]
        for row in run.rows { text += column.utf8(row).count }
      }
    }
    textBytes = text
  }

  @unsafe
  func copy(
    values: UnsafeMutableRawPointer,
    validity: UnsafeMutableRawPointer,
    text: UnsafeMutableRawPointer,
    _ runs: [BatchRun],
    _ count: Int
  ) {
    switch type {
    case .int64, .float64, .timestamp, .decimal:
      unsafe RecordBatch.copyWords(sources.map { unsafe $0.values }, to: values, runs)
    case .bool:
      var place = 0
      for run in runs {
        let source = unsafe sources[run.source].values + run.rows.lowerBound
        unsafe (values + place).copyMemory(from: source, byteCount: run.rows.count)
        place += run.rows.count
      }
    case .string: unsafe copyTexts(offsets: values, text: text, runs)
    }
    guard hasNulls else { return }
    unsafe validity.initializeMemory(as: UInt8.self, repeating: 0, count: (count + 7) / 8)
    var place = 0
    for run in runs {
      let column = sources[run.source]
      for row in run.rows {
        if !column.isNull(row) {
          let byte = unsafe validity.load(fromByteOffset: place >> 3, as: UInt8.self)
          unsafe validity.storeBytes(of: byte | 1 << UInt8(place & 7), toByteOffset: place >> 3, as: UInt8.self)
        }
        place += 1
      }
    }
  }

  @unsafe
  private func copyTexts(offsets: UnsafeMutableRawPointer, text: UnsafeMutableRawPointer, _ runs: [BatchRun]) {
    var end = 0
    var place = 0
    unsafe offsets.storeBytes(of: 0, as: UInt32.self)
    for run in runs {
      let column = sources[run.source]
      for row in run.rows {
        let bytes = column.utf8(row)
        unsafe bytes.withUnsafeBytes { source in
          if let start = source.baseAddress { unsafe (text + end).copyMemory(from: start, byteCount: source.count) }
        }
        end += bytes.count
        place += 1
        unsafe offsets.storeBytes(of: UInt32(end), toByteOffset: place * 4, as: UInt32.self)
      }
    }
  }
}
