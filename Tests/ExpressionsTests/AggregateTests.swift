import Expressions
import Records
import Testing

/// Features as pipeline files write them, right and wrong.
@Suite struct AggregateTests {
  static let schema = Schema([
    Field("amount", .decimal(scale: 2)), Field("fraud", .int64), Field("risk", .float64), Field("name", .string),
    Field("at", .timestamp), Field("flag", .bool), Field("score", .int64, nullable: true),
  ])
  static let day: Int64 = 86_400_000_000

  @Test func readsWhatAPipelineFileSays() throws {
    let count = try Aggregate.compile("count over 1d", schema: Self.schema)
    #expect(count.function == .count && count.inputs.isEmpty)
    #expect(count.newer == .age(0) && count.older == .age(Self.day) && count.width == Self.day)
    let risk = try Aggregate.compile("mean(fraud) over 7d delayed 168h else 0", schema: Self.schema)
    #expect(risk.function == .mean && risk.inputs.map(\.column) == [1] && risk.otherwise == .float(0))
    #expect(risk.newer == .age(7 * Self.day) && risk.older == .age(14 * Self.day) && risk.width == 7 * Self.day)
    let sum = try Aggregate.compile("sum(amount) over 90s else -1.5", schema: Self.schema)
    #expect(sum.function == .sum && sum.width == 90_000_000 && sum.otherwise == .exact(-150))
  }

  @Test(
    arguments: [
      ("count over 1d", .age(0), .age(86_400_000_000)),
      ("count over 1d including this row left open", .age(0), .age(86_400_000_000)),
      ("count over 1d excluding this row", .beforeThisRow, .age(86_400_000_000)),
      ("count excluding ties over 1d", .age(1), .age(86_400_000_000)),
      ("count over 1d left closed", .age(0), .age(86_400_000_001)),
      ("count left closed delayed 2s over 1s", .age(2_000_000), .age(3_000_001)),
      ("count over last 5 rows", .age(0), .rows(5)), ("count over last 1 row delayed 1s", .age(1_000_000), .rows(1)),
      ("last(fraud) over last 5 rows excluding this row", .beforeThisRow, .rows(5)),
      ("previous(name)", .beforeThisRow, .unbounded), ("previous(name) over 2s", .beforeThisRow, .age(2_000_000)),
      ("time_since_last", .beforeThisRow, .unbounded), ("time_since_last excluding ties", .age(1), .unbounded),
      ("speed_kmh(risk, amount) delayed 3s", .age(3_000_000), .unbounded),
      ("decayed_sum(risk) half_life 1h", .age(0), .unbounded),
      ("decayed_count half_life 1h excluding this row where flag", .beforeThisRow, .unbounded),
      ("sequence(flag then not flag) over 5s", .age(0), .age(5_000_000)),
    ] as [(String, Aggregate.Newer, Aggregate.Older)]
  )
  func edges(text: String, newer: Aggregate.Newer, older: Aggregate.Older) throws {
    let feature = try Aggregate.compile(text, schema: Self.schema)
    #expect(feature.newer == newer && feature.older == older)
  }

  @Test func aWhereMakesItsInputsNull() throws {
    let feature = try Aggregate.compile("sum(amount) over 1d where fraud = 1 else 0", schema: Self.schema)
    let same = try Expression.compile("if fraud = 1 then amount else null", schema: Self.schema)
    #expect(feature.inputs == [same] && feature.otherwise == .exact(0))
    let count = try Aggregate.compile("count over 1d where fraud = 1", schema: Self.schema)
    #expect(count.inputs == [try Expression.compile("if fraud = 1 then true else null", schema: Self.schema)])
  }

  @Test func aConditionStandsAsOftenAsItIsToHold() throws {
    let feature = try Aggregate.compile(
      "sequence(3 times amount < 2 then amount > 100) over 1h where flag",
      schema: Self.schema
    )
    let small = try Expression.compile("if flag then amount < 2 else null", schema: Self.schema)
    let large = try Expression.compile("if flag then amount > 100 else null", schema: Self.schema)
    #expect(feature.inputs == [small, small, small, large])
  }

  /// The words of clauses are names elsewhere.
  @Test func columnsMayBeCalledLikeClauses() throws {
    let words = ["over", "last", "rows", "where", "times", "left", "ties", "count", "sum", "delayed"]
    let schema = Schema(words.map { Field($0, .int64) })
    for word in words {
      let feature = try Aggregate.compile("sum(\(word)) over 1d where \(word) > 0 else 0", schema: schema)
      #expect(feature.otherwise == .exact(0))
    }
  }
}

extension AggregateTests {
  /// How long rows are kept where the stage does not say it.
  @Test(arguments: [
    ("count over 1d", 1), ("count over 1d delayed 2d", 3), ("count over last 5 rows", 30), ("previous(name)", 30),
    ("previous(name) over 2d", 2), ("max(fraud) over last 5 rows delayed 2d", 32),
  ])
  func windowsWithoutATimeLookBackForTheUsualOne(text: String, days: Int64) throws {
    let feature = try Aggregate.compile(text, schema: Self.schema)
    #expect(feature.reach(usual: 30 * Self.day) == days * Self.day)
  }

  @Test func whatDecaysIsKeptByItsHalfLife() throws {
    let feature = try Aggregate.compile("decayed_count half_life 1d delayed 2d", schema: Self.schema)
    #expect(feature.reach(usual: 30 * Self.day) == 2 * Self.day + 1)
  }
}
