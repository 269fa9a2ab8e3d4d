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

  private static let names = ExpressionNames(
    lists: ["texts": ValueList(["a", "b", "Z\u{FC}rich"]), "numbers": ValueList(["1", "-5", "2.50", "1e3"])],
    tables: ["m": table(isVersioned: false), "v": table(isVersioned: true)],
    zone: { $0 == "UTC" ? .utc : TimeZoneRules(file: Array($0.utf8)) },
    zoneNames: { ["UTC"] }
  )

  /// By texts, or by numbers and times, with values for those of the rows.
  private static func table(isVersioned: Bool) -> LookupTable {
    let key = isVersioned ? Field("k", .int64) : Field("k", .string)
    let keys: [TableValue] = isVersioned ? [0, 0, 1].map { .word($0) } : ["", "a", "b"].map { .text(Array($0.utf8)) }
    let schema = Schema([key, Field("w", .float64, nullable: true), Field("s", .string), Field("t", .timestamp)])
    let columns = [
      keys, [.word(0), .null, .word(1)], [.text([]), .text([97]), .text([98])], [0, 5, 0].map { .word($0) },
    ]
    do { return try LookupTable(schema, columns: columns, key: 0, validFrom: isVersioned ? 3 : nil) } catch {
      fatalError("the keys are different")
    }
  }

  static func read(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    _ = try? Aggregate.compile(text, schema: schema)
    _ = TimeZoneRules(file: bytes)
    if let syntax = try? Parser.parse(text) {
      Subject.require((try? Parser.parse(syntax.text)) == syntax, "what is printed reads as what was printed")
    }
    do throws(ExpressionError) { try evaluate(Expression.compile(text, schema: schema, names: names)) } catch {
      Subject.require(
        error.offset >= 0 && error.length >= 0 && error.offset + error.length <= text.utf8.count,
        "a mistake is somewhere in the text"
      )
    }
  }

  private static func evaluate(_ expression: Expression) {
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
    guard let batch = projection.apply(LooseRows(.of(schema, rows))).rows?.assembled() else { return }
    batch.readEverything()
    let result = batch.column(batch.schema.fields.count - 1)
    for row in 0..<batch.rowCount {
      Subject.require(!result.isNull(row) || expression.isNullable, "only a nullable expression gives nulls")
    }
  }
}
