import Records
import SinkStage
import TestSupport
import Testing

/// The measures against their definitions.
@Suite struct EvaluationTests {
  static let schema = Schema([Field("label", .int64, nullable: true), Field("score", .float64), Field("card", .int64)])
  static let plan = SinkPlan(
    inputSchema: schema,
    format: .jsonl,
    columns: [0],
    evaluation: EvaluationPlan(label: 0, score: 1, card: 2)
  )
  static let day: Int64 = 86_400_000_000

  @Test func agreesWithTheDefinitions() throws {
    for seed in Seeds.range(20) {
      var random = SeededRandom(seed: seed)
      let naive = NaiveMeasures.random(&random)
      let rows = naive.samples.enumerated().map {
        Row(time: 0, ordinal: UInt64($0), values: [.int($1.isFraud ? 1 : 0), .float($1.score), .int(Int64($0))])
      }
      let figures = try sinkOutput(
        Self.plan,
        [Array(rows.prefix(50)), Array(rows.dropFirst(50))].filter { !$0.isEmpty }
      )
      .figures
      let roc = try #require(figures["auc_roc"])
      let precision = try #require(figures["average_precision"])
      #expect(abs(roc - naive.areaUnderROC) < 1e-12, "seed \(seed)")
      #expect(abs(precision - naive.averagePrecision) < 1e-12, "seed \(seed)")
    }
  }

  @Test func manyDifferentScoresStayAccurateInBoundedMemory() throws {
    var random = SeededRandom(seed: 5)
    let samples = (0..<1_500_000).map { _ in
      let isFraud = random.chance(oneIn: 10)
      return NaiveMeasures.Sample(
        score: Double.random(in: 0..<1, using: &random) * (isFraud ? 1 : 0.8),
        isFraud: isFraud
      )
    }
    let rows = samples.enumerated().map {
      Row(time: 0, ordinal: UInt64($0), values: [.int($1.isFraud ? 1 : 0), .float($1.score), .int(1)])
    }
    let batches = stride(from: 0, to: rows.count, by: 100_000).map { Array(rows[$0..<$0 + 100_000]) }
    let figures = try sinkOutput(Self.plan, batches).figures
    // A fraud's score is above that of another row with probability 0.6, the areas of two uniform distributions.
    #expect(abs((figures["auc_roc"] ?? 0) - 0.6) < 0.003)
    #expect(figures["evaluated_rows"] == 1_500_000)
  }

  @Test func cardPrecisionBlocksWhatItFinds() throws {
    // Day 0: card 1 is a fraud with the highest score; card 2 is none. Day 1: card 1 is blocked, card 3 is a fraud.
    let rows = [
      Row(time: 0, ordinal: 0, values: [.int(1), .float(0.9), .int(1)]),
      Row(time: 1, ordinal: 1, values: [.int(0), .float(0.8), .int(2)]),
      Row(time: Self.day, ordinal: 2, values: [.int(1), .float(0.9), .int(1)]),
      Row(time: Self.day + 1, ordinal: 3, values: [.int(1), .float(0.1), .int(3)]),
      Row(time: Self.day + 2, ordinal: 4, values: [.null, .float(0.1), .int(4)]),
    ]
    let figures = try sinkOutput(Self.plan, [rows]).figures
    #expect(figures["card_precision_at_k"] == 0.01 && figures["card_precision_possible"] == 0.01)
    #expect(figures["days"] == 2 && figures["k"] == 100 && figures["evaluated_rows"] == 4)
  }

  @Test func onlyTheHighestScoresOfADayCount() throws {
    // 150 cards a day: card i scores i; the odd ones are frauds.
    let rows = (0..<150).map {
      Row(time: 0, ordinal: UInt64($0), values: [.int(Int64($0 % 2)), .float(Double($0)), .int(Int64($0))])
    }
    let figures = try sinkOutput(Self.plan, [rows]).figures
    #expect(figures["card_precision_at_k"] == 0.5 && figures["card_precision_possible"] == 0.75)
  }

  @Test func saysNothingWhereThereIsNothingToCompare() throws {
    let figures = try sinkOutput(Self.plan, [[Row(time: 0, ordinal: 0, values: [.int(0), .float(1), .int(1)])]]).figures
    #expect(figures["auc_roc"] == nil && figures["evaluated_frauds"] == 0)
  }
}
