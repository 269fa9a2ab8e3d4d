package import Records

/// What a stage leaves for others to read: its main output, and beside it what some kinds of stage have.
package enum StageOutput: UInt8, Hashable, Sendable, CaseIterable {
  case main = 0
  /// Rows later than a source allows.
  case late = 1
  /// Inputs that could not be processed.
  case deadLetters = 2

  /// What stands behind the stage's name in `from`; nil for the main output.
  package var name: String? {
    switch self {
    case .main: nil
    case .late: "late"
    case .deadLetters: "dead_letters"
    }
  }
}

/// Rows of one of a stage's side outputs.
package struct SideRows: Sendable {
  package let output: StageOutput
  package let rows: RecordBatch

  package init(_ output: StageOutput, _ rows: RecordBatch) {
    self.output = output
    self.rows = rows
  }
}
