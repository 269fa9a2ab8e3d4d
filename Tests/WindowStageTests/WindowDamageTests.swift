import Dataflow
import Records
import TestSupport
import Testing
import WindowStage

/// Whatever a checkpoint's bytes are, they are refused, or give a state that rows can be processed on.
@Suite struct WindowDamageTests {
  typealias Blocks = [(block: StateBlock, origin: Int, bytes: [UInt8])]

  @Test(arguments: WindowPropertyTests.shapes)
  func refusesDamageOrGoesOn(shape: WindowPropertyTests.Shape) throws {
    var refused = 0
    for seed in Seeds.range(12) {
      var random = SeededRandom(seed: seed)
      let plan = try WindowPropertyTests.plan(shape, &random)
      let rows = WindowPropertyTests.stream(shape, rows: 260, &random)
      refused += try Self.damage(plan, rows, seed, &random)
    }
    #expect(refused > 0)
  }

  @Test func refusesDamageOfAnyWindowsOrGoesOn() throws {
    var refused = 0
    for seed in Seeds.range(40) {
      var random = SeededRandom(seed: seed)
      let plan = try AnyWindowTests.plan(&random)
      refused += try Self.damage(plan, AnyWindowTests.stream(rows: 260, &random), seed, &random)
    }
    #expect(refused > 0)
  }

  @Test func refusesDamageOfCellsOrGoesOn() throws {
    var refused = 0
    for seed in Seeds.range(40) {
      var random = SeededRandom(seed: seed)
      let plan = try CellWindowTests.plan(&random)
      refused += try Self.damage(plan, CellWindowTests.stream(rows: 260, &random), seed, &random)
    }
    #expect(refused > 0)
  }

  /// How often of 40 times a damaged state was refused.
  private static func damage<Seed>(
    _ plan: WindowPlan,
    _ rows: [Row],
    _ seed: Seed,
    _ random: inout SeededRandom
  ) throws -> Int {
    var refused = 0
    var workers = WindowWorkers(plan, count: Int.random(in: 1...2, using: &random))
    _ = try workers.run(Array(rows[..<200]), &random)
    let blocks: Blocks = workers.saved.enumerated().flatMap { origin, saved in
      saved.map { ($0.key, origin, $0.value) }
    }
    .sorted { ($0.1, $0.0.group, $0.0.kind, $0.0.number) < ($1.1, $1.0.group, $1.0.kind, $1.0.number) }
    try restore(plan, blocks, rows)
    for _ in 0..<40 {
      var damaged = blocks
      for _ in 0..<(random.chance(oneIn: 4) ? 3 : 1) { damage(&damaged, &random) }
      do throws(StageFailure) {
        try restore(plan, damaged, rows)
      } catch {
        #expect(error.message.contains("damaged") || error.message.contains("of other windows"), "seed \(seed)")
        refused += 1
      }
    }
    return refused
  }

  /// Restores and goes on, among other rows with those of the keys that are there.
  private static func restore(_ plan: WindowPlan, _ blocks: Blocks, _ rows: [Row]) throws(StageFailure) {
    let logic = StageBox.of(plan)
    for (block, origin, bytes) in blocks { try logic.restore(block, from: origin, bytes.span) }
    try logic.endRestore()
    var effects = StageEffects()
    let last = rows[rows.count - 1]
    let again = rows.enumerated().map { index, row in
      Row(time: last.time + Int64(index / 100), ordinal: last.ordinal + 1 + UInt64(index), values: row.values)
    }
    try logic.process(.of(plan.inputSchema, Array(rows[200...])), into: &effects)
    try logic.process(.of(plan.inputSchema, again), into: &effects)
    let end = Row(time: last.time + 1000, ordinal: last.ordinal + 1000, values: last.values)
    for _ in 0..<3 { try logic.process(.of(plan.inputSchema, [end]), into: &effects) }
    _ = logic.snapshot(isFull: true)
  }

  private static func damage(_ blocks: inout Blocks, _ random: inout SeededRandom) {
    guard let one = blocks.indices.randomElement(using: &random),
      let other = blocks.indices.randomElement(using: &random)
    else { return }
    guard !blocks[one].bytes.isEmpty else { return }
    let block = blocks[one].block
    switch Int.random(in: 0..<12, using: &random) {
    case 0: blocks.remove(at: one)
    case 1: blocks.append(blocks[one])
    case 2: blocks[one].bytes.removeLast(Int.random(in: 1...blocks[one].bytes.count, using: &random))
    case 3: (blocks[one].bytes, blocks[other].bytes) = (blocks[other].bytes, blocks[one].bytes)
    case 4:
      blocks[one].block = StateBlock(
        group: random.chance(oneIn: 3) ? Int.random(in: 0...300, using: &random) : Int(block.group),
        kind: random.chance(oneIn: 3) ? UInt8.random(in: 0...24, using: &random) : block.kind,
        number: random.chance(oneIn: 3) ? Int.random(in: 0...1 << 32, using: &random) : Int(block.number)
      )
    case 5: blocks[one].origin = 1 - blocks[one].origin
    case 6:
      blocks[one].bytes[Int.random(in: blocks[one].bytes.indices, using: &random)] ^=
        1 << UInt8.random(in: 0...7, using: &random)
    default:
      // Most of a page is empty; what matters is in the words that are not.
      var words = words(blocks[one].bytes)
      guard let place = words.indices.filter({ words[$0] != 0 }).randomElement(using: &random) else { return }
      switch Int.random(in: 0..<5, using: &random) {
      case 0: words[place] ^= 1 << UInt64.random(in: 0..<64, using: &random)
      case 1: words[place] ^= 1 << UInt64.random(in: 0..<8, using: &random)
      case 2: words[place] = words.randomElement(using: &random) ?? 0
      case 3: words[place] = UInt64.random(in: 0..<100, using: &random)
      default: words[place] = .max
      }
      blocks[one].bytes = words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
    }
  }

  private static func words(_ bytes: [UInt8]) -> [UInt64] {
    stride(from: 0, to: bytes.count / 8 * 8, by: 8).map { start in
      (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) }
    }
  }
}
