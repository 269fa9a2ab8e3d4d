package import Records

/// A compiled expression over the columns of a schema: typed, checked, ready to be evaluated batch by batch.
package struct Expression: Sendable, Equatable {
  /// In the order of evaluation; the last one gives the result. At least one.
  let instructions: [Instruction]

  /// The type of its values.
  package var type: ColumnType { result.type }
  /// Whether a row may get no value.
  package var isNullable: Bool { result.isNullable }

  private var result: ValueType { instructions[instructions.count - 1].result }

  init(_ instructions: [Instruction]) {
    precondition(!instructions.isEmpty)
    self.instructions = instructions
  }

  /// Compiles `text`, whose names are columns of `schema`.
  ///
  /// - Parameter names: what it may name besides.
  package static func compile(
    _ text: String,
    schema: Schema,
    names: ExpressionNames = .none
  ) throws(ExpressionError) -> Expression {
    let syntax = try Parser.parse(text)
    var checker = Checker(schema, names)
    let last = try checker.check(syntax)
    return checker.expression(of: last)
  }
}

/// What an expression may name besides columns.
package struct ExpressionNames: Sendable {
  /// Lists for `x in name`.
  package var lists: [String: ValueList]
  /// Tables for `lookup`.
  package var tables: [String: LookupTable]
  /// Tables that are declared, but so that nothing is known of them.
  package var wrongTables: Set<String> = []
  /// Learns which lists and tables expressions read.
  package var reads: NamesRead?
  /// The rules of a time zone by its name; nil where there is no such zone.
  package var zone: @Sendable (String) -> TimeZoneRules?
  /// All time zones, for messages.
  package var zoneNames: @Sendable () -> [String]

  package init(
    lists: [String: ValueList] = [:],
    tables: [String: LookupTable] = [:],
    zone: @escaping @Sendable (String) -> TimeZoneRules? = { _ in nil },
    zoneNames: @escaping @Sendable () -> [String] = { [] }
  ) {
    self.lists = lists
    self.tables = tables
    self.zone = zone
    self.zoneNames = zoneNames
  }

  /// No list, no table and no time zone.
  package static let none = ExpressionNames()
}
