import Dataflow
import Records
import SinkStage
import TestSupport
import Testing

/// A sink that goes on from a saved state ends as one that was never stopped.
@Suite struct SinkStateTests {
  /// Keeps the blocks of a snapshot.
  private final class Blocks: StateWriter {
    private(set) var all: [(block: StateBlock, bytes: [UInt8])] = []

    func write(_ block: StateBlock, _ bytes: Span<UInt8>) throws(StateWriteError) {
      all.append((block, bytes.array))
    }
  }

  /// A sink between two rows, with what it has written.
  private struct Run: ~Copyable {
    let plan: SinkPlan
    var logic: SinkLogic
    var effects = StageEffects()

    init(_ plan: SinkPlan) {
      self.plan = plan
      logic = SinkLogic(plan, filter: nil)
    }

    mutating func process(_ batch: RecordBatch) throws { try logic.process(batch, into: &effects) }

    /// The figures, each bit of them.
    mutating func finish() throws -> [String: UInt64] {
      try logic.finish(into: &effects)
      return Dictionary(uniqueKeysWithValues: effects.figures.map { ($0.name, $0.value.bitPattern) })
    }

    mutating func blocks() throws -> Blocks {
      let blocks = Blocks()
      try logic.snapshot(isFull: true)?.write(to: blocks)
      return blocks
    }

    mutating func restore(_ blocks: [(block: StateBlock, bytes: [UInt8])], from origin: Int = 0) throws {
      for (block, bytes) in blocks { try logic.restore(block, from: origin, bytes.span) }
      try logic.endRestore()
    }
  }

  private static let schema = Schema([
    Field("label", .int64, nullable: true), Field("score", .float64), Field("card", .string, nullable: true),
  ])

  private static func plan(
    evaluates: Bool = true,
    hasCards: Bool = true,
    keep: Int? = nil,
    format: SinkFormat = .csv
  ) -> SinkPlan {
    SinkPlan(
      inputSchema: schema,
      format: format,
      columns: [1],
      evaluation: evaluates ? EvaluationPlan(label: 0, score: 1, card: hasCards ? 2 : nil) : nil,
      budget: keep.map { BudgetPlan(keep: $0, key: 2, score: 1) }
    )
  }

  /// Batches of rows over some days: scores of few levels or of many, cards that come again.
  private static func batches(rows: Int, levels: Int, _ random: inout SeededRandom) -> [RecordBatch] {
    let cards = [3, 500, 20_000].randomElement(using: &random) ?? 3
    let step = Int64.random(in: 1...max(EvaluationTests.day * 10 / Int64(rows + 1), 1), using: &random)
    var ordinal = 0
    var batches: [RecordBatch] = []
    while ordinal < rows {
      let count = min(Int.random(in: 1...8000, using: &random), rows - ordinal)
      batches.append(
        .of(
          schema,
          (ordinal..<ordinal + count).map { row in
            let score = (Double.random(in: 0..<Double(levels), using: &random).rounded(.down) - 3) / Double(levels)
            return Row(
              time: Int64(row) * step,
              ordinal: UInt64(row),
              values: [
                random.chance(oneIn: 50) ? .null : .int(random.chance(oneIn: 20) ? 1 : 0), .float(score),
                random.chance(oneIn: 50) ? .null : .text("card \(Int.random(in: 0..<cards, using: &random))"),
              ]
            )
          }
        )
      )
      ordinal += count
    }
    return batches
  }

  @Test func goesOnFromEverySnapshot() throws {
    var snapshots = 0
    for seed in Seeds.range(12) {
      var random = SeededRandom(seed: seed)
      let rows = Int.random(in: 0...120_000, using: &random)
      let plan = Self.plan(
        evaluates: !random.chance(oneIn: 6),
        hasCards: random.chance(oneIn: 2),
        keep: [nil, 1, 100].randomElement(using: &random) ?? nil,
        format: random.chance(oneIn: 2) ? .csv : .table
      )
      let levels = [2, 100, 1 << 40].randomElement(using: &random) ?? 2
      let batches = Self.batches(rows: rows, levels: levels, &random)
      var alone = Run(plan)
      for batch in batches { try alone.process(batch) }
      let figures = try alone.finish()
      var current = Run(plan)
      var text = ""
      for (index, batch) in batches.enumerated() {
        // Often where little has been merged since, and where much has.
        if random.chance(oneIn: 5) || index == 0 {
          snapshots += 1
          let held = current.logic.snapshot(isFull: false)
          let blocks = try current.blocks()
          let written = current.effects.output.text
          if random.chance(oneIn: 3) {
            // What is written while the sink works on is what it was.
            for batch in batches[index...].prefix(5) { try current.process(batch) }
            let later = Blocks()
            try held?.write(to: later)
            #expect(later.all.map(\.block) == blocks.all.map(\.block), "seed \(seed)")
            #expect(later.all.map(\.bytes) == blocks.all.map(\.bytes), "seed \(seed)")
            text += written
            current = Run(plan)
            try current.restore(blocks.all.shuffled(using: &random), from: 3)
          } else if random.chance(oneIn: 2) {
            text += written
            current = Run(plan)
            try current.restore(blocks.all.shuffled(using: &random))
          }
          for (block, bytes) in blocks.all {
            #expect(bytes.count <= 1 << 20 && Int(block.group) == KeyGroups.count && block.kind == 1, "seed \(seed)")
          }
        }
        try current.process(batch)
      }
      #expect(try current.finish() == figures, "seed \(seed)")
      #expect(text + current.effects.output.text == alone.effects.output.text, "seed \(seed)")
      #expect(figures.isEmpty == (plan.evaluation == nil), "seed \(seed)")
    }
    #expect(snapshots > 20)
  }

  /// How many scores have to be merged with their neighbours is told by what has been merged before: in the midst of that, and
  /// when it is done.
  @Test(arguments: [16, 31]) func goesOnWhereThereAreTooManyScores(batches: Int) throws {
    var random = SeededRandom(seed: 7)
    let plan = Self.plan(hasCards: false, format: .jsonl)
    let (rows, beforeSnapshot) = (1024, 17 * 32 + batches)
    var alone = Run(plan)
    var first = Run(plan)
    var next = Run(plan)
    for index in 0..<19 * 32 {
      let batch = RecordBatch.of(
        Self.schema,
        (0..<rows).map { row in
          let values: [Value] = [.int(row % 7 == 0 ? 1 : 0), .float(.random(in: 0..<1, using: &random)), .null]
          return Row(time: 0, ordinal: UInt64(index * rows + row), values: values)
        }
      )
      try alone.process(batch)
      if index < beforeSnapshot { try first.process(batch) } else { try next.process(batch) }
      if index + 1 == beforeSnapshot {
        let blocks = try first.blocks()
        #expect(blocks.all.count > 5)
        try next.restore(blocks.all)
      }
    }
    let figures = try alone.finish()
    #expect(try next.finish() == figures)
  }

  /// The output goes on where it ended, with one header in all.
  @Test func theHeaderIsWrittenOnce() throws {
    let batch = RecordBatch.of(Self.schema, [Row(time: 0, ordinal: 0, values: [.int(1), .float(0.5), .null])])
    for (isEarly, expected) in [(true, "score\n0.5\n"), (false, "0.5\n")] {
      var first = Run(Self.plan())
      if !isEarly { try first.process(batch) }
      let blocks = try first.blocks()
      var next = Run(Self.plan())
      try next.restore(blocks.all)
      try next.process(batch)
      #expect(next.effects.output.text == expected)
    }
  }

  @Test func aStateOfAnotherPlanIsRefusedWithTheReason() throws {
    let plans = [
      Self.plan(evaluates: false), Self.plan(hasCards: false), Self.plan(), Self.plan(keep: 2),
    ]
    for (then, saving) in plans.enumerated() {
      var first = Run(saving)
      let blocks = try first.blocks()
      for (now, restoring) in plans.enumerated() {
        var next = Run(restoring)
        if then == now {
          try next.restore(blocks.all)
          continue
        }
        let failure = #expect(throws: StageFailure.self) { try next.restore(blocks.all) }
        let settings = ["`evaluate`", "`card` of `evaluate`", "`budget`"]
        let setting = settings[min(then, now)]
        let expected = then < now ? "the sink has \(setting), but had none" : "the sink had \(setting) when"
        #expect(failure?.message.hasPrefix(expected) == true, "\(failure?.message ?? "accepted")")
      }
    }
  }

  @Test func aDamagedStateIsRefusedOrDoesNoHarm() throws {
    var refused = 0
    var random = SeededRandom(seed: 1)
    let batches = Self.batches(rows: 40_000, levels: 1 << 40, &random)
    // In the middle of a merge, and after a few rows.
    for (count, keep) in [(batches.count - 1, nil), (1, nil), (batches.count - 1, 50)] {
      let plan = Self.plan(keep: keep)
      var first = Run(plan)
      for batch in batches.prefix(count) { try first.process(batch) }
      let blocks = try first.blocks().all
      for seed in Seeds.range(300) {
        var random = SeededRandom(seed: seed)
        var damaged = blocks
        for _ in 0..<Int.random(in: 1...3, using: &random) where !damaged.isEmpty {
          Self.damage(&damaged, &random)
        }
        var next = Run(plan)
        do {
          try next.restore(damaged, from: 0)
          for batch in batches.suffix(3) { try next.process(batch) }
          _ = try next.finish()
          _ = try next.blocks()
        } catch is StageFailure {
          refused += 1
        }
      }
    }
    #expect(refused > 100)
    var next = Run(Self.plan())
    let failure = #expect(throws: StageFailure.self) { try next.restore([]) }
    #expect(failure?.message == "the checkpoint's state of the sink is damaged, or was written by another version")
  }

  private static func damage(_ blocks: inout [(block: StateBlock, bytes: [UInt8])], _ random: inout SeededRandom) {
    let index = Int.random(in: blocks.indices, using: &random)
    switch Int.random(in: 0..<8, using: &random) {
    case 0: blocks.remove(at: index)
    case 1: blocks.append(blocks[index])
    case 2: blocks[index].block = StateBlock(group: Int.random(in: 0...300, using: &random), kind: 1, number: 0)
    case 3: blocks[index].block = StateBlock(group: KeyGroups.count, kind: 1, number: Int(random.next() % 5))
    case 4: blocks[index].bytes.removeLast(Int.random(in: 0...blocks[index].bytes.count, using: &random))
    default:
      // Where lengths and counts stand, first of all.
      let bytes = blocks[index].bytes
      guard !bytes.isEmpty else { return }
      let at = random.chance(oneIn: 2) ? min(Int.random(in: 0..<60, using: &random), bytes.count - 1) : nil
      let place = at ?? Int.random(in: bytes.indices, using: &random)
      blocks[index].bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
    }
  }
}
