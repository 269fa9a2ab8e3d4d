/// Moving rows from one scratch to another, so that those in between can be forgotten.
extension ColumnScratch {
  /// The bytes of the text column that holds the most.
  package var longestText: Int {
    var longest = 0
    for column in 0..<columnCount where fields[column].type == .string {
      longest = unsafe max(longest, texts[column].count)
    }
    return longest
  }

  /// Copies rows of a scratch of the same columns to the first rows of this one, which has been made ready for them.
  package mutating func copy(_ selected: [UInt32], of other: borrowing ColumnScratch) {
    precondition(fields == other.fields && selected.count <= capacity)
    for column in 0..<columnCount {
      for (row, from) in selected.enumerated() { copy(column, of: other, Int(from), to: row) }
    }
  }

  /// Copies a row of a scratch of the same columns to the next row of this one.
  package mutating func copy(_ from: Int, of other: borrowing ColumnScratch, to row: Int) {
    precondition(fields == other.fields)
    for column in 0..<columnCount { copy(column, of: other, from, to: row) }
  }

  @inline(__always)
  private mutating func copy(_ column: Int, of other: borrowing ColumnScratch, _ from: Int, to row: Int) {
    if other.isNull(column: column, row: from) { return storeNull(column: column, row: row) }
    switch fields[column].type {
    case .string: store(other.text(column: column, row: from), column: column, row: row)
    case .bool: store(other.bool(column: column, row: from), column: column, row: row)
    case .int64, .float64, .timestamp, .decimal:
      store(other.int64(column: column, row: from), column: column, row: row)
    }
  }
}
