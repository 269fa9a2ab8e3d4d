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
    let views = sources.map(\.columns)
    var layout = BatchLayout(columns: schema.fields.count, rows: count, hasArrivals: hasArrivals)
    let places = schema.fields.indices.map { index in
      let type = schema.fields[index].type
      return layout.add(
        values: type == .string ? (count + 1) * 4 : count * type.width,
        hasNulls: views.contains { $0[index].hasNulls },
        text: type == .string ? MergedColumn.textBytes(views, index, runs) : 0
      )
    }
    let storage = layout.makeStorage(places)
    let body = unsafe storage.base + FrameHeader.size
    var at = layout.positions
    let positions = sources.map(\.positions)
    unsafe Self.copyWords(to: body + at, runs) { unsafe positions[$0].times }
    at += count * 8
    unsafe Self.copyWords(to: body + at, runs) { unsafe positions[$0].tags }
    at += count * 8
    if hasArrivals {
      let arrivals = sources.compactMap(\.arrivals)
      unsafe Self.copyWords(to: body + at, runs) { unsafe arrivals[$0].values }
    }
    for index in places.indices {
      unsafe MergedColumn.copy(views, index, schema.fields[index].type, runs, count, to: body, places[index])
    }
    self.init(
      schema: schema,
      rowCount: count,
      flags: hasArrivals ? FrameHeader.arrivalsFlag : 0,
      storage: storage
    )
    withExtendedLifetime(sources) {}
  }

  /// - Parameter words: those of a source.
  @unsafe
  @inline(__always)
  fileprivate static func copyWords(
    to target: UnsafeMutableRawPointer,
    _ runs: [BatchRun],
    _ words: (_ source: Int) -> UnsafeRawPointer
  ) {
    var at = unsafe target
    for run in runs {
      let source = unsafe words(run.source) + run.rows.lowerBound &* 8
      if run.rows.count == 1 {
        unsafe at.storeBytes(of: source.loadUnaligned(as: UInt64.self), as: UInt64.self)
      } else {
        unsafe at.copyMemory(from: source, byteCount: run.rows.count &* 8)
      }
      unsafe at += run.rows.count &* 8
    }
  }
}

/// One column of several batches, given as all of theirs, so that none is retained for a few rows.
private enum MergedColumn {
  /// Bytes of the texts of a string column.
  static func textBytes(_ views: [[ColumnView]], _ index: Int, _ runs: [BatchRun]) -> Int {
    var bytes = 0
    for run in runs {
      let column = views[run.source][index]
      for row in run.rows { bytes += column.utf8(row).count }
    }
    return bytes
  }

  /// Copies the runs to their place in the body of a batch of `count` rows.
  @unsafe
  static func copy(
    _ views: [[ColumnView]],
    _ index: Int,
    _ type: ColumnType,
    _ runs: [BatchRun],
    _ count: Int,
    to body: UnsafeMutableRawPointer,
    _ place: BatchLayout.Place
  ) {
    let values = unsafe body + place.values
    switch type {
    case .int64, .float64, .timestamp, .decimal:
      unsafe RecordBatch.copyWords(to: values, runs) { unsafe views[$0][index].values }
    case .bool:
      var at = 0
      for run in runs {
        let source = unsafe views[run.source][index].values + run.rows.lowerBound
        unsafe (values + at).copyMemory(from: source, byteCount: run.rows.count)
        at += run.rows.count
      }
    case .string: unsafe copyTexts(views, index, runs, offsets: values, text: body + place.text)
    }
    guard place.validity != 0 else { return }
    let validity = unsafe body + place.validity
    unsafe validity.initializeMemory(as: UInt8.self, repeating: 0, count: (count + 7) / 8)
    var at = 0
    for run in runs {
      for row in run.rows {
        if !views[run.source][index].isNull(row) {
          let byte = unsafe validity.load(fromByteOffset: at >> 3, as: UInt8.self)
          unsafe validity.storeBytes(of: byte | 1 << UInt8(at & 7), toByteOffset: at >> 3, as: UInt8.self)
        }
        at += 1
      }
    }
  }

  @unsafe
  private static func copyTexts(
    _ views: [[ColumnView]],
    _ index: Int,
    _ runs: [BatchRun],
    offsets: UnsafeMutableRawPointer,
    text: UnsafeMutableRawPointer
  ) {
    var end = 0
    var place = 0
    unsafe offsets.storeBytes(of: 0, as: UInt32.self)
    for run in runs {
      let column = views[run.source][index]
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
