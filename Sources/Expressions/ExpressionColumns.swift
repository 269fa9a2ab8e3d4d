extension Expression {
  /// The columns of its schema that it reads, by their numbers.
  package var columns: Set<Int> {
    var columns: Set<Int> = []
    for instruction in instructions { if case .column(let index) = instruction.operation { columns.insert(index) } }
    return columns
  }
}
