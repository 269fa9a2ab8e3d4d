import Expressions
import Records
import TestSupport

/// The text of an expression and of an aggregate, over rows with a column of each type.
enum ExpressionSubject {
  static let schema = Schema(
    [
      ("i", ColumnType.int64), ("f", .float64), ("b", .bool), ("t", .timestamp), ("d", .decimal(scale: 2)),
      ("e", .decimal(scale: 18)), ("s", .string),
    ]
    .flatMap { [Field($0.0, $0.1), Field($0.0 + "n", $0.1, nullable: true)] }
  )
  private static let rows = {
    var random = SeededRandom(seed: 7)
    return Row.random(schema, count: 12, &random)
  }()

  static func read(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    _ = try? Aggregate.compile(text, schema: schema)
    guard let expression = try? Expression.compile(text, schema: schema) else { return }
    var writer = ByteWriter()
    expression.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    let copy = try? Expression(from: &reader, schema: schema)
    Subject.require(copy == expression && reader.isAtEnd, "an expression survives its encoding")
    var projection = Projection(
      input: schema,
      compute: [("x", expression)],
      filter: expression.type == .bool ? expression : nil
    )
    guard let batch = projection.apply(.of(schema, rows)).batch else { return }
    batch.readEverything()
    let result = batch.column(batch.schema.fields.count - 1)
    for row in 0..<batch.rowCount {
      Subject.require(!result.isNull(row) || expression.isNullable, "only a nullable expression gives nulls")
    }
  }
}
