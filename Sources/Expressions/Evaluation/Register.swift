internal import Records

/// The results of one step for all rows of a batch; its memory is used again from batch to batch.
struct Register {
  /// Bits of the values: 0 or 1 for a `bool`, the pattern of a `float64`. Unspecified where the row is null, and for text.
  var values: [Int64] = []
  /// Whether any row is null; `nulls` says which only then.
  var hasNulls = false
  var nulls: [Bool] = []
  var text = TextValues.none

  /// The texts of a step that gives strings.
  enum TextValues {
    case none
    /// In the batch that is evaluated.
    case column(ColumnView)
    /// The same for every row.
    case constant([UInt8])
    /// Made by the step: row i ends where row i + 1 begins.
    case own(bytes: [UInt8], starts: [Int])
  }

  func isNull(_ row: Int) -> Bool { hasNulls && nulls[row] }
  func float(_ row: Int) -> Double { Double(bitPattern: UInt64(bitPattern: values[row])) }

  /// Gives `body` the text of a row.
  @inline(__always)
  func withText<T>(_ row: Int, _ body: (Span<UInt8>) -> T) -> T {
    switch text {
    case .none: body([UInt8]().span)
    case .column(let view): body(view.utf8(row))
    case .constant(let bytes): body(bytes.span)
    case .own(let bytes, let starts): body(bytes.span.extracting(starts[row]..<starts[row + 1]))
    }
  }

  /// Makes room for `rows` values, none of them null.
  mutating func prepare(rows: Int) {
    if values.count < rows { values = Array(repeating: 0, count: rows) }
    hasNulls = false
  }

  /// Makes every row null for which `isNull` says so.
  @inline(__always)
  mutating func markNulls(rows: Int, _ isNull: (Int) -> Bool) {
    if nulls.count < rows { nulls = Array(repeating: false, count: rows) }
    for row in 0..<rows {
      let null = isNull(row)
      nulls[row] = null
      hasNulls = hasNulls || null
    }
  }

  mutating func markNull(_ row: Int, rows: Int) {
    if !hasNulls {
      if nulls.count < rows { nulls = Array(repeating: false, count: rows) }
      for row in 0..<rows { nulls[row] = false }
      hasNulls = true
    }
    nulls[row] = true
  }
}
