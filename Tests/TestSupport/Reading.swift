package import Records

/// Readers of everything: what a decoder accepts must be readable to the last value, whoever wrote the bytes.
extension Frame {
  /// Reads the header and every value of every row.
  ///
  /// - Returns: a number that depends on all of them, so that no read is optimised away.
  @discardableResult
  package func readEverything() -> UInt64 {
    let head = UInt64(header.epoch) ^ header.sequence ^ UInt64(bitPattern: header.watermark.time) ^ header.watermark.tag
    return head ^ (batch?.readEverything() ?? 0)
  }
}

extension RecordBatch {
  /// Reads the position, the arrival and every value of every row, nulls included, in every way that its type allows.
  ///
  /// - Returns: a number that depends on all of them.
  @discardableResult
  package func readEverything() -> UInt64 {
    var sum: UInt64 = 0
    func add(_ value: UInt64) { sum = StableHash.of(Int64(bitPattern: sum ^ value)) }
    let (positions, arrivals) = (positions, arrivals)
    for row in 0..<rowCount {
      add(UInt64(bitPattern: positions[row].time) ^ positions[row].tag ^ UInt64(bitPattern: positions.time(row)))
      if let arrivals { add(UInt64(bitPattern: arrivals.int64(row))) }
    }
    for column in columns {
      add(column.hasNulls ? 1 : 0)
      for row in 0..<rowCount {
        add(column.isNull(row) ? 1 : 0)
        switch column.type {
        case .int64, .timestamp, .decimal: add(UInt64(bitPattern: column.int64(row)))
        case .float64: add(column.float64(row).bitPattern)
        case .bool: add(column.bool(row) ? 1 : 0)
        case .string:
          add(StableHash.of(column.utf8(row)))
          add(UInt64(column.string(row).unicodeScalars.count))
        }
      }
    }
    return sum
  }
}
