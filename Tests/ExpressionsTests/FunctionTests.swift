import Expressions
import Records
import TestSupport
import Testing

/// The functions by examples, over the row of `ExpressionTests`.
@Suite struct FunctionTests {
  static let names = ExpressionNames(
    lists: [
      "places": ValueList(["Wien", "Café Zürich", "Wien"]), "ids": ValueList(["1", "7", "-3"]),
      "amounts": ValueList(["220.01", "1", "5.500"]), "times": ValueList(["2018-04-07 06:59:59"]),
      "nothing": ValueList([]),
    ],
    zone: { $0 == "Europe/Vienna" ? TimeZoneTests.vienna : nil },
    zoneNames: { ["Europe/Vienna", "UTC"] }
  )

  @Test(
    arguments: [
      // Nulls.
      ("if ok then null else 1", .null), ("if not ok then null else 'x'", .text("x")),
      ("if ok then n else null", .null),
      ("coalesce(null, n, 3)", .int(3)), ("coalesce(n, null)", .null), ("coalesce(id, 0.5)", .int(70)),
      ("nullif(id, 7)", .null), ("nullif(id, 8)", .int(7)), ("nullif(id, n)", .int(7)),
      ("nullif(name, 'x')", .text("Café Zürich")),
      // Texts.
      ("upper(name)", .text("CAFÉ ZÜRICH")), ("upper('straße')", .text("STRASSE")), ("trim('  a b\t')", .text("a b")),
      ("trim('   ')", .text("")), ("concat(name, '!', 'x')", .text("Café Zürich!x")), ("concat(name, s)", .null),
      ("substring(name, 1, 4)", .text("Café")), ("substring(name, 6)", .text("Zürich")),
      ("substring(name, 12, 3)", .text("")), ("substring(name, 4, 0)", .text("")), ("substring(name, 0, 2)", .null),
      ("substring(name, 1, -1)", .null), ("substring(name, 9223372036854775807, 9223372036854775807)", .text("")),
      ("concat(lower(name), upper(name)) = concat(lower(name), 'CAFÉ ZÜRICH')", .bool(true)),
      ("if ok then upper(name) else lower(name)", .text("CAFÉ ZÜRICH")),
      ("length(concat(name, lower(name)))", .int(22)), ("coalesce(s, upper('x'))", .text("X")),
      ("matches(name, '^Caf. Z[u-\u{FC}]r')", .bool(true)), ("matches(s, 'x')", .null),
      // Numbers.
      ("round(amount)", .int(220)), ("round(2.5)", .int(2)), ("round(3.5)", .int(4)), ("round(-2.5)", .int(-2)),
      ("round(0.125, 2)", .int(12)), ("round(0.135, 2)", .int(14)), ("round(amount, 1)", .int(2200)),
      ("round(id, 2)", .int(700)), ("round(risk * 3, 1)", .int(8)), ("round(1e300, 2)", .null),
      ("round(big, 1)", .null),
      ("floor(2.9)", .int(2)), ("floor(-2.1)", .int(-3)), ("ceil(2.1)", .int(3)), ("ceil(-2.9)", .int(-2)),
      ("floor(risk * 10)", .int(2)), ("ceil(risk * 10)", .int(3)), ("ceil(1e19)", .null),
      ("sqrt(16)", .float(4)), ("sqrt(-1)", .null), ("exp(0)", .float(1)), ("exp(1000)", .null), ("ln(1)", .float(0)),
      ("ln(0)", .null), ("ln(-1)", .null), ("pow(2, 10)", .float(1024)), ("pow(2, -1)", .float(0.5)),
      ("pow(0, -1)", .null), ("pow(0, 0)", .float(1)), ("pow(-2, 3)", .float(-8)), ("pow(1, big)", .float(1)),
      ("sign(-2.5)", .int(-1)), ("sign(0)", .int(0)), ("sign(risk)", .int(1)),
      ("clamp(id, 1, 5)", .int(5)), ("clamp(id, 8, 9)", .int(8)), ("clamp(id, 1, 9.5)", .int(70)),
      ("min(n, 1)", .null), ("max(at, at) = at", .bool(true)),
      ("round(haversine_km(48.2082, 16.3738, 47.3769, 8.5417), 1)", .int(5921)),
      ("haversine_km(91, 0, 0, 0)", .null), ("haversine_km(1, 2, 1, 2)", .float(0)),
      ("haversine_km(1, 2, 1, n)", .null),
      ("round(haversine_km(0, 0, 0, 180), 1)", .int(200151)),
      // Times.
      ("year(at)", .int(2018)), ("month(at)", .int(4)), ("day(at)", .int(7)), ("minute(at)", .int(59)),
      ("hour(at, 'Europe/Vienna')", .int(8)), ("hour('2018-12-01 23:30:00', 'Europe/Vienna')", .int(0)),
      ("day('2018-12-31 23:30:00', 'Europe/Vienna')", .int(1)),
      ("year('2018-12-31 23:30', 'Europe/Vienna')", .int(2019)),
      ("weekday(at, 'Europe/Vienna')", .int(6)), ("seconds_between(at, '2018-04-07 07:00:00.5')", .float(1.5)),
      ("seconds_between('2018-04-07', at)", .float(25199)),
      // Hashes.
      ("hash(id) = hash(7)", .bool(true)), ("hash(n)", .null), ("hash(id, name) = hash(7, 'Café Zürich')", .bool(true)),
      ("hash(id, name) = hash('Café Zürich', 7)", .bool(false)), ("hash(0.0 - risk * 0) = hash(risk * 0)", .bool(true)),
      ("bucket(name, 1)", .int(0)), ("bucket(name, 10) between 0 and 9", .bool(true)), ("bucket(name, 0)", .null),
      ("bucket(id, -5)", .null), ("hash(id)", .int(Int64(bitPattern: StableHash.of(7 as Int64)))),
      // Lists.
      ("name in places", .bool(true)), ("name not in places", .bool(false)), ("s in places", .null),
      ("id in ids", .bool(true)), ("-3 in ids", .bool(true)), ("2 in ids", .bool(false)),
      ("amount in amounts", .bool(true)),
      ("5.50 in amounts", .bool(true)), ("at in times", .bool(true)), ("id in nothing", .bool(false)),
      ("name in nothing", .bool(false)), ("n in ids", .null),
      ("id in (1, 2, 7.00)", .bool(true)), ("id in (1, 2, 7.5)", .bool(false)),
      ("amount in (1, 2, 220.0100)", .bool(true)),
      ("name in ('a', 'b', 'Café Zürich')", .bool(true)),
      ("at in ('2018-01-01', '2018-04-07 06:59:59', '2019-01-01')", .bool(true)),
      ("id in (1, 2, id)", .bool(true)), ("risk in (1, 2, 0.25)", .bool(true)), ("n not in (1, 2, 3)", .null),
    ] as [(String, Value)]
  )
  func gives(text: String, expected: Value) throws {
    #expect(try ExpressionTests.value(text, names: Self.names) == expected)
  }

  @Test(arguments: [
    ("if ok then null else null", 11..<25, "`then` and `else` both give null", "give one of them a value"),
    ("null + 1", 0..<4, "`null` is no value to compute with", "ask `x is null`, or fill x with `coalesce(x, 0)`"),
    ("coalesce(null, null)", 0..<20, "`coalesce` is given nothing but null", "write coalesce(x, y, ...)"),
    ("upper(id)", 6..<8, "`upper` reads int64, not a string", "give it a string"),
    ("subtring(name, 1)", 0..<8, "there is no function `subtring`", "did you mean `substring`?"),
    (
      "substring(name, risk)", 16..<20, "`substring` counts characters with float64",
      "write substring(text, start, length) with whole numbers, from 1"
    ),
    (
      "round(risk, id)", 12..<14, "the places of `round` are not written down as a number from 0 to 18",
      "write them as in round(x, 2)"
    ),
    (
      "pow(2, 0.5)", 7..<10, "`pow` reads decimal(1), not a whole number",
      "write pow(x, n); int(...) makes a whole number"
    ),
    ("sqrt(name)", 5..<9, "`sqrt` reads string, not a number", "give it a number"),
    ("max(name, name)", 4..<8, "`max` reads string", "give it numbers or timestamps"),
    ("clamp(id, 1, at)", 13..<15, "`clamp` reads int64 and timestamp", "give it values of one type"),
    ("hour(at, 'Europe/Viena')", 9..<23, "there is no time zone 'Europe/Viena'", "did you mean 'Europe/Vienna'?"),
    (
      "hour(at, name)", 9..<13, "the time zone of `hour` is not a text as it stands",
      "write its name in single quotes: hour(timestamp, 'Europe/Vienna')"
    ),
    (
      "seconds_between(at, id)", 20..<22, "`seconds_between` reads int64, not a timestamp",
      "write seconds_between(from, to)"
    ),
    ("name in place", 8..<13, "there is no list `place`", "did you mean `places`?"),
    (
      "id in places", 6..<12, "`Wien` in the list `places` is no int64",
      "look up a value of the list's type, or correct the list"
    ),
    (
      "id in amounts", 6..<13, "`220.01` in the list `amounts` is no int64",
      "look up a value of the list's type, or correct the list"
    ),
    (
      "risk in ids", 0..<4, "float64 is looked up in the list `ids`",
      "make it exact: round(x, 2) is a decimal with two places"
    ),
    ("id in 3", 6..<7, "expected values or a list after `in`, not `3`", "write `in (1, 2, 3)` or `in name`"),
    (
      "matches(name, s)", 14..<15, "the pattern of `matches` is not a text as it stands",
      "write it in single quotes: matches(text, '^[a-z]+$')"
    ),
    ("matches(name, 'it''s [')", 21..<22, "the class has no end", "write `]` after it, or `\\[` for the character"),
    ("abs(1, 2)", 0..<9, "`abs` is given 2 values", "write abs(x)"),
  ])
  func refuses(text: String, range: Range<Int>, message: String, remedy: String) {
    do throws(ExpressionError) {
      _ = try Expression.compile(text, schema: ExpressionTests.schema, names: Self.names)
      Issue.record("\(text) should be refused")
    } catch {
      let found = error.offset..<error.offset + error.length
      #expect(error.message == message && found == range && error.remedy == remedy, "\(error)")
    }
  }

  @Test func listsAndNamesThatAreNotThereSaySo() {
    for (text, remedy) in [
      ("id in ids", "declare it under `lists:`, or write values: `in (1, 2, 3)`"),
      ("hour(at, 'UTC')", "this machine has no time zones: install the package tzdata"),
    ] {
      do throws(ExpressionError) {
        _ = try Expression.compile(text, schema: ExpressionTests.schema)
        Issue.record("\(text) should be refused")
      } catch {
        #expect(error.remedy == remedy)
      }
    }
  }

  /// Otherwise text could double with every `concat`.
  @Test func textsDoNotGrowWithoutBound() throws {
    let schema = Schema([Field("name", .string)])
    let row = Row(time: 0, ordinal: 0, values: [.text(String(repeating: "x", count: 9000))])
    var projection = Projection(
      input: schema,
      compute: [
        ("seven", try Expression.compile("concat(name, name, name, name, name, name, name)", schema: schema)),
        ("eight", try Expression.compile("concat(name, name, name, name, name, name, name, name)", schema: schema)),
      ],
      filter: nil
    )
    let batch = try #require(projection.apply(LooseRows(.of(schema, [row]))).rows).assembled()
    #expect(batch.column(1).utf8(0).count == 63_000 && batch.column(2).isNull(0))
  }
}
