import Dataflow
import Records
import SinkStage
import TestSupport
import Testing

/// What a sink says of challengers, against the definitions and against each evaluated alone.
@Suite struct ComparisonTests {
  static let schema = Schema([
    Field("label", .int64, nullable: true), Field("score", .float64), Field("card", .string, nullable: true),
    Field("decision", .string), Field("a.score", .float64, nullable: true),
    Field("a.decision", .string, nullable: true),
    Field("b.score", .float64, nullable: true), Field("b.decision", .string, nullable: true),
  ])
  static let challengers = [
    ComparisonPlan.Challenger(name: "a", score: 4, decision: 5), .init(name: "b", score: 6, decision: 7),
  ]
  static let decisions = ["approve", "review", "decline"]

  static func plan(
    _ names: [String] = ["a", "b"],
    evaluates: Bool = true,
    score: Int = 1,
    format: SinkFormat = .csv
  ) -> SinkPlan {
    let found = challengers.filter { names.contains($0.name) }
    return SinkPlan(
      inputSchema: schema,
      format: format,
      columns: [1, 3],
      evaluation: evaluates ? EvaluationPlan(label: 0, score: score, card: 2) : nil,
      comparison: found.isEmpty ? nil : ComparisonPlan(decision: 3, challengers: found)
    )
  }

  static func rows(_ count: Int, _ random: inout SeededRandom) -> [Row] {
    (0..<count).map { row in
      func decision() -> Value { .text(decisions.randomElement(using: &random) ?? "") }
      func score() -> Value { .float(Double(Int.random(in: 0...99, using: &random)) / 99) }
      // A challenger that is left out has scored nothing.
      let isLeftOut = random.chance(oneIn: 3)
      return Row(
        time: Int64(row) * EvaluationTests.day / 50,
        ordinal: UInt64(row),
        values: [
          random.chance(oneIn: 9) ? .null : .int(random.chance(oneIn: 4) ? 1 : 0), score(),
          random.chance(oneIn: 9) ? .null : .text("card \(Int.random(in: 0..<40, using: &random))"), decision(),
          score(),
          decision(), isLeftOut ? .null : score(), isLeftOut ? .null : decision(),
        ]
      )
    }
  }

  /// The agreement by its definition.
  static func naive(_ rows: [Row], _ column: Int) -> [String: Double] {
    let compared = rows.compactMap { row -> (ours: String, theirs: String, isFraud: Bool)? in
      guard case .text(let ours) = row.values[3], case .text(let theirs) = row.values[column] else { return nil }
      return (ours, theirs, row.values[0] == .int(1))
    }
    let new = compared.filter { $0.ours == "approve" && $0.theirs != "approve" }
    let lost = compared.filter { $0.ours != "approve" && $0.theirs == "approve" }
    return [
      "compared_rows": Double(compared.count), "same_decision": Double(compared.count { $0.ours == $0.theirs }),
      "newly_flagged": Double(new.count), "newly_flagged_frauds": Double(new.count { $0.isFraud }),
      "no_longer_flagged": Double(lost.count), "no_longer_flagged_frauds": Double(lost.count { $0.isFraud }),
    ]
  }

  /// The figures of a challenger, without its name.
  static func figures(of name: String, _ all: [String: Double]) -> [String: Double] {
    Dictionary(
      uniqueKeysWithValues: all.filter { $0.key.hasPrefix("\(name).") }.map { (String($0.key.dropFirst(2)), $0.value) }
    )
  }

  @Test func figuresAreThoseOfTheDefinitionsAndOfEachAlone() throws {
    for seed in Seeds.range(20) {
      var random = SeededRandom(seed: seed)
      let rows = Self.rows(Int.random(in: 0...900, using: &random), &random)
      let cut = Int.random(in: 0...rows.count, using: &random)
      let batches = [Array(rows.prefix(cut)), Array(rows.dropFirst(cut))]
      let plain = try sinkOutput(Self.plan([]), batches)
      let both = try sinkOutput(Self.plan(), batches)
      #expect(both.text == plain.text && both.counters == plain.counters, "seed \(seed)")
      #expect(both.figures.filter { !$0.key.contains(".") } == plain.figures, "seed \(seed)")
      for (name, score) in [("a", 4), ("b", 6)] {
        let alone = try sinkOutput(Self.plan([], score: score), batches).figures
        let agreement = Self.naive(rows, score + 1)
        let expected = alone.merging(agreement) { one, _ in one }
        #expect(Self.figures(of: name, both.figures) == expected, "seed \(seed), \(name)")
      }
      // Without labels decisions are compared all the same.
      let unlabelled = try sinkOutput(Self.plan(evaluates: false), batches).figures
      let expected = Self.naive(rows, 5).merging([("newly_flagged_frauds", 0), ("no_longer_flagged_frauds", 0)]) { $1 }
      #expect(Self.figures(of: "a", unlabelled) == expected, "seed \(seed)")
      // Lines that several workers made.
      var format = FormatLogic(Self.plan(), filter: nil)
      let lines = try batches.map { batch in
        var effects = StageEffects()
        try format.process(.of(Self.schema, batch), into: &effects)
        return effects.rows.flatMap { $0.assembled().rows }
      }
      let ofLines = try sinkOutput(Self.plan().ofLines, lines)
      #expect(ofLines.text == both.text && ofLines.figures == both.figures, "seed \(seed)")
    }
  }

  /// A saved state goes on by the names of challengers: one that is new begins, one that has gone is forgotten.
  @Test func aStateGoesOnByName() throws {
    for seed in Seeds.range(12) {
      var random = SeededRandom(seed: seed)
      let rows = Self.rows(800, &random)
      let (before, after) = (Array(rows.prefix(500)), Array(rows.dropFirst(500)))
      for (then, now) in [
        (["a", "b"], ["a", "b"]), (["a"], ["a", "b"]), (["a", "b"], ["b"]), ([], ["a"]), (["b"], []),
      ] {
        var first = SinkLogic(Self.plan(then), filter: nil)
        var effects = StageEffects()
        try first.process(.of(Self.schema, before), into: &effects)
        let blocks = SavedBlocks()
        try first.snapshot(isFull: true)?.write(to: blocks)
        var next = SinkLogic(Self.plan(now), filter: nil)
        for (block, bytes) in blocks.all { try next.restore(block, from: 0, bytes.span) }
        try next.endRestore()
        var rest = StageEffects()
        try next.process(.of(Self.schema, after), into: &rest)
        try next.finish(into: &rest)
        let figures = Dictionary(uniqueKeysWithValues: rest.figures.map { ($0.name, $0.value) })
        for name in now {
          let seen = then.contains(name) ? rows : after
          let expected = try sinkOutput(Self.plan([name]), [seen]).figures
          #expect(
            Self.figures(of: name, figures) == Self.figures(of: name, expected),
            "seed \(seed), \(then) to \(now)"
          )
        }
        let champion = try sinkOutput(Self.plan([]), [rows]).figures
        #expect(figures.filter { !$0.key.contains(".") } == champion, "seed \(seed)")
      }
    }
  }

  @Test func aDamagedStateIsRefusedOrDoesNoHarm() throws {
    var refused = 0
    for seed in Seeds.range(400) {
      var random = SeededRandom(seed: seed)
      let plan = Self.plan(evaluates: random.chance(oneIn: 2))
      var first = SinkLogic(plan, filter: nil)
      var effects = StageEffects()
      try first.process(.of(Self.schema, Self.rows(30, &random)), into: &effects)
      let blocks = SavedBlocks()
      try first.snapshot(isFull: true)?.write(to: blocks)
      var damaged = blocks.all
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: damaged.indices, using: &random)
        guard !damaged[index].bytes.isEmpty else { continue }
        let at = Int.random(in: damaged[index].bytes.indices, using: &random)
        damaged[index].bytes[at] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
      }
      var next = SinkLogic(plan, filter: nil)
      do {
        for (block, bytes) in damaged { try next.restore(block, from: 0, bytes.span) }
        try next.endRestore()
        try next.process(.of(Self.schema, Self.rows(30, &random)), into: &effects)
        try next.finish(into: &effects)
        try next.snapshot(isFull: true)?.write(to: SavedBlocks())
      } catch is StageFailure {
        refused += 1
      }
    }
    #expect((40..<390).contains(refused), "\(refused) refused")
  }

  @Test func aPlanSurvivesItsBytesAndAWrongOneIsRefused() throws {
    func decoded(_ plan: SinkPlan) throws -> SinkPlan {
      var writer = ByteWriter()
      plan.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      return try SinkPlan(from: &reader)
    }
    for plan in [Self.plan(), Self.plan(["b"], evaluates: false)] {
      #expect(try decoded(plan) == plan)
      #expect(try decoded(plan.ofLines) == plan.ofLines)
    }
    let (a, b) = (Self.challengers[0], Self.challengers[1])
    typealias Challenger = ComparisonPlan.Challenger
    for (decision, wrong) in [
      (3, []), (1, [a]), (8, [a]), (3, [a, a]), (3, [a, Challenger(name: "a", score: 6, decision: 7)]),
      (3, [a, Challenger(name: "b", score: 4, decision: 7)]), (3, [Challenger(name: "a", score: 5, decision: 5)]),
      (3, [Challenger(name: "a", score: 4, decision: 4)]), (3, [b, Challenger(name: "a", score: 99, decision: 5)]),
    ] as [(Int, [Challenger])] {
      let plan = SinkPlan(
        inputSchema: Self.schema,
        format: .csv,
        columns: [1],
        evaluation: nil,
        comparison: ComparisonPlan(decision: decision, challengers: wrong)
      )
      #expect(throws: MalformedBytes.self) { try decoded(plan) }
    }
  }
}

/// Keeps the blocks of a snapshot.
private final class SavedBlocks: StateWriter {
  private(set) var all: [(block: StateBlock, bytes: [UInt8])] = []

  func write(_ block: StateBlock, _ bytes: Span<UInt8>) throws(StateWriteError) { all.append((block, bytes.array)) }
}
