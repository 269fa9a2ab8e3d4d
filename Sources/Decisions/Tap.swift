internal import Foundation
internal import PipelineSpec
package import Records

/// A place of a pipeline where rows are written down.
struct Tap {
  let path: String
  /// The columns that are written.
  let schema: Schema

  /// The column that says whether a stage's `where` lets the row in.
  static let passes = "where"

  /// The rows that passed, in their order.
  func rows() throws -> [TappedRow] {
    let table = CSVTable(try String(contentsOfFile: path, encoding: .utf8))
    return table.rows.compactMap { values in
      guard values.count == schema.fields.count + 2, let time = values[0].flatMap({ Int64($0) }),
        let tag = values[1].flatMap({ Int64($0) })
      else { return nil }
      return TappedRow(position: Position(time: time, tag: UInt64(bitPattern: tag)), values: Array(values.dropFirst(2)))
    }
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
