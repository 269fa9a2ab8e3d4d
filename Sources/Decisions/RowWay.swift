internal import Records

/// By which way a row came, where it was copied.
struct RowWay {
  private let row: TappedRow
  private let schema: Schema
  private let wayBits: Int

  /// - Parameter wayBits: of the pipeline's positions.
  init(_ row: TappedRow, _ schema: Schema, _ wayBits: Int) {
    self.row = row
    self.schema = schema
    self.wayBits = wayBits
  }

  /// The row at a stage, of the copies that were there.
  ///
  /// A column keeps its values for as long as a row has it, so a copy that has others went another way.
  ///
  /// - Parameters:
  ///   - schema: the columns to compare, the first of `rows`.
  ///   - mayDiffer: whether the stage is not one before it, where any copy will do.
  func row(among rows: [TappedRow], _ schema: Schema, mayDiffer: Bool) -> TappedRow? {
    let copies = rows.filter { $0.original(wayBits) == row.original(wayBits) }
    let same = copies.first { copy in
      zip(schema.fields, copy.values).allSatisfy { field, value in
        self.schema.index(of: field.name).map { row.values[$0] == value } ?? true
      }
    }
    return same ?? (mayDiffer ? copies.first : nil)
  }
}

extension TappedRow {
  /// The same for all copies of a row.
  func original(_ wayBits: Int) -> Position {
    Position(time: position.time, tag: position.tag >> UInt64(wayBits))
  }
}
