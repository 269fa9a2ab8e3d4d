internal import Records

extension Checker {
  /// `lookup(table.column, key)`, and where the table's rows hold from a time on, `lookup(table.column, key, time)`: a
  /// step that finds the row, which all columns share, and one that takes the value.
  mutating func lookup(_ call: Call) throws(ExpressionError) -> Int {
    guard case .tableColumn(let name, let column, let range) = call.arguments[0] else {
      throw ExpressionError(
        "`lookup` is given no column of a table",
        at: call.arguments[0].range,
        remedy: "write \(call.usage)"
      )
    }
    let nameRange = range.lowerBound..<range.lowerBound + name.utf8.count
    let table = try table(name, nameRange)
    guard let index = table.schema.index(of: column) else {
      let columns = table.schema.fields.map(\.name)
      throw ExpressionError(
        "the table `\(name)` has no column `\(column)`",
        at: range.upperBound - column.utf8.count..<range.upperBound,
        remedy: NearestName.of(column, among: columns).map { "did you mean `\($0)`?" }
          ?? "its columns are: \(columns.joined(separator: ", "))"
      )
    }
    let key = try key(call.arguments[1], table.keys.type, of: name)
    let row: Int
    switch (table.validFrom, call.arguments.count) {
    case (nil, 2): row = emit(.find(table.keys), key)
    case (.some, 3): row = emit(.find(table.keys), key, try timestamp(call.arguments[2], call))
    case (.some(let from), _):
      throw ExpressionError(
        "the rows of `\(name)` hold from `\(table.schema.fields[from].name)` on, and `lookup` is not told at what time",
        at: call.range,
        remedy: "write lookup(\(name).\(column), key, time), with the time of the row"
      )
    case (nil, _):
      throw ExpressionError(
        "`lookup` is given a time, and the rows of `\(name)` hold at any",
        at: call.arguments[2].range,
        remedy: "leave it out, or declare `valid_from` for the table"
      )
    }
    return emit(.fetch(table.columns[index]), row)
  }

  private func table(_ name: String, _ range: Range<Int>) throws(ExpressionError) -> LookupTable {
    names.reads?.add(table: name)
    if let table = names.tables[name] { return table }
    if names.wrongTables.contains(name) {
      throw ExpressionError("the table `\(name)` is wrong", at: range, remedy: "see there", isConsequence: true)
    }
    let known = names.tables.keys.sorted()
    throw ExpressionError(
      "there is no table `\(name)`",
      at: range,
      remedy: NearestName.of(name, among: known).map { "did you mean `\($0)`?" }
        ?? (known.isEmpty ? "declare it under `tables:`" : "the tables are: \(known.joined(separator: ", "))")
    )
  }

  private mutating func key(_ syntax: Syntax, _ type: ColumnType, of table: String) throws(ExpressionError) -> Int {
    // A text beside timestamps is one written down, as in a comparison.
    if case .text(let text, let range) = syntax, type == .timestamp { return try timestamp(text, range) }
    let step = try check(syntax)
    if self.type(of: step) == type { return step }
    throw ExpressionError(
      "\(self.type(of: step)) is looked up among the keys of `\(table)`, which are \(type)",
      at: syntax.range,
      remedy: "give `lookup` a key of that type, or declare the table's key as \(self.type(of: step))"
    )
  }
}
