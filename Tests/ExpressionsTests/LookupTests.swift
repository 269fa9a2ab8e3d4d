import Expressions
import Records
import TestSupport
import Testing

/// Values that are looked up in tables.
@Suite struct LookupTests {
  /// Few values of each type that a key may have, the extreme ones too.
  static let keys: [(ColumnType, [Value])] = [
    (.int64, [0, 1, -1, 7, .min, .max].map { .int($0) }), (.decimal(scale: 2), [0, 150, -99, .max].map { .int($0) }),
    (.bool, [.bool(true), .bool(false)]), (.timestamp, [0, -1, 1_522_540_800_000_000].map { .int($0) }),
    (.string, ["", "a", "b", "ab", "Zürich", String(repeating: "long ", count: 30)].map { .text($0) }),
  ]

  /// The values of every column, of all rows, as a person would find them.
  @Test func findsWhatANaiveSearchFinds() throws {
    var (found, missed) = (0, 0)
    for seed in Seeds.range(400) {
      var random = SeededRandom(seed: seed)
      let (type, keys) = Self.keys[Int(seed % 5)]
      let isVersioned = random.chance(oneIn: 2)
      let table = NaiveTable.random(keys: keys, type, isVersioned: isVersioned, &random)
      let schema = Schema([Field("key", type, nullable: true), Field("at", .timestamp, nullable: true)])
      let rows = (0..<[1, 9, 600][Int(seed % 3)]).map { index in
        // Mostly keys that a table may have, and a few others.
        let key: Value =
          random.chance(oneIn: 4) ? .random(of: schema.fields[0], &random) : keys.randomElement(using: &random) ?? .null
        let time =
          random.chance(oneIn: 8)
          ? Value.random(of: schema.fields[1], &random) : .int(.random(in: -30...30, using: &random))
        return Row(time: 0, ordinal: UInt64(index), values: [key, time])
      }
      let names = ExpressionNames(tables: ["t": try table.compiled()])
      let time = isVersioned ? ", at" : ""
      let set = ExpressionSet(
        try table.fields.map {
          try Expression.compile("lookup(t.\($0.name), key\(time))", schema: schema, names: names)
        }
      )
      // The search is shared: it and what it reads are steps once, and each column is one, equal columns together.
      #expect(set.stepCount <= table.fields.count + (isVersioned ? 3 : 2))
      var writer = ByteWriter()
      set.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      let copy = try ExpressionSet(from: &reader, schema: schema)
      #expect(copy.expressions == set.expressions && reader.isAtEnd)
      var columns = ComputedColumns(copy)
      let batch = RecordBatch.of(schema, rows)
      columns.evaluate(columns: batch.columns, rows: rows.count)
      for (index, field) in table.fields.enumerated() {
        #expect(copy.expressions[index].type == field.type && copy.expressions[index].isNullable)
        let column = columns.column(index, rows: rows.count)
        for (row, values) in rows.map(\.values).enumerated() {
          let expected = table.value(field.name, values[0], at: isVersioned ? values[1] : nil)
          (found, missed) = (found + (expected == .null ? 0 : 1), missed + (expected == .null ? 1 : 0))
          guard !PropertyTests.isSame(column.value(row), expected) else { continue }
          Issue.record("\(field.name) of \(values) is \(column.value(row)), not \(expected), seed \(seed)")
        }
      }
    }
    #expect(found > 50_000 && missed > 50_000, "\(found) found, \(missed) not")
  }

  @Test func rowsOfOneKeyAndTimeAreNamed() throws {
    let schema = Schema([Field("k", .string), Field("since", .timestamp)])
    let rows: [(String, Int64)] = [("b", 2), ("a", 1), ("b", 1), ("b", 2), ("a", 1), ("b", 2)]
    let columns: [[TableValue]] = [rows.map { .text(Array($0.0.utf8)) }, rows.map { .word($0.1) }]
    let repeated = { (validFrom: Int?) -> [[Int]] in
      do throws(LookupTable.RepeatedKeys) {
        _ = try LookupTable(schema, columns: columns, key: 0, validFrom: validFrom)
        return []
      } catch {
        return error.rows.map { [$0.row, $0.first] }
      }
    }
    #expect(repeated(1) == [[3, 0], [4, 1], [5, 0]])
    #expect(repeated(nil) == [[2, 0], [3, 0], [4, 1], [5, 0]])
  }

  @Test(arguments: [
    ("lookup(merchants.risk, id)", 7, 9, "there is no table `merchants`", "did you mean `merchant`?"),
    ("lookup(x.risk, id)", 7, 1, "there is no table `x`", "the tables are: merchant, rates"),
    ("lookup(merchant.rsk, id)", 16, 3, "the table `merchant` has no column `rsk`", "did you mean `risk`?"),
    (
      "lookup(merchant.size, id)", 16, 4, "the table `merchant` has no column `size`", "its columns are: id, risk"
    ),
    (
      "lookup(merchant.risk, name)", 22, 4, "string is looked up among the keys of `merchant`, which are int64",
      "give `lookup` a key of that type, or declare the table's key as string"
    ),
    (
      "lookup(merchant.risk, id, at)", 26, 2, "`lookup` is given a time, and the rows of `merchant` hold at any",
      "leave it out, or declare `valid_from` for the table"
    ),
    (
      "1 + lookup(rates.rate, name)", 4, 24,
      "the rows of `rates` hold from `since` on, and `lookup` is not told at what time",
      "write lookup(rates.rate, key, time), with the time of the row"
    ),
    (
      "lookup(rates.rate, name, id)", 25, 2, "`lookup` reads int64, not a timestamp",
      "write lookup(table.column, key)"
    ),
    ("lookup(id, id)", 7, 2, "`lookup` is given no column of a table", "write lookup(table.column, key)"),
    ("lookup(merchant.risk)", 0, 21, "`lookup` is given 1 value", "write lookup(table.column, key)"),
    (
      "merchant.risk > 1", 0, 13, "a column of a table stands outside `lookup`",
      "say whose row it is: lookup(merchant.risk, key)"
    ),
    ("merchant . risk", 9, 1, "`.` means nothing here", "use names, numbers, 'texts', operators and parentheses"),
  ])
  func refuses(text: String, offset: Int, length: Int, message: String, remedy: String) throws {
    let schema = Schema([Field("id", .int64), Field("name", .string), Field("at", .timestamp)])
    let rates = Schema([Field("name", .string), Field("since", .timestamp), Field("rate", .float64)])
    let names = ExpressionNames(tables: [
      "merchant": LookupTable(empty: Schema([Field("id", .int64), Field("risk", .float64)]), key: 0, validFrom: nil),
      "rates": LookupTable(empty: rates, key: 0, validFrom: 1),
    ])
    do throws(ExpressionError) {
      _ = try Expression.compile(text, schema: schema, names: names)
      Issue.record("\(text) should be refused")
    } catch {
      #expect(error.offset == offset && error.length == length && error.message == message && error.remedy == remedy)
    }
  }

  @Test func damagedBytesAreRefusedOrEvaluated() throws {
    var (refused, evaluated) = (0, 0)
    for seed in Seeds.range(3000) {
      var random = SeededRandom(seed: seed)
      let (type, keys) = Self.keys[Int(seed % 5)]
      let isVersioned = random.chance(oneIn: 2)
      let table = NaiveTable.random(keys: keys, type, isVersioned: isVersioned, &random)
      let schema = Schema([Field("key", type, nullable: true), Field("at", .timestamp)])
      let names = ExpressionNames(tables: ["t": try table.compiled()])
      let set = ExpressionSet(
        try ["c14", "c15", "c4", "c0"].map { column in
          let text = "lookup(t.\(column), key\(isVersioned ? ", at" : ""))"
          return try Expression.compile(text, schema: schema, names: names)
        }
      )
      var writer = ByteWriter()
      set.encode(into: &writer)
      var bytes = writer.bytes
      for _ in 0...Int.random(in: 0...2, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
      }
      var reader = ByteReader(bytes)
      guard let damaged = try? ExpressionSet(from: &reader, schema: schema) else {
        refused += 1
        continue
      }
      evaluated += 1
      var columns = ComputedColumns(damaged)
      columns.evaluate(columns: RecordBatch.of(schema, Row.random(schema, count: 30, &random)).columns, rows: 30)
      for index in damaged.expressions.indices {
        let column = columns.column(index, rows: 30)
        for row in 0..<30 { _ = column.value(row) }
      }
    }
    #expect(refused > 300 && evaluated > 300, "\(refused) refused, \(evaluated) evaluated")
  }
}
