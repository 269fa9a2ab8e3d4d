import Dataflow
import Expressions
import Records
import SinkStage
import TestSupport
import Testing

/// A sink with a budget shows the riskiest of each day, once the day is over.
@Suite struct BudgetTests {
  private static let schema = Schema([
    Field("id", .int64), Field("score", .float64, nullable: true), Field("card", .string, nullable: true),
    Field("label", .bool),
  ])

  private static func plan(keep: Int, hasKey: Bool, evaluates: Bool) -> SinkPlan {
    SinkPlan(
      inputSchema: schema,
      format: .csv,
      columns: [0],
      evaluation: evaluates ? EvaluationPlan(label: 3, score: 1, card: 2) : nil,
      budget: BudgetPlan(keep: keep, key: hasKey ? 2 : nil, score: 1)
    )
  }

  private static func rows(_ random: inout SeededRandom) -> [Row] {
    let cards = [1, 4, 300].randomElement(using: &random) ?? 1
    let levels = [2, 1 << 30].randomElement(using: &random) ?? 2
    let step = EvaluationTests.day / Int64([1, 20, 400].randomElement(using: &random) ?? 1)
    var time: Int64 = -3 * EvaluationTests.day
    return (0..<Int.random(in: 0...600, using: &random)).map { ordinal in
      time += Int64.random(in: 0...step, using: &random)
      let score = Double(Int.random(in: 0...levels, using: &random)) / Double(levels)
      return Row(
        time: time,
        ordinal: UInt64(ordinal),
        values: [
          .int(Int64(ordinal)), random.chance(oneIn: 20) ? .null : .float(random.chance(oneIn: 90) ? .nan : score),
          random.chance(oneIn: 9) ? .null : .text("card \(Int.random(in: 0..<cards, using: &random))"),
          .bool(random.chance(oneIn: 3)),
        ]
      )
    }
  }

  /// The ids that are shown, by the definition: of the rows that the filter keeps, day by day, the riskiest of each card, the
  /// first k of them.
  private static func expected(_ rows: [Row], keep: Int, hasKey: Bool) -> [Int64] {
    var shown: [Int64] = []
    let kept = rows.compactMap { row -> (id: Int64, day: Int64, score: Double, card: String?)? in
      guard case .int(let id) = row.values[0], case .float(let score) = row.values[1], !score.isNaN, id % 5 != 0 else {
        return nil
      }
      let card: String? = if hasKey, case .text(let card) = row.values[2] { card } else { nil }
      return (id, Timestamp.day(of: row.time), score, card)
    }
    for day in Set(kept.map(\.day)).sorted() {
      var seen: Set<String> = []
      shown += kept.filter { $0.day == day }.sorted { $0.score > $1.score || ($0.score == $1.score && $0.id < $1.id) }
        .filter { row in row.card.map { seen.insert($0).inserted } ?? true }.prefix(keep).map(\.id)
    }
    return shown
  }

  @Test func showsTheRiskiestOfEachDay() throws {
    for seed in Seeds.range(80) {
      var random = SeededRandom(seed: seed)
      let rows = Self.rows(&random)
      let (keep, hasKey) = ([1, 3, 50].randomElement(using: &random) ?? 1, random.chance(oneIn: 2))
      let plan = Self.plan(keep: keep, hasKey: hasKey, evaluates: random.chance(oneIn: 2))
      let filter = try Expression.compile("id % 5 != 0", schema: Self.schema)
      let asLines = random.chance(oneIn: 2)
      // Either the sink filters and writes, or the stages before it have made lines.
      var before = FormatLogic(plan, filter: Predicate(filter))
      var sink = SinkLogic(asLines ? plan.ofLines : plan, filter: asLines ? nil : Predicate(filter))
      var effects = StageEffects()
      var next = 0
      while next < rows.count {
        let batch = Array(rows[next..<min(next + Int.random(in: 1...60, using: &random), rows.count)])
        next += batch.count
        let records = RecordBatch.of(Self.schema, batch)
        try sink.process(asLines ? before.lines(of: LooseRows(records)).assembled() : records, into: &effects)
        // Any promise up to the next row, and that of the last row again.
        let last = batch[batch.count - 1]
        let position = Position(time: last.time, source: 0, ordinal: last.ordinal)
        var progress = position
        if next == rows.count || random.chance(oneIn: 2) {
          let limit = next < rows.count ? rows[next].time - 1 : last.time + 5 * EvaluationTests.day
          if limit > last.time { progress = .last(ofTime: .random(in: last.time...limit, using: &random)) }
        }
        #expect(try sink.advance(to: progress, into: &effects) == progress)
        // What is over by then is out.
        let over = rows.prefix(next).filter { Timestamp.day(of: $0.time) < Timestamp.day(of: progress.time) }
        let shown = effects.output.text.split(separator: "\n").dropFirst().compactMap { Int64($0) }
        #expect(shown == Self.expected(over, keep: keep, hasKey: hasKey), "seed \(seed)")
      }
      _ = try sink.advance(to: .last, into: &effects)
      try sink.finish(into: &effects)
      let expected = Self.expected(rows, keep: keep, hasKey: hasKey)
      let text = (["id"] + expected.map(String.init)).map { $0 + "\n" }.joined()
      #expect(effects.output.text == text, "seed \(seed)")
      #expect(effects.counters.rowsOut == Int64(expected.count), "seed \(seed)")
      #expect(effects.counters.filtered == Int64(rows.count - expected.count), "seed \(seed)")
    }
  }

  @Test func aPlanSurvivesItsBytes() throws {
    for evaluates in [false, true] {
      for plan in [
        Self.plan(keep: 7, hasKey: true, evaluates: evaluates), Self.plan(keep: 1, hasKey: false, evaluates: evaluates),
      ] {
        for plan in [plan, plan.ofLines] {
          var writer = ByteWriter()
          plan.encode(into: &writer)
          var reader = ByteReader(writer.bytes)
          #expect(try SinkPlan(from: &reader) == plan)
        }
      }
    }
  }
}
