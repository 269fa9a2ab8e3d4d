/// A test that a pipeline's file holds: rows that go in, and what is to come out.
package struct PipelineTest: Sendable {
  package let name: String
  package let place: Place
  /// The rows of each source that has any; a nil stage is the only source.
  package let input: [Rows]
  /// The rows of each sink that is looked at, all of them and in their order; a nil stage is the only sink.
  package let expected: [Rows]
  /// Every row is shown, not only what the sinks' `where` keeps.
  package let showsAll: Bool
  /// How many rows are to be late, dead letters or filtered, where the test says so: by the keys of the file.
  package let counts: [(key: String, value: Int64)]

  /// The sinks of the pipeline, whose results go to files of the test; nil: the only one.
  package let outputs: [String?]

  /// The rows of one stage.
  package struct Rows: Sendable {
    package let stage: String?
    package let rows: [Row]
    /// Columns that the stage reads, whether or not a row names them.
    package let declared: [String]

    init(stage: String?, rows: [Row], declared: [String] = []) {
      self.stage = stage
      self.rows = rows
      self.declared = declared
    }

    /// The columns that any row names, in the order in which they come first, and then those that none does.
    package var columns: [String] {
      var names: [String] = []
      for row in rows { for cell in row.cells where !names.contains(cell.name) { names.append(cell.name) } }
      let named = Set(names.map { $0.lowercased() })
      return names + declared.filter { !named.contains($0.lowercased()) }
    }
  }

  package struct Row: Sendable {
    package let place: Place
    package let cells: [Cell]

    package subscript(name: String) -> Cell? { cells.first { $0.name == name } }
  }

  /// A column of a row: all that the test says of it.
  package struct Cell: Sendable {
    package let name: String
    package let place: Place
    /// As it is written; nil: null.
    package let text: String?
  }
}
