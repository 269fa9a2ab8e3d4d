import Dataflow
import LearnStage
import Models
import Records
import TestSupport
import Testing

/// What a model that learns says, judged by one that keeps every row.
@Suite struct LearningTests {
  /// The values of the columns that are added to each row.
  private static func added(_ logic: inout LearnLogic, _ plan: LearnPlan, _ rows: ArraySlice<Row>) throws -> [[Value]] {
    var effects = StageEffects()
    try logic.process(.of(plan.inputSchema, Array(rows)), into: &effects)
    let left = effects.rows.flatMap { $0.assembled().rows }
    #expect(left.map(\.ordinal) == rows.map(\.ordinal))
    return left.map { Array($0.values.dropFirst(plan.inputSchema.fields.count)) }
  }

  private static func figures(_ logic: inout LearnLogic) throws -> [String: Double] {
    var effects = StageEffects()
    try logic.finish(into: &effects)
    return Dictionary(effects.figures.map { ($0.name, $0.value) }) { first, _ in first }
  }

  private static func isNear(_ left: Value?, _ right: Value, within error: Double) -> Bool {
    guard case .float(let a) = left, case .float(let b) = right else { return left == right }
    return abs(a - b) <= error
  }

  @Test(arguments: Seeds.range(60))
  func scoresAreThoseOfTheNaiveModel(_ seed: UInt64) throws {
    let learnCase = LearnCase(seed: seed)
    let (plan, rows) = (learnCase.plan, learnCase.rows)
    // Trees and lengths are the same to the bit; means are computed in another order.
    let error = if case .logistic = plan.model { 1e-9 } else { 0.0 }
    var naive = NaiveLearner(plan)
    var logic = LearnLogic(plan)
    let results = try Self.added(&logic, plan, rows[...])
    for (row, result) in zip(rows, results) {
      let expected = naive.add(row)
      guard Self.isNear(result[0], expected, within: error) else {
        Issue.record("seed \(seed), row \(row): \(result[0]), not \(expected)")
        return
      }
      if let reasons = naive.reasons { #expect(result[1] == .text(reasons), "seed \(seed), row \(row)") }
    }
    let figures = try Self.figures(&logic)
    #expect(figures["learned_rows"] == Double(naive.learned), "seed \(seed)")
    #expect(figures["learned_frauds"] == Double(naive.frauds), "seed \(seed)")
    #expect(figures["learned_silent"] == Double(naive.silent), "seed \(seed)")
    #expect(figures["unlabelled_rows"] == Double(naive.unlabelled), "seed \(seed)")
    #expect(figures["unmatched_labels"] == Double(naive.unmatched), "seed \(seed)")
    #expect((figures["validated_log_loss"] != nil) == (error > 0 && !naive.validated.isEmpty), "seed \(seed)")
    try Self.check(figures, naive.validated, seed)
  }

  /// Every row that was scored is learned from, waits, or gets no label: nothing is lost silently.
  @Test(arguments: Seeds.range(20))
  func theCountsAddUp(_ seed: UInt64) throws {
    let learnCase = LearnCase(seed: seed)
    guard let labels = learnCase.plan.labels else { return }
    var logic = LearnLogic(learnCase.plan)
    _ = try Self.added(&logic, learnCase.plan, learnCase.rows[...])
    let figures = try Self.figures(&logic)
    func figure(_ name: String) -> Double { figures[name] ?? 0 }
    var (scored, told) = (learnCase.rows.count, 0)
    if case .rows(let label, _, _, _) = labels {
      told = learnCase.rows.count { $0.values[label] != .null }
      scored -= told
    }
    #expect(
      Double(scored) == figure("learned_rows") + figure("waiting_rows") + figure("unlabelled_rows"),
      "seed \(seed)"
    )
    if told > 0 {
      #expect(
        Double(told) == figure("learned_rows") - figure("learned_silent") + figure("unmatched_labels"),
        "seed \(seed)"
      )
    }
  }

  private static func check(
    _ figures: [String: Double],
    _ validated: [(score: Double, isFraud: Bool)],
    _ seed: UInt64
  ) throws {
    #expect(figures["validated_rows"] == Double(validated.count), "seed \(seed)")
    guard !validated.isEmpty else { return }
    let loss = validated.reduce(0.0) { $0 - Elementary.ln(max($1.isFraud ? $1.score : 1 - $1.score, 1e-15)) }
    let mean = loss / Double(validated.count)
    if let told = figures["validated_log_loss"] { #expect(abs(told - mean) <= 1e-9 * max(1, mean), "seed \(seed)") }
    let frauds = validated.filter(\.isFraud).map(\.score)
    let genuine = validated.filter { !$0.isFraud }.map(\.score)
    guard !frauds.isEmpty, !genuine.isEmpty else { return }
    // Scores of one step count as equal, and each may be rounded over the edge of one.
    func share(_ isBelow: (_ genuine: Double, _ fraud: Double) -> Bool) -> Double {
      let pairs = frauds.reduce(0) { sum, fraud in sum + genuine.count { isBelow($0, fraud) } }
      return Double(pairs) / Double(frauds.count * genuine.count)
    }
    let area = try #require(figures["validated_auc_roc"])
    #expect(share { $0 * 1.04 < $1 } <= area, "seed \(seed)")
    #expect(area <= share { $0 <= $1 * 1.04 }, "seed \(seed)")
  }

  @Test(arguments: Seeds.range(40))
  func batchesAndCheckpointsChangeNothing(_ seed: UInt64) throws {
    let learnCase = LearnCase(seed: seed)
    let (plan, rows) = (learnCase.plan, learnCase.rows)
    var whole = LearnLogic(plan)
    let expected = try Self.added(&whole, plan, rows[...])
    var random = SeededRandom(seed: seed ^ 0xBA7C)
    var logic = LearnLogic(plan)
    var results: [[Value]] = []
    var kept = KeptBlocks()
    var isFirst = true
    var next = 0
    while next < rows.count {
      let end = min(next + [1, 7, 64, 300].randomElement(using: &random)!, rows.count)
      results += try Self.added(&logic, plan, rows[next..<end])
      next = end
      guard random.chance(oneIn: 3) else { continue }
      let isFull = isFirst || random.chance(oneIn: 5)
      let snapshot = logic.snapshot(isFull: isFull)
      if random.chance(oneIn: 6) { continue }
      if isFull { kept = KeptBlocks() }
      // What comes meanwhile is none of the snapshot's.
      let more = min(next + 20, rows.count)
      let later = try Self.added(&logic, plan, rows[next..<more])
      try snapshot?.write(to: kept)
      isFirst = false
      if random.chance(oneIn: 2) {
        logic = try kept.stage(plan)
      } else {
        results += later
        next = more
      }
    }
    #expect(results == expected, "seed \(seed)")
    #expect(
      try Self.figures(&logic).filter { $0.key != "state_bytes" }
        == Self.figures(&whole).filter { $0.key != "state_bytes" },
      "seed \(seed)"
    )
  }

  /// Rows whose label has come take no memory, however long the stream is.
  @Test func memoryDoesNotGrowWithTheStream() throws {
    let schema = Schema([Field("label", .int64, nullable: true), Field("id", .string), Field("a", .float64)])
    let plan = LearnPlan(
      inputSchema: schema,
      column: "learned",
      model: .logistic(.init()),
      inputs: [2],
      labels: .rows(label: 0, id: 1, within: 1_000_000_000, isGenuineAfter: false)
    )
    var logic = LearnLogic(plan)
    var bytes: [Double] = []
    for round in 0..<20 {
      let rows = (0..<20_000).map { number in
        let id = round * 10_000 + number / 2 - (number % 2 == 0 ? 0 : 3000)
        return Row(
          time: Int64(round * 20_000 + number),
          ordinal: UInt64(round * 20_000 + number),
          values: [
            number % 2 == 0 ? .null : .int(Int64(id % 7 == 0 ? 1 : 0)), .text("row \(id)"), .float(Double(id % 100)),
          ]
        )
      }
      _ = try Self.added(&logic, plan, rows[...])
      bytes.append(try Self.figures(&logic)["state_bytes"] ?? 0)
    }
    #expect(bytes[19] <= bytes[3] * 1.2, "\(bytes)")
  }

  @Test func damagedStatesAreRefusedOrHarmless() throws {
    var (refused, taken) = (0, 0)
    for seed in Seeds.range(60) {
      let learnCase = LearnCase(seed: seed, rows: 300)
      var logic = LearnLogic(learnCase.plan)
      _ = try Self.added(&logic, learnCase.plan, learnCase.rows[..<200])
      let kept = KeptBlocks()
      try logic.snapshot(isFull: true)?.write(to: kept)
      var random = SeededRandom(seed: seed)
      kept.damage(
        { bytes in
          guard !bytes.isEmpty else { return }
          switch Int.random(in: 0..<4, using: &random) {
          case 0: bytes.removeLast(.random(in: 1...bytes.count, using: &random))
          case 1: bytes.append(0)
          case 2: bytes[.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
          default: bytes[.random(in: bytes.indices, using: &random)] ^= 0x80
          }
        },
        at: .random(in: 0..<1000, using: &random)
      )
      do {
        var restored = try kept.stage(learnCase.plan)
        _ = try Self.added(&restored, learnCase.plan, learnCase.rows[200...])
        taken += 1
      } catch let failure as StageFailure {
        #expect(failure.message.contains("damaged"), "\(failure)")
        refused += 1
      }
    }
    #expect(refused > 10 && taken > 0, "\(refused) refused, \(taken) taken")
  }

  /// Values that go wrong first, in any words of several blocks: what is taken must go on, and be saved as it can be taken again.
  @Test func aStateThatIsTakenStaysSound() throws {
    let odd: [UInt64] = [
      .max, 0, 1 << 62, 1 << 63, Double.nan.bitPattern, Double.infinity.bitPattern, (-1e308).bitPattern,
      (2.0).bitPattern,
      UInt64(bitPattern: -1) >> 1, 1,
    ]
    var (refused, taken) = (0, 0)
    for seed in Seeds.range(400) {
      let learnCase = LearnCase(seed: seed % 40, rows: 260)
      var logic = LearnLogic(learnCase.plan)
      _ = try Self.added(&logic, learnCase.plan, learnCase.rows[..<200])
      let kept = KeptBlocks()
      try logic.snapshot(isFull: true)?.write(to: kept)
      var random = SeededRandom(seed: seed)
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        kept.damage(
          { bytes in
            guard bytes.count > 8 else { return }
            let start = Int.random(in: 0...bytes.count - 8, using: &random)
            let word = odd.randomElement(using: &random) ?? 0
            for byte in 0..<8 { bytes[start + byte] = UInt8(truncatingIfNeeded: word >> UInt64(byte * 8)) }
          },
          at: .random(in: 0..<1000, using: &random)
        )
      }
      guard var restored = try? kept.stage(learnCase.plan) else {
        refused += 1
        continue
      }
      taken += 1
      _ = try Self.added(&restored, learnCase.plan, learnCase.rows[200...])
      let again = KeptBlocks()
      try restored.snapshot(isFull: true)?.write(to: again)
      #expect(throws: Never.self, "seed \(seed)") { _ = try again.stage(learnCase.plan) }
    }
    #expect(refused > 20 && taken > 20, "\(refused) refused, \(taken) taken")
  }

  @Test func plansSurviveTheWireAndDamagedOnesDoNotTrap() throws {
    for seed in Seeds.range(80) {
      let plan = LearnCase(seed: seed, rows: 1).plan
      var writer = ByteWriter()
      plan.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      #expect(try LearnPlan(from: &reader) == plan)
      var random = SeededRandom(seed: seed)
      for _ in 0..<50 {
        var bytes = writer.bytes
        bytes[.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
        var reader = ByteReader(bytes)
        guard let damaged = try? LearnPlan(from: &reader), damaged.inputSchema == plan.inputSchema else { continue }
        var logic = LearnLogic(damaged)
        var effects = StageEffects()
        try logic.process(.of(plan.inputSchema, LearnCase(seed: seed, rows: 30).rows), into: &effects)
      }
    }
  }
}
