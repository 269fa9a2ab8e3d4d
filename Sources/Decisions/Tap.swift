internal import Foundation
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
    TapText.rows(try Data(contentsOf: URL(filePath: path)), columns: schema.fields.count)
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
