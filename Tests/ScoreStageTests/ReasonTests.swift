import Dataflow
import Expressions
import Models
import Records
import ScoreStage
import TestSupport
import Testing

/// The reasons of a model against Shapley's definition, one row at a time.
@Suite struct ReasonTests {
  static let schema = Schema([
    Field("a", .int64, nullable: true), Field("b", .decimal(scale: 2), nullable: true), Field("c", .float64),
    Field("kind", .string, nullable: true), Field("code", .int64, nullable: true), Field("flag", .bool),
  ])
  static let kinds = ["x", "yy", "", "yz", "z"]
  static let codes: [Int64] = [7, -3, 100]

  static func scored(_ plan: ScorePlan, _ rows: [Row], batch: Int) throws -> [Row] {
    var writer = ByteWriter()
    plan.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    let copy = try ScorePlan(from: &reader)
    var again = ByteWriter()
    copy.encode(into: &again)
    #expect(again.bytes == writer.bytes)
    var logic = ScoreLogic(copy)
    var effects = StageEffects()
    for start in stride(from: 0, to: rows.count, by: batch) {
      try logic.process(.of(schema, Array(rows[start..<min(start + batch, rows.count)])), into: &effects)
      effects.rows = effects.rows.map { LooseRows($0.assembled()) }
    }
    return effects.rows.flatMap { $0.assembled().rows }
  }

  static func row(_ number: Int, _ random: inout SeededRandom) -> Row {
    let kind: Value =
      random.chance(oneIn: 6) ? .null : .text((kinds + ["new", "yyy"]).randomElement(using: &random) ?? "")
    return Row(
      time: Int64(number),
      ordinal: UInt64(number),
      values: [
        random.chance(oneIn: 6) ? .null : .int(.random(in: -6...6, using: &random)),
        random.chance(oneIn: 6) ? .null : .int(.random(in: -600...600, using: &random)),
        random.chance(oneIn: 9) ? .float(.nan) : .float(.random(in: -6...6, using: &random)),
        kind,
        random.chance(oneIn: 6) ? .null : .int((codes + [8]).randomElement(using: &random) ?? 0),
        .bool(random.chance(oneIn: 2)),
      ]
    )
  }

  /// The row as the model sees it.
  static func inputs(_ row: Row) -> [Double] {
    zip(row.values, schema.fields).map { value, field in
      switch (value, field.name) {
      case (.text(let text), _): kinds.firstIndex(of: text).map(Double.init) ?? .nan
      case (.int(let number), "code"): codes.firstIndex(of: number).map(Double.init) ?? .nan
      case (.int(let number), "b"): Double(number) / 100
      case (.int(let number), _): Double(number)
      case (.float(let number), _): number
      case (.bool(let truth), _): truth ? 1 : 0
      default: .nan
      }
    }
  }

  /// nil where two reasons are so near to each other, or to the least contribution, that rounding decides.
  static func naive(_ plan: ModelReasons, _ contributions: [Double]) -> [String]? {
    var sums = plan.reasons.map { _ in 0.0 }
    for (input, reason) in plan.reasonOfInput.enumerated() { sums[reason] += contributions[input] }
    let sizes = sums.map { abs($0) }.sorted()
    guard sizes.allSatisfy({ abs($0 - plan.least) > 1e-6 }),
      zip(sizes, sizes.dropFirst()).allSatisfy({ $1 < plan.least || $1 - $0 > 1e-6 })
    else { return nil }
    let shown = sums.indices.filter {
      abs(sums[$0]) >= plan.least && (sums[$0] > 0 || plan.reasons[$0].lowers != nil)
    }
    return shown.sorted { abs(sums[$0]) > abs(sums[$1]) }.prefix(plan.most).map {
      sums[$0] > 0 ? plan.reasons[$0].raises : plan.reasons[$0].lowers ?? ""
    }
  }

  @Test(arguments: Seeds.range(16)) func reasonsAreThoseOfTheDefinition(number: UInt64) throws {
    var random = SeededRandom(seed: number)
    let count = Self.schema.fields.count
    let trees = (0..<Int.random(in: 1...6, using: &random)).map { _ in
      NaiveTree.random(4, [3: Self.kinds.count, 4: Self.codes.count], features: count, &random)
    }
    let model = try ScoringModel(trees: trees.map(\.source), featureCount: count, output: .probability)
    let reasons = (0..<Int.random(in: 1...count, using: &random)).map {
      ModelReasons.Reason(raises: "up \($0)", lowers: random.chance(oneIn: 2) ? "down \($0)" : nil)
    }
    let plan = ModelReasons(
      most: .random(in: 1...4, using: &random),
      least: .random(in: 0.001...0.3, using: &random),
      ofAllRows: random.chance(oneIn: 2),
      reasons: reasons,
      reasonOfInput: (0..<count).map { _ in .random(in: 0..<reasons.count, using: &random) }
    )
    var categories = [CategoryCodes?](repeating: nil, count: count)
    categories[3] = CategoryCodes(.texts(Self.kinds))
    categories[4] = CategoryCodes(.integers(Self.codes))
    let score = ScorePlan(
      inputSchema: Self.schema,
      model: .init(model, inputs: Array(0..<count), categories: categories, reasons: plan),
      review: 0.5,
      rules: [
        Rule(name: "flagged", condition: try .compile("flag", schema: Self.schema), decision: .review),
        Rule(name: "large", condition: try .compile("a > 3", schema: Self.schema), reason: "large a"),
      ]
    )
    let rows = (0..<120).map { Self.row($0, &random) }
    let results = try Self.scored(score, rows, batch: rows.count)
    var compared = 0
    for (row, result) in zip(rows, results) {
      let inputs = Self.inputs(row)
      let contributions = shapley(count) { known in
        trees.reduce(0.0) { $0 + $1.value(inputs.map { Double(Float($0)) }, known: known) }
      }
      var expected: [String] = []
      if case .bool(true) = row.values[5] { expected.append("flagged") }
      if case .int(let a) = row.values[0], a > 3 { expected.append("large a") }
      if plan.ofAllRows || result.values[count + 1] != .text("approve") {
        guard let more = Self.naive(plan, contributions) else { continue }
        expected += more
      }
      compared += 1
      #expect(result.values.last == .text(expected.joined(separator: ";")), "seed \(number), row \(row)")
    }
    #expect(compared > 60, "seed \(number)")
    for batch in [1, 13] {
      // A number in the input may be none, which is unlike itself.
      let added = try Self.scored(score, rows, batch: batch).map { Array($0.values.suffix(3)) }
      #expect(added == results.map { Array($0.values.suffix(3)) }, "seed \(number), batch \(batch)")
    }
  }

  @Test func equalContributionsStandInTheOrderOfTheInputs() throws {
    let model = try ScoringModel(
      AdditiveModel(start: 0, terms: (0..<4).map { .weight($0 == 1 ? 2 : 1, missing: 0) }),
      output: .probability
    )
    let schema = Schema((0..<4).map { Field("f\($0)", .int64) })
    func reasons(_ most: Int, _ values: [Int64], lowers: String? = nil) throws -> Value? {
      let plan = ModelReasons(
        most: most,
        least: 1,
        ofAllRows: true,
        reasons: (0..<4).map { number in .init(raises: "r\(number)", lowers: lowers.map { "\($0)\(number)" }) },
        reasonOfInput: Array(0..<4)
      )
      let score = ScorePlan(
        inputSchema: schema,
        model: .init(model, inputs: Array(0..<4), reasons: plan)
      )
      var logic = ScoreLogic(score)
      var effects = StageEffects()
      let row = Row(time: 0, ordinal: 0, values: values.map { .int($0) })
      try logic.process(.of(schema, [row]), into: &effects)
      return effects.rows.first?.assembled().rows.first?.values.last
    }
    #expect(try reasons(4, [1, 1, 1, 1]) == .text("r1;r0;r2;r3"))
    #expect(try reasons(2, [1, 1, 1, 1]) == .text("r1;r0"))
    #expect(try reasons(3, [-1, 0, 1, 2], lowers: "l") == .text("r3;l0;r2"))
    #expect(try reasons(3, [-1, 0, 1, 2]) == .text("r3;r2"))
    #expect(try reasons(3, [0, 0, 0, -9]) == .text(""))
  }

  @Test func plansThatDoNotFitTogetherAreRefused() throws {
    let tree = NaiveTree.split(0, below: 1, missingGoesLeft: true, left: .leaf(1, cover: 1), right: .leaf(2, cover: 3))
    func isAccepted(
      most: Int = 3,
      least: Double = 0.1,
      reasonOfInput: [Int] = [0],
      hasCovers: Bool = true,
      input: Int = 0,
      categories: [CategoryCodes?] = []
    ) throws -> Bool {
      let model = try ScoringModel(trees: [tree.source], featureCount: 1, output: .probability)
      let plan = ScorePlan(
        inputSchema: Self.schema,
        model: .init(
          hasCovers ? model : model.withoutCovers(),
          inputs: [input],
          categories: categories,
          reasons: ModelReasons(
            most: most,
            least: least,
            ofAllRows: true,
            reasons: [.init(raises: "up")],
            reasonOfInput: reasonOfInput
          )
        )
      )
      var writer = ByteWriter()
      plan.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      return (try? ScorePlan(from: &reader)) != nil
    }
    #expect(try isAccepted())
    #expect(try isAccepted(input: 3, categories: [CategoryCodes(.texts(["x"]))]))
    #expect(try !isAccepted(most: 0))
    #expect(try !isAccepted(most: 65))
    #expect(try !isAccepted(least: 0))
    #expect(try !isAccepted(least: .nan))
    #expect(try !isAccepted(reasonOfInput: [1]))
    #expect(try !isAccepted(reasonOfInput: [0, 0]))
    #expect(try !isAccepted(hasCovers: false))
    #expect(try !isAccepted(input: 3))
    #expect(try !isAccepted(input: 99))
    #expect(try !isAccepted(input: 3, categories: [CategoryCodes(.integers([1]))]))
    #expect(try !isAccepted(input: 0, categories: [CategoryCodes(.texts(["x"]))]))
    #expect(try !isAccepted(categories: [nil, nil]))
    #expect(CategoryCodes(.texts(["a", "b", "a"])) == nil && CategoryCodes(.integers([1, 1])) == nil)
  }
}
