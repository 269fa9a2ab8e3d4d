internal import Records

extension Expression {
  /// Whether a condition holds, where that is the same for every row because it reads none of them; nil where it is not,
  /// and for what is no condition.
  package var constantTruth: Bool? {
    guard type == .bool, columns.isEmpty else { return nil }
    var condition = Predicate(self)
    return condition.select(columns: [], rows: 1).count == 1
  }
}
