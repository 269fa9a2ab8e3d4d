package import Records

extension Expression {
  /// A plan holds no longer expression: bounds the memory that one from outside can ask for.
  static let mostInstructions = 50_000

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
      guard instructions.count < Self.mostInstructions else { throw reader.malformed("a shorter expression") }
      instructions.append(Instruction(operation: operation, operands: operands, result: result))
    }
    guard !instructions.isEmpty else { throw reader.malformed("an expression") }
    self.init(instructions)
  }
}
