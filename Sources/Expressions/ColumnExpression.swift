package import Records

extension Expression {
  /// The column that it is, where it is nothing but one.
  package var column: Int? {
    if instructions.count == 1, case .column(let index) = instructions[0].operation { index } else { nil }
  }

  /// A column of `schema` as it is.
  package static func column(_ index: Int, of schema: Schema) -> Expression {
    let field = schema.fields[index]
    return Expression([
      Instruction(operation: .column(index), operands: [], result: ValueType(field.type, nullable: field.isNullable))
    ])
  }
}
