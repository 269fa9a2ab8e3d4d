import Expressions
import Records
import TestSupport
import Testing

/// What holds for every expression, over random ones.
@Suite struct PropertyTests {
  static let names = ExpressionNames(
    lists: RandomExpression.lists.mapValues { ValueList($0) },
    tables: RandomExpression.tables.compactMapValues { try? $0.compiled() }
  )
  static let fields = Schema.ofEveryType.fields.enumerated().map { Field("c\($0)", $1.type, nullable: $1.isNullable) }

  @Test func readingWhatIsPrintedGivesTheSame() throws {
    for seed in Seeds.range(3000) {
      var random = RandomExpression(seed: seed, Self.fields)
      let kind = RandomExpression.Kind.allCases[Int(seed % 6)]
      let syntax = random.make(kind, depth: Int(seed % 7))
      let text = syntax.text
      let again = try Parser.parse(text)
      #expect(again == syntax && again.text == text, "\(text), seed \(seed)")
      // No pair of parentheses can be left out, but that an `if` among operators always has one.
      for (open, close) in Self.groups(text) {
        var bytes = Array(text.utf8)
        if bytes[(open + 1)...].starts(with: Array("if ".utf8)) { continue }
        bytes[open] = 0x20
        bytes[close] = 0x20
        let without = try? Parser.parse(String(decoding: bytes, as: UTF8.self))
        #expect(without != syntax, "\(text) needs no parentheses at \(open), seed \(seed)")
      }
    }
  }

  /// Where parentheses that group open and close: not those of calls and lists.
  static func groups(_ text: String) -> [(Int, Int)] {
    let bytes = Array(text.utf8)
    var groups: [(Int, Int)] = []
    var open: [(place: Int, isGroup: Bool)] = []
    var isText = false
    for (place, byte) in bytes.enumerated() {
      if byte == UInt8(ascii: "'") { isText.toggle() }
      if isText { continue }
      if byte == UInt8(ascii: "(") {
        let before = String(decoding: bytes[..<place], as: UTF8.self)
        let isCall = before.last.map { $0.isLetter || $0 == "_" || $0.isNumber } ?? false
        open.append((place, !isCall && !before.hasSuffix(" in ")))
      } else if byte == UInt8(ascii: ")"), let last = open.popLast(), last.isGroup {
        groups.append((last.place, place))
      }
    }
    return groups
  }

  @Test func whatNeedsNoParenthesesGetsNone() throws {
    for text in [
      "1 + 2 * 3", "(1 + 2) * 3", "1 - (2 - 3)", "1 - 2 - 3", "not (a and b) or c", "not a = b", "(not a) = b",
      "(a = b) = c", "-(1 + 2)", "--1", "-x % 2", "if a then b else c + 1", "(if a then b else c) + 1",
      "1 + (if a then b else c)", "a in (1, b or c)", "(a or b) in c", "x between 1 + 2 and 3",
      "x not between (a = b) and c", "f(if a then b else c, 'it''s')", "f(t.c, t.in) + t.x", "null", "not not a",
      "a and (b and c)",
    ] {
      #expect(try Parser.parse(text).text == text)
    }
  }

  /// The row's values by the compiled expressions, which see each other, and by the naive one.
  @Test func evaluationAgreesWithTheNaiveOne() throws {
    var compiled = 0
    var values = 0
    for seed in Seeds.range(400) {
      var random = SeededRandom(seed: seed)
      var schema = Schema(Self.fields)
      let input = schema
      var computed: [(name: String, expression: Expression, syntax: Syntax)] = []
      for index in 0..<6 {
        var maker = RandomExpression(seed: random.next(), schema.fields)
        let kind: RandomExpression.Kind = index == 5 ? .bool : RandomExpression.Kind.allCases[(index + Int(seed)) % 6]
        let syntax = maker.make(kind, depth: Int.random(in: 1...4, using: &random))
        // A product can have too many decimal places, and a text be compared with a time that it is not.
        guard let expression = try? Expression.compile(syntax.text, schema: schema, names: Self.names) else { continue }
        computed.append(("x\(index)", expression, syntax))
        schema = schema.appending([Field("x\(index)", expression.type, nullable: expression.isNullable)])
      }
      compiled += computed.count
      let filter = computed.last.flatMap { $0.expression.type == .bool ? $0 : nil }
      if filter != nil { computed.removeLast() }
      let count = [1, 3, 8, 9, 70, 600, 1100][Int(seed % 7)]
      let rows = Row.random(input, count: count, &random)
      let expected = rows.compactMap { row -> Row? in
        var result = row
        for column in computed {
          let judge = NaiveExpression(
            fields: schema.fields,
            values: result.values,
            lists: RandomExpression.lists
          )
          result.values.append(judge.value(column.syntax).value)
        }
        guard let filter else { return result }
        let judge = NaiveExpression(fields: schema.fields, values: result.values, lists: RandomExpression.lists)
        return judge.value(filter.syntax).value == .bool(true) ? result : nil
      }
      var projection = Projection(
        input: input,
        compute: computed.map { ($0.name, $0.expression) },
        filter: filter?.expression
      )
      // Twice, the second time with memory that was used before.
      for _ in 0..<2 {
        let (found, dropped) = projection.apply(LooseRows(.of(input, rows)))
        let result = found?.assembled().rows ?? []
        #expect(dropped == rows.count - expected.count, "seed \(seed)")
        guard result.count == expected.count else { continue }
        for (row, judged) in zip(result, expected) {
          for (index, column) in computed.enumerated() {
            let place = input.fields.count + index
            values += 1
            guard !Self.isSame(row.values[place], judged.values[place]) else { continue }
            Issue.record(
              "\(column.syntax.text) is \(row.values[place]), not \(judged.values[place]), seed \(seed)"
            )
          }
        }
      }
    }
    #expect(Self.names.tables.count == RandomExpression.tables.count)
    #expect(compiled > 1500 && values > 100_000, "\(compiled) expressions, \(values) values")
  }

  /// By the bits: a NaN is itself.
  static func isSame(_ left: Value, _ right: Value) -> Bool {
    if case .float(let a) = left, case .float(let b) = right { return a.bitPattern == b.bitPattern }
    return left == right
  }

  /// Many conditions at once hold where each by itself does.
  @Test func conditionsTogetherHoldAsEachAlone() throws {
    for seed in Seeds.range(40) {
      var random = SeededRandom(seed: seed)
      let schema = Schema(Self.fields)
      var conditions: [Expression] = []
      while conditions.count < Int(seed % 4) * 50 + 1 {
        var maker = RandomExpression(seed: random.next(), schema.fields)
        let text = maker.make(.bool, depth: 3).text
        guard let condition = try? Expression.compile(text, schema: schema, names: Self.names) else { continue }
        conditions.append(condition)
      }
      let count = [1, 10, 700][Int(seed % 3)]
      let batch = RecordBatch.of(schema, Row.random(schema, count: count, &random))
      var together = ConditionSet(conditions)
      for _ in 0..<2 {
        together.evaluate(columns: batch.columns, rows: count)
        for (index, condition) in conditions.enumerated() {
          var alone = Predicate(condition)
          var holds = Array(repeating: false, count: count)
          switch alone.select(columns: batch.columns, rows: count) {
          case .range(let range): for row in range { holds[row] = true }
          case .rows(let rows): for row in rows { holds[Int(row)] = true }
          }
          #expect((0..<count).map { together.holds(index, row: $0) } == holds, "seed \(seed)")
        }
        for row in 0..<count {
          var listed: [Int] = []
          together.forEachHolding(row: row) { listed.append($0) }
          #expect(listed == conditions.indices.filter { together.holds($0, row: row) })
          #expect(together.first(row: row) == listed.first)
        }
      }
    }
  }

  @Test func listsAreEncodedOnce() throws {
    let schema = Schema([Field("a", .string), Field("b", .string), Field("n", .int64)])
    let names = ExpressionNames(lists: [
      "long": ValueList((0..<1000).map { "value \($0)" }), "ids": ValueList(["1", "2"]),
    ])
    let texts = ["a in long", "b in long", "n in ids and not (b in long)", "a = b", "a in ('x', 'y', 'z')"]
    let set = ExpressionSet(try texts.map { try Expression.compile($0, schema: schema, names: names) })
    var writer = ByteWriter()
    set.encode(into: &writer)
    #expect(writer.bytes.count < 20_000)
    var reader = ByteReader(writer.bytes)
    #expect(try ExpressionSet(from: &reader, schema: schema).expressions == set.expressions && reader.isAtEnd)
    for seed in Seeds.range(1000) {
      var random = SeededRandom(seed: seed)
      var bytes = writer.bytes
      let at = random.chance(oneIn: 2) ? bytes.count - 200 : 0
      bytes[Int.random(in: at..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
      var reader = ByteReader(bytes)
      guard let damaged = try? ExpressionSet(from: &reader, schema: schema) else { continue }
      var columns = ComputedColumns(damaged)
      columns.evaluate(columns: RecordBatch.of(schema, Row.random(schema, count: 3, &random)).columns, rows: 3)
    }
  }

  @Test func columnsOfResultsAreThoseOfAProjection() throws {
    for seed in Seeds.range(60) {
      var random = SeededRandom(seed: seed)
      let schema = Schema(Self.fields)
      var expressions: [Expression] = []
      for kind in RandomExpression.Kind.allCases {
        var maker = RandomExpression(seed: random.next(), schema.fields)
        let text = maker.make(kind, depth: 3).text
        if let expression = try? Expression.compile(text, schema: schema, names: Self.names) {
          expressions.append(expression)
        }
      }
      let rows = Row.random(schema, count: [1, 64, 513][Int(seed % 3)], &random)
      let batch = RecordBatch.of(schema, rows)
      var columns = ComputedColumns(ExpressionSet(expressions))
      columns.evaluate(columns: batch.columns, rows: rows.count)
      for (index, expression) in expressions.enumerated() {
        var projection = Projection(input: schema, compute: [("x", expression)], filter: nil)
        let alone = try #require(projection.apply(LooseRows(batch)).rows).assembled()
        let column = columns.column(index, rows: rows.count)
        for row in rows.indices {
          #expect(Self.isSame(column.value(row), alone.column(schema.fields.count).value(row)), "seed \(seed)")
        }
      }
    }
  }
}
