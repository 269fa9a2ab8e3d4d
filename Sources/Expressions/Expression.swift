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
  package static func compile(_ text: String, schema: Schema) throws(ExpressionError) -> Expression {
    let syntax = try Parser.parse(text)
    var checker = Checker(schema)
    let last = try checker.check(syntax)
    return checker.expression(of: last)
  }

  package func encode(into writer: inout ByteWriter) {
    writer.write(instructions) { instruction, writer in
      instruction.operation.encode(into: &writer)
      writer.write(instruction.operands) { $1.write(UInt32($0)) }
    }
  }

  /// - Parameter schema: of the rows that it will be evaluated over; every type is checked against it again.
  package init(from reader: inout ByteReader, schema: Schema) throws(MalformedBytes) {
    var instructions: [Instruction] = []
    _ = try reader.read { (reader) throws(MalformedBytes) in
      let operation = try Operation(from: &reader)
      let operands = try reader.read { (reader) throws(MalformedBytes) in Int(try reader.read(UInt32.self)) }
      guard operands.allSatisfy({ $0 < instructions.count }),
        let result = operation.result(operands.map { instructions[$0].result }, schema: schema)
      else { throw reader.malformed("operands of the right types") }
      instructions.append(Instruction(operation: operation, operands: operands, result: result))
    }
    guard !instructions.isEmpty else { throw reader.malformed("an expression") }
    self.init(instructions)
  }
}
