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
      let type = fields[column].type
      for (row, place) in selected.enumerated() {
        let from = Int(place)
        if other.isNull(column: column, row: from) {
          storeNull(column: column, row: row)
          continue
        }
        switch type {
        case .string: store(other.text(column: column, row: from), column: column, row: row)
        case .bool: store(other.bool(column: column, row: from), column: column, row: row)
        case .int64, .float64, .timestamp, .decimal:
          store(other.int64(column: column, row: from), column: column, row: row)
        }
      }
    }
  }
}
