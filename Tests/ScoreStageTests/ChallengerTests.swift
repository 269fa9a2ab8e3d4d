import Dataflow
import Expressions
import Models
import Records
import ScoreStage
import TestSupport
import Testing

/// Challengers beside a champion: what each says is what it would say alone, and the champion says what it would without them.
@Suite struct ChallengerTests {
  /// A plan of a model, of rules, or of both.
  private static func plan(
    _ random: inout SeededRandom,
    _ challengers: [ScorePlan.Challenger] = []
  ) throws -> ScorePlan {
    let (schema, count) = (ReasonTests.schema, ReasonTests.schema.fields.count)
    var model: ScorePlan.Model?
    if random.chance(oneIn: 2) {
      let kinds = [3: ReasonTests.kinds.count, 4: ReasonTests.codes.count]
      let trees = (0..<3).map { _ in NaiveTree.random(3, kinds, features: count, &random).source }
      var categories = [CategoryCodes?](repeating: nil, count: count)
      categories[3] = CategoryCodes(.texts(ReasonTests.kinds))
      categories[4] = CategoryCodes(.integers(ReasonTests.codes))
      model = .init(
        try ScoringModel(trees: trees, featureCount: count, output: .probability),
        inputs: Array(0..<count),
        categories: categories
      )
    }
    let ruleSchema = ScorePlan.ruleSchema(schema, hasModel: model != nil)
    let conditions = ["flag", "a > 3", "b < 0 and kind = 'yy'"] + (model == nil ? [] : ["score > 0.4"])
    let rules = try (0..<Int.random(in: 0...70, using: &random)).map { number in
      Rule(
        name: "r\(number)",
        condition: try .compile(conditions.randomElement(using: &random) ?? "flag", schema: ruleSchema),
        weight: random.chance(oneIn: 2) ? .random(in: -0.2...0.3, using: &random) : nil,
        decision: random.chance(oneIn: 9) ? Decision.allCases.randomElement(using: &random) : nil
      )
    }
    return ScorePlan(
      inputSchema: schema,
      model: model,
      review: random.chance(oneIn: 4) ? nil : 0.3,
      decline: random.chance(oneIn: 4) ? nil : 0.6,
      match: random.chance(oneIn: 2) ? .all : .first,
      rules: rules,
      challengers: challengers
    )
  }

  private static func with(_ challengers: [ScorePlan.Challenger], _ plan: ScorePlan) -> ScorePlan {
    ScorePlan(
      inputSchema: plan.inputSchema,
      model: plan.model,
      review: plan.review,
      decline: plan.decline,
      match: plan.match,
      rules: plan.rules,
      challengers: challengers
    )
  }

  @Test(arguments: Seeds.range(12)) func eachSaysWhatItWouldSayAlone(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let champion = try Self.plan(&random)
    let challengers = try (0..<Int.random(in: 1...5, using: &random)).map { number in
      ScorePlan.Challenger(name: "c\(number)", plan: random.chance(oneIn: 4) ? nil : try Self.plan(&random))
    }
    let plan = Self.with(challengers, champion)
    let names: [String] = plan.outputSchema.fields.map(\.name)
    #expect(names.last == "c\(challengers.count - 1).decision")
    let rows = (0..<300).map { ReasonTests.row($0, &random) }
    func added(_ plan: ScorePlan, batch: Int) throws -> [[Value]] {
      try ReasonTests.scored(plan, rows, batch: batch).map { Array($0.values.dropFirst(plan.inputSchema.fields.count)) }
    }
    let alone = try challengers.map { try $0.plan.map { try added($0, batch: 300) } }
    let nothing: [Value] = [.null, .null]
    var expected = try added(champion, batch: 300)
    for row in expected.indices {
      for results in alone { expected[row] += results.map { Array($0[row].prefix(2)) } ?? nothing }
    }
    for batch in [1, 13, 300] {
      #expect(try added(plan, batch: batch) == expected, "seed \(seed), batch \(batch)")
    }
  }

  @Test func plansBeyondTheBoundsAreRefused() throws {
    var random = SeededRandom(seed: 1)
    let challenger = ScorePlan.Challenger(name: "c", plan: try Self.plan(&random))
    for (count, isAccepted) in [(ScorePlan.mostChallengers, true), (ScorePlan.mostChallengers + 1, false)] {
      var writer = ByteWriter()
      try Self.plan(&random, Array(repeating: challenger, count: count)).encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      #expect(((try? ScorePlan(from: &reader)) != nil) == isAccepted)
    }
  }

  /// A damaged plan is refused, or scores something.
  @Test func aDamagedPlanDoesNoHarm() throws {
    var refused = 0
    for seed in Seeds.range(400) {
      var random = SeededRandom(seed: seed)
      let challengers = try (0..<2).map { ScorePlan.Challenger(name: "c\($0)", plan: try Self.plan(&random)) }
      var writer = ByteWriter()
      try Self.plan(&random, challengers).encode(into: &writer)
      var bytes = writer.bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let at = Int.random(in: bytes.indices, using: &random)
        if random.chance(oneIn: 6) {
          bytes.removeLast(min(Int.random(in: 1...60, using: &random), bytes.count - 1))
        } else {
          bytes[min(at, bytes.count - 1)] = [0, 1, 2, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
        }
      }
      var reader = ByteReader(bytes)
      guard let plan = try? ScorePlan(from: &reader),
        plan.inputSchema.fields.map(\.type) == ReasonTests.schema.fields.map(\.type)
      else {
        refused += 1
        continue
      }
      var logic = ScoreLogic(plan)
      var effects = StageEffects()
      let rows = (0..<20).map { ReasonTests.row($0, &random) }
      try logic.process(.of(ReasonTests.schema, rows), into: &effects)
      #expect(effects.rows.first?.assembled().rowCount == 20)
    }
    #expect((50..<390).contains(refused), "\(refused) refused")
  }
}
