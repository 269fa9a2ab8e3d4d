internal import Records

/// How many alerts a sink may show a day: the riskiest.
package struct BudgetPlan: Hashable, Sendable {
  /// Keys, or rows where there is no key.
  package let keep: Int
  /// Of which a day has one row, that with the highest score: an `int64` or a `string`; nil: every row counts.
  package let key: Int?
  /// A `float64`; a row without a score is not shown.
  package let score: Int

  /// Rows are held until their day is over.
  package static let keeps = 1...100_000

  package init(keep: Int, key: Int?, score: Int) {
    self.keep = keep
    self.key = key
    self.score = score
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(UInt32(keep))
    writer.write(key) { $1.write(UInt32($0)) }
    writer.write(UInt32(score))
  }

  /// - Parameter column: reads a column that fits.
  init(
    from reader: inout ByteReader,
    column: (inout ByteReader, (ColumnType) -> Bool) throws(MalformedBytes) -> Int
  ) throws(MalformedBytes) {
    keep = Int(try reader.read(UInt32.self))
    guard Self.keeps.contains(keep) else { throw reader.malformed("a number of alerts") }
    key = try reader.readOptional { (reader) throws(MalformedBytes) in
      try column(&reader, EvaluationPlan.isCard)
    }
    score = try column(&reader, EvaluationPlan.isScore)
  }
}
