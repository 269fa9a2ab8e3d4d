package import Records

extension Expression {
  /// A plan holds no longer expression: bounds the memory that one from outside can ask for.
  static let mostInstructions = 50_000

  package func encode(into writer: inout ByteWriter) { ExpressionSet.encode([self], into: &writer) }

  /// - Parameter schema: of the rows that it will be evaluated over; every type is checked against it again.
  package init(from reader: inout ByteReader, schema: Schema) throws(MalformedBytes) {
    let expressions = try ExpressionSet.expressions(from: &reader, schema: schema)
    guard expressions.count == 1 else { throw reader.malformed("one expression") }
    self = expressions[0]
  }
}

/// Expressions that look values up in the same list or table carry it once.
extension ExpressionSet {
  package func encode(into writer: inout ByteWriter) { Self.encode(expressions, into: &writer) }

  /// - Parameter schema: of the rows that they will be evaluated over, which they all see alike.
  package init(from reader: inout ByteReader, schema: Schema) throws(MalformedBytes) {
    self.init(try Self.expressions(from: &reader, schema: schema))
  }

  fileprivate static func encode(_ expressions: [Expression], into writer: inout ByteWriter) {
    let shared = SharedValues(of: expressions)
    shared.encode(into: &writer)
    writer.write(expressions) { expression, writer in
      writer.write(expression.instructions) { instruction, writer in
        instruction.operation.encode(into: &writer, shared: shared)
        writer.write(instruction.operands) { $1.write(UInt32($0)) }
      }
    }
  }

  fileprivate static func expressions(
    from reader: inout ByteReader,
    schema: Schema
  ) throws(MalformedBytes) -> [Expression] {
    let shared = try SharedValues(from: &reader)
    return try reader.read { (reader) throws(MalformedBytes) in
      var instructions: [Instruction] = []
      _ = try reader.read { (reader) throws(MalformedBytes) in
        let operation = try Operation(from: &reader, shared: shared)
        let operands = try reader.read { (reader) throws(MalformedBytes) in Int(try reader.read(UInt32.self)) }
        guard operands.allSatisfy({ $0 < instructions.count }),
          let result = operation.result(operands.map { instructions[$0].result }, schema: schema)
        else { throw reader.malformed("operands of the right types") }
        guard instructions.count < Expression.mostInstructions else { throw reader.malformed("a shorter expression") }
        instructions.append(Instruction(operation: operation, operands: operands, result: result))
      }
      guard !instructions.isEmpty else { throw reader.malformed("an expression") }
      return Expression(instructions)
    }
  }
}
