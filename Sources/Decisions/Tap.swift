internal import Foundation
package import Records
internal import SinkStage

/// A place of a pipeline where rows are written down.
struct Tap {
  let path: String
  /// The columns that are written.
  let schema: Schema

  /// The column that says whether a stage's `where` lets the row in.
  static let passes = "where"

  /// The rows that passed, in their order.
  func rows() throws -> [TappedRow] {
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    var rows: [TappedRow] = []
    func read(_ count: Int) throws -> [UInt8] { Array(try file.read(upToCount: count) ?? Data()) }
    try Frame.forEachBatch(of: schema, read: read) { batch in
      let (columns, positions) = (batch.columns, batch.positions)
      for row in 0..<batch.rowCount {
        rows.append(TappedRow(position: positions[row], values: columns.map { Self.text($0, row) }))
      }
    }
    return rows
  }

  private static func text(_ column: ColumnView, _ row: Int) -> String? {
    if column.hasNulls, column.isNull(row) { return nil }
    var text = TextBuffer()
    text.append(plain: column, row)
    let bytes = text.bytes
    return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
  }

  /// Those of them that the stage behind it takes in.
  func rowsThatPass() throws -> [TappedRow] {
    guard let condition = schema.fields.lastIndex(where: { $0.name == Self.passes }),
      condition == schema.fields.count - 1
    else { return try rows() }
    return try rows().filter { $0.values[condition] == "true" }
  }
}

/// A row as it passed some place of a pipeline.
package struct TappedRow: Hashable, Sendable {
  package let position: Position
  /// As a sink writes them; nil: null.
  package let values: [String?]

  package init(position: Position, values: [String?]) {
    self.position = position
    self.values = values
  }
}
