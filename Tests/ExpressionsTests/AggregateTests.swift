import Expressions
import Records
import Testing

@Suite struct AggregateTests {
  static let schema = Schema([
    Field("amount", .decimal(scale: 2)), Field("fraud", .int64), Field("risk", .float64), Field("name", .string),
  ])
  static let day: Int64 = 86_400_000_000

  @Test func readsWhatAPipelineFileSays() throws {
    let count = try Aggregate.compile("count over 1d", schema: Self.schema)
    #expect(count.function == .count && count.column == nil && count.width == Self.day && count.delay == 0)
    let risk = try Aggregate.compile("mean(fraud) over 7d delayed 168h else 0", schema: Self.schema)
    #expect(risk.function == .mean && risk.column == 1 && risk.delay == 7 * Self.day && risk.otherwise == .float(0))
    let sum = try Aggregate.compile("sum(amount) over 90s else -1.5", schema: Self.schema)
    #expect(sum.function == .sum && sum.width == 90_000_000 && sum.otherwise == .exact(-150))
  }

  @Test(arguments: [
    ("cuont over 1d", 0, "did you mean `count`?"), ("count 1d", 6, "write `over` before it"),
    ("count over 1 d", 11, "write a duration"), ("count over 0d", 11, "give it one"),
    ("sum(amont) over 1d", 4, "did you mean `amount`?"), ("sum(risk) over 1d", 4, "declare it as decimal"),
    ("mean(name) over 1d", 5, "name a column of numbers"), ("count over 1d else 0", 19, "remove the `else`"),
    ("sum(fraud) over 1d else x", 24, "write what an empty window gives"), ("count over 1d please", 14, "remove it"),
    ("count over 99999999999999999999d", 11, "write a duration"),
  ])
  func refuses(text: String, offset: Int, remedy: String) {
    do throws(ExpressionError) {
      _ = try Aggregate.compile(text, schema: Self.schema)
      Issue.record("\(text) should be refused")
    } catch {
      #expect(error.offset == offset && error.remedy.contains(remedy), "\(error)")
    }
  }
}
