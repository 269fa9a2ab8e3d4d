/// Steps that look values up in tables.
extension Machine {
  /// Finds the rows of keys; null where there is none.
  func find(_ step: Step, _ input: borrowing Input) {
    let keys = input.tables.keys[Int(step.bits)]
    let isText = step.code == .findText || step.code == .findTextAt
    if let versions = keys.versions {
      let times = lanes.values(step.b)
      passNulls(step.a, step.b, to: step.target)
      search(step, input, keys.keys, isText: isText) { key, row in versions.row(ofKey: key, at: times[row]) }
    } else {
      passNulls(step.a, to: step.target)
      search(step, input, keys.keys, isText: isText) { key, _ in Int64(key) }
    }
  }

  /// - Parameter found: the table's row for a key, by the key's number, and for the row at hand; below 0: none.
  @inline(__always)
  private func search(
    _ step: Step,
    _ input: borrowing Input,
    _ keys: borrowing ValueSet,
    isText: Bool,
    _ found: (_ key: Int, _ row: Int) -> Int64
  ) {
    var target = lanes.target(step.target)
    var misses: Int64 = 0
    if isText {
      for row in target.indices {
        // Only a row that is not null has a text.
        let key = lanes.isNull(step.target, row) ? nil : keys.index(of: text(step.a, row, input))
        target[row] = key.map { found($0, row) } ?? -1
        misses |= target[row]
      }
    } else {
      let values = lanes.values(step.a)
      for row in target.indices {
        target[row] = keys.index(of: values[row]).map { found($0, row) } ?? -1
        misses |= target[row]
      }
    }
    guard misses < 0 else { return }
    let rows = lanes.values(step.target)
    markNulls(step.target) { rows[$0] < 0 }
  }

  /// Takes the values of rows; null where there is no such row, or where it has none.
  func fetch(_ step: Step, _ input: borrowing Input) {
    let index = Int(step.bits)
    let column = input.tables.columns[index]
    let rows = lanes.values(step.a)
    var target = lanes.target(step.target)
    passNulls(step.a, to: step.target)
    var isMissing = false
    for row in target.indices {
      if column.hasValue(rows[row]) {
        let place = Int(rows[row])
        target[row] =
          step.code == .fetchText ? TextReference(table: index, row: place).bits : column.words[place]
      } else {
        target[row] = 0
        isMissing = true
      }
    }
    if isMissing { markNulls(step.target) { !column.hasValue(rows[$0]) } }
  }
}
