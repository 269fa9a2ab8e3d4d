import Dataflow
import Expressions
import Records
import ScoreStage
import TestSupport
import Testing

/// Rules against a naive reading of them, one row and one rule at a time.
@Suite struct RuleTests {
  static let schema = Schema([Field("a", .int64, nullable: true), Field("b", .int64), Field("name", .string)])

  struct NaiveRule {
    let least: Int64
    let column: Int
    let weight: Double?
    let decision: Decision?

    func holds(_ row: Row) -> Bool {
      guard case .int(let value) = row.values[column] else { return false }
      return value > least
    }
  }

  /// Score, decision and reasons.
  static func naive(_ plan: ScorePlan, _ rules: [NaiveRule], _ row: Row) -> [Value] {
    var holding = rules.indices.filter { rules[$0].holds(row) }
    if plan.match == .first { holding = Array(holding.prefix(1)) }
    let weights = holding.compactMap { rules[$0].weight }
    let hasWeights = rules.contains { $0.weight != nil }
    let score = hasWeights ? min(max(weights.reduce(0, +), 0), 1) : 0
    var decision = Decision.approve
    if let review = plan.review, score >= review { decision = .review }
    if let decline = plan.decline, score >= decline { decision = .decline }
    let decided = holding.compactMap { rules[$0].decision }
    switch plan.match {
    case .all: decision = (decided + [decision]).max { $0.rawValue < $1.rawValue } ?? decision
    case .first: decision = decided.first ?? decision
    }
    let reasons = holding.map { plan.rules[$0].reason }.joined(separator: ";")
    return [.float(score), .text("\(decision)"), .text(reasons)]
  }

  static func scored(_ plan: ScorePlan, _ rows: [Row], batch: Int) throws -> [Row] {
    var writer = ByteWriter()
    plan.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    var logic = ScoreLogic(try ScorePlan(from: &reader))
    var effects = StageEffects()
    for start in stride(from: 0, to: rows.count, by: batch) {
      try logic.process(.of(schema, Array(rows[start..<min(start + batch, rows.count)])), into: &effects)
      // A batch is put together before the stage goes on.
      effects.rows = effects.rows.map { LooseRows($0.assembled()) }
    }
    return effects.rows.flatMap { $0.assembled().rows }
  }

  @Test(arguments: [1, 7, 64, 65, 200], [Rule.Match.all, .first])
  func rulesDoWhatOneByOneTheyWould(count: Int, match: Rule.Match) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    let naive = (0..<count).map { _ in
      NaiveRule(
        least: .random(in: -20...20, using: &random),
        column: .random(in: 0...1, using: &random),
        weight: random.chance(oneIn: 2) ? .random(in: -1...1, using: &random) / Double(count) : nil,
        decision: random.chance(oneIn: 8) ? Decision.allCases.randomElement(using: &random) : nil
      )
    }
    let rules = try naive.enumerated().map { number, rule in
      Rule(
        name: "r\(number)",
        condition: try .compile("\(["a", "b"][rule.column]) > \(rule.least)", schema: Self.schema),
        weight: rule.weight,
        decision: rule.decision,
        reason: number % 3 == 0 ? "Reason \(number), for people" : nil
      )
    }
    let plan = ScorePlan(
      inputSchema: Self.schema,
      model: nil,
      review: 0.05,
      decline: 0.2,
      match: match,
      rules: rules
    )
    let rows = (0..<300).map { number in
      let a: Value = random.chance(oneIn: 5) ? .null : .int(.random(in: -25...25, using: &random))
      let b = Int64.random(in: -25...25, using: &random)
      return Row(time: Int64(number), ordinal: UInt64(number), values: [a, .int(b), .text("x")])
    }
    let expected = rows.map { $0.values + Self.naive(plan, naive, $0) }
    for batch in [1, 13, 300] {
      #expect(try Self.scored(plan, rows, batch: batch).map(\.values) == expected, "seed \(seed), batch \(batch)")
    }
  }
}
