import Expressions
import Records
import TestSupport
import Testing

/// The language by examples: what each expression gives for one row.
@Suite struct ExpressionTests {
  static let schema = Schema([
    Field("id", .int64), Field("amount", .decimal(scale: 2)), Field("risk", .float64), Field("ok", .bool),
    Field("at", .timestamp), Field("name", .string), Field("n", .int64, nullable: true),
    Field("s", .string, nullable: true), Field("flag", .bool, nullable: true), Field("big", .int64),
  ])
  /// 2018-04-07 06:59:59, a Saturday.
  static let row = Row(
    time: 0,
    ordinal: 0,
    values: [
      .int(7), .int(220_01), .float(0.25), .bool(true), .int(1_523_084_399_000_000), .text("Café Zürich"), .null, .null,
      .null, .int(.max),
    ]
  )

  static func value(_ text: String, names: ExpressionNames = .none) throws -> Value {
    let expression = try Expression.compile(text, schema: schema, names: names)
    var writer = ByteWriter()
    expression.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    let copy = try Expression(from: &reader, schema: schema)
    #expect(copy == expression && reader.isAtEnd, "\(text) survives its encoding")
    var projection = Projection(input: schema, compute: [("x", copy)], filter: nil)
    let (batch, dropped) = projection.apply(LooseRows(.of(schema, [row, row])))
    let result = try #require(batch?.assembled())
    #expect(dropped == 0 && result.column(10).value(0) == result.column(10).value(1))
    #expect(result.column(10).value(0) != .null || copy.isNullable, "\(text) is null but not nullable")
    return result.column(10).value(0)
  }

  @Test(
    arguments: [
      ("id", .int(7)), ("-id", .int(-7)), ("1 + 2 * 3", .int(7)), ("(1 + 2) * 3", .int(9)), ("7 % 4", .int(3)),
      ("10 - 3 - 2", .int(5)), ("2 - -3", .int(5)), ("-9223372036854775808", .int(.min)),
      // Decimals are exact, and have as many places as they need.
      ("amount + 0.1", .int(220_11)), ("amount * 3", .int(660_03)), ("amount * 0.1", .int(22_001)),
      ("0.1 + 0.2 = 0.3", .bool(true)), ("amount - 220", .int(1)), ("abs(0 - amount)", .int(220_01)),
      // Divided, and beside floats, numbers are floats.
      ("1 / 4", .float(0.25)), ("amount / 2", .float(110.005)), ("risk + 0.5", .float(0.75)), ("1e-3", .float(0.001)),
      ("risk * 2 + id", .float(7.5)), ("float(amount)", .float(220.01)),
      // What does not fit is null.
      ("big + 1", .null), ("big * 2", .null), ("1 / 0", .null), ("id % 0", .null), ("-big - 2", .null),
      ("int(1e300)", .null), ("1e308 * 10", .null),
      ("int(2.9)", .int(2)), ("int(-2.9)", .int(-2)), ("int(ok)", .int(1)), ("int(amount)", .int(220)),
      // Comparison is exact across types of numbers.
      ("amount > 220", .bool(true)), ("amount = 220.010", .bool(true)), ("amount >= 220.02", .bool(false)),
      ("risk = 0.25", .bool(true)), ("id != 7", .bool(false)), ("id <> 8", .bool(true)), ("big > 0.5", .bool(true)),
      ("name = 'Café Zürich'", .bool(true)), ("name < 'D'", .bool(true)), ("'it''s' = 'it''s'", .bool(true)),
      ("at > '2018-04-07'", .bool(true)), ("at < '2018-04-07 06:59:59'", .bool(false)),
      ("id in (1, 7, 9)", .bool(true)), ("id not in (1, 2)", .bool(true)), ("name in ('a', 'b')", .bool(false)),
      ("id between 1 and 7 and ok", .bool(true)), ("id not between 1 and 7", .bool(false)),
      ("not ok or id = 7", .bool(true)), ("not (ok and id = 7)", .bool(false)),
      // A null is a truth or number that is not known.
      ("n", .null), ("n + 1", .null), ("n = n", .null), ("n is null", .bool(true)), ("n is not null", .bool(false)),
      ("s is null", .bool(true)), ("flag and false", .bool(false)), ("flag and true", .null),
      ("flag or true", .bool(true)),
      ("flag or false", .null), ("not flag", .null), ("coalesce(n, 5)", .int(5)),
      ("coalesce(s, name)", .text("Café Zürich")),
      ("if flag then 1 else 2", .int(2)), ("if n > 3 then 1 else 2", .int(2)), ("lower(s)", .null),
      ("n in (1, 2)", .null),
      ("if ok then 1 else 2", .int(1)), ("if not ok then 1 else 2.5", .int(25)),
      ("if ok then name else 'x'", .text("Café Zürich")),
      ("if id > 5 then if id > 6 then 'b' else 'a' else 'c'", .text("b")),
      ("hour(at)", .int(6)), ("weekday(at)", .int(6)), ("min(3, id, 5)", .int(3)), ("max(risk, 0.5, 0.1)", .float(0.5)),
      ("lower(name)", .text("café zürich")), ("lower('ÀB')", .text("àb")), ("length(name)", .int(11)),
      ("contains(name, 'Zür')", .bool(true)), ("contains(name, 'zür')", .bool(false)),
      ("contains('', 'a')", .bool(false)),
      ("starts_with(name, 'Caf')", .bool(true)), ("ends_with(name, 'ich')", .bool(true)),
      ("ends_with('a', 'ba')", .bool(false)),
    ] as [(String, Value)]
  )
  func gives(text: String, expected: Value) throws {
    #expect(try Self.value(text) == expected)
  }

  @Test(arguments: [
    ("amout > 3", 0, "there is no column `amout`", "did you mean `amount`?"),
    ("id = 'a'", 0, "int64 is compared with string", "put a text in single quotes, and a number in none"),
    ("ok = 1", 0, "bool is compared with int64", "a bool is a condition by itself: write `x` or `not x`"),
    ("id and ok", 0, "`and` reads int64, not true or false", "write a comparison"),
    ("name + 1", 0, "`+` reads string, not a number", "give it a number"),
    ("hour(id)", 5, "`hour` reads int64, not a timestamp", "write hour(timestamp)"),
    ("houre(at)", 0, "there is no function `houre`", "did you mean `hour`?"),
    ("min(id)", 0, "`min` is given 1 value", "write min(x, y, ...)"),
    ("if ok then 1", 12, "expected `else` after what `then` gives, not the end", "write `else` before it"),
    ("if ok then 1 else 'a'", 11, "`then` and `else` give int64 and string", "give both the same type"),
    ("1 < 2 < 3", 6, "a comparison is compared again", "join two comparisons with `and`"),
    ("id = null", 5, "`null` is no value to compute with", "ask `x is null`, or fill x with `coalesce(x, 0)`"),
    ("\"a\"", 0, "a text stands in double quotes", "put it in single quotes: 'text'"),
    ("'a", 0, "a text has no end", "close it with a single quote"),
    ("id 7", 3, "`7` stands where the expression should end", "remove it, or join it with an operator"),
    ("(id", 3, "expected `)` to close the parenthesis, not the end", "write `)` before it"),
    ("id ? 1", 3, "`?` means nothing here", "use names, numbers, 'texts', operators and parentheses"),
    ("1.2.3", 0, "`1.2.3` is no number", "write a number like 220, 0.25 or 1e-3"),
    ("0x1p3", 0, "`0x1p3` is no number", "write a number like 220, 0.25 or 1e-3"),
    ("at > 'soon'", 5, "'soon' is no timestamp", "write it as '2018-04-01 13:45:00'"),
    ("", 0, "expected a value, not the end", "write a column, a number, a 'text' or a function there"),
    ("risk % 2", 0, "`%` reads float64", "give it whole numbers: int(...) makes one"),
  ])
  func refuses(text: String, offset: Int, message: String, remedy: String) {
    do throws(ExpressionError) {
      _ = try Expression.compile(text, schema: Self.schema)
      Issue.record("\(text) should be refused")
    } catch {
      #expect(error.message == message && error.offset == offset && error.remedy == remedy, "\(error)")
    }
  }

  @Test func deepAndLongTextsAreRefusedAndNeverTrap() {
    for text in [
      String(repeating: "(", count: 100_000), String(repeating: "not ", count: 100_000),
      String(repeating: "- ", count: 100_000), String(repeating: "1 + ", count: 100_000) + "1",
      String(repeating: "if ", count: 5000),
    ] {
      #expect(throws: ExpressionError.self) { try Expression.compile(text, schema: Self.schema) }
    }
    for seed in Seeds.range(300) {
      var random = SeededRandom(seed: seed)
      let words = [
        "id", "amount", "risk", "ok", "at", "name", "n", "s", "flag", "+", "-", "*", "/", "%", "(", ")", ",", "and",
        "or",
        "not", "in", "between", "is", "null", "if", "then", "else", "1", "2.5", "'x'", "=", "<", "min", "coalesce",
        "hour",
        "lower", "true",
      ]
      let text = (0..<Int.random(in: 1...12, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
        .joined(separator: " ")
      if let expression = try? Expression.compile(text, schema: Self.schema) {
        var projection = Projection(input: Self.schema, compute: [("x", expression)], filter: nil)
        _ = projection.apply(LooseRows(.of(Self.schema, [Self.row])))
      }
    }
  }

  /// Twice the work for each level would not end before the sun does.
  @Test(arguments: ["in (true, false)", "not in (true, not ok)", "between false and ok"])
  func nestedTestsTakeNoLongerThanTheirText(test: String) throws {
    let depth = 90
    var text = String(repeating: "(", count: depth) + "ok"
    for _ in 0..<depth { text += ") " + test }
    _ = try Expression.compile(text, schema: Self.schema)
    text = String(repeating: "if (", count: depth / 2) + "id"
    text += String(repeating: ") between 1 and 7 then 1 else 2", count: depth / 2)
    _ = try Expression.compile(text, schema: Self.schema)
  }

  @Test func damagedEncodingsAreRefusedOrHarmless() throws {
    let text = "if contains(lower(name), 'x') and amount * 2 > id or n is null then hour(at) + 1 else int(risk)"
    let expression = try Expression.compile(text, schema: Self.schema)
    var writer = ByteWriter()
    expression.encode(into: &writer)
    for seed in Seeds.range(3000) {
      var random = SeededRandom(seed: seed)
      var bytes = writer.bytes
      bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
      var reader = ByteReader(bytes)
      guard let damaged = try? Expression(from: &reader, schema: Self.schema) else { continue }
      var projection = Projection(input: Self.schema, compute: [("x", damaged)], filter: nil)
      _ = projection.apply(LooseRows(.of(Self.schema, [Self.row])))
    }
  }

  @Test func filtersKeepOnlyWhatIsTrueAndSeesComputedColumns() throws {
    let schema = Schema([Field("a", .int64, nullable: true), Field("name", .string)])
    let double = try Expression.compile("a * 2", schema: schema)
    let computed = schema.appending([Field("b", .int64, nullable: true)])
    let filter = try Expression.compile("b > 2", schema: computed)
    var projection = Projection(input: schema, compute: [("b", double)], filter: filter)
    let values: [Value] = [.int(1), .int(2), .null, .int(3)]
    let rows = values.enumerated().map { Row(time: 5, ordinal: UInt64($0), values: [$1, .text("r\($0)")]) }
    let (batch, dropped) = projection.apply(LooseRows(.of(schema, rows)))
    #expect(dropped == 2)
    #expect(
      batch?.assembled().rows == [
        Row(time: 5, ordinal: 1, values: [.int(2), .text("r1"), .int(4)]),
        Row(time: 5, ordinal: 3, values: [.int(3), .text("r3"), .int(6)]),
      ]
    )
    let none = projection.apply(LooseRows(.of(schema, [rows[2]])))
    #expect(none.rows == nil && none.dropped == 1)
  }
}
