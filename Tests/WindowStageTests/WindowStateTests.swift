import Dataflow
import Records
import TestSupport
import Testing
import WindowStage

/// Saved and restored windows against undisturbed ones, on seeded random streams.
@Suite struct WindowStateTests {
  static let parallelisms = [1, 2, 3, 7]

  @Test(arguments: WindowPropertyTests.shapes)
  func goesOnAsIfUndisturbed(shape: WindowPropertyTests.Shape) throws {
    for seed in Seeds.range(12) {
      var random = SeededRandom(seed: seed)
      let plan = try WindowPropertyTests.plan(shape, &random)
      let rows = WindowPropertyTests.stream(shape, rows: 600, &random)
      var naive = NaiveWindows(plan)
      let expected = rows.map { naive.process($0) }
      #expect(try WindowPropertyTests.run(plan, rows, &random) == expected, "seed \(seed)")

      var actual: [Row] = []
      var rest = rows[...]
      var blocks: [[StateBlock: [UInt8]]] = []
      // Each epoch goes on from what the one before saved, with another number of workers.
      for epoch in 0..<4 {
        let part = Array(rest.prefix(epoch == 3 ? rest.count : Int.random(in: 0...300, using: &random)))
        rest = rest.dropFirst(part.count)
        let count = try #require(Self.parallelisms.randomElement(using: &random))
        var workers = try WindowWorkers(plan, count: count, from: blocks, &random)
        actual += try workers.run(part, &random)
        blocks = workers.saved
      }
      actual.sort { $0.ordinal < $1.ordinal }
      let wrong = zip(actual, expected).first { $0 != $1 }
      #expect(actual.count == expected.count, "seed \(seed)")
      #expect(wrong == nil, "seed \(seed): \(wrong.map { "\($0) is not \($1)" } ?? "") with \(plan.aggregates)")
    }
  }

  /// Many keys, so that pages are written to while the snapshot's writer works through them.
  @Test(arguments: [false, true])
  func savesWhatWasThereWhileRowsGoOn(textKeys: Bool) throws {
    let shape = WindowPropertyTests.Shape(testDescription: "", keys: 3000, step: 1, textKeys: textKeys)
    for seed in Seeds.range(6) {
      var random = SeededRandom(seed: seed)
      let plan = try WindowPlan(
        input: WindowPropertyTests.schema(shape),
        key: 0,
        inputs: WindowPlan.columns(of: WindowPropertyTests.schema(shape)),
        aggregates: [
          WindowAggregate(name: "n", function: .sum, inputs: [2], newer: .age(500), older: .age(9500))
        ],
        retention: 9500
      )
      let rows = WindowPropertyTests.stream(shape, rows: 20_000, &random)
      let expected = try WindowPropertyTests.run(plan, rows, &random)
      let cut = Int.random(in: 5000..<12_000, using: &random)
      var logic = WindowLogic(plan)
      try Self.feed(Array(rows[..<cut]), &logic)
      let snapshot = try Self.snapshot(&logic, isFull: random.chance(oneIn: 2))
      let writing = Writing(snapshot)
      try Self.feed(Array(rows[cut...]), &logic)
      let blocks = writing.finish()
      var workers = try WindowWorkers(plan, count: 2, from: [blocks], &random)
      let actual = try workers.run(Array(rows[cut...]), &random).sorted { $0.ordinal < $1.ordinal }
      #expect(actual == Array(expected[cut...]), "seed \(seed)")
    }
  }

  /// A stage may end, and its pages go, while a snapshot of it is still to be written.
  @Test func outlivesTheStage() throws {
    var random = SeededRandom(seed: 5)
    let shape = WindowPropertyTests.shapes[2]
    let plan = try WindowPropertyTests.plan(shape, &random)
    let rows = WindowPropertyTests.stream(shape, rows: 2000, &random)
    let snapshot = try Self.abandonedSnapshot(plan, rows)
    let saved = SavedBlocks()
    try snapshot.write(to: saved)
    #expect(saved.bytes.count > 2)
  }

  private static func abandonedSnapshot(_ plan: WindowPlan, _ rows: [Row]) throws -> any StateSnapshot {
    var logic = WindowLogic(plan)
    try feed(Array(rows[..<1000]), &logic)
    let snapshot = try Self.snapshot(&logic, isFull: true)
    try feed(Array(rows[1000...]), &logic)
    return snapshot
  }

  @Test func writesOnlyWhatChanged() throws {
    let shape = WindowPropertyTests.Shape(testDescription: "", keys: 1_000_000_000, step: 0)
    var random = SeededRandom(seed: 2)
    let plan = try WindowPlan(
      input: WindowPropertyTests.schema(shape),
      key: 0,
      inputs: [],
      aggregates: [WindowAggregate(name: "n", function: .count, older: .age(1000))],
      retention: 1000
    )
    let rows = WindowPropertyTests.stream(shape, rows: 20_000, &random)
    var logic = WindowLogic(plan)
    try Self.feed(rows, &logic)
    let all = SavedBlocks()
    try Self.snapshot(&logic, isFull: false).write(to: all)
    let nothing = SavedBlocks()
    try Self.snapshot(&logic, isFull: false).write(to: nothing)
    #expect(nothing.bytes.isEmpty)
    try Self.feed(Array(rows.suffix(5)), &logic)
    let some = SavedBlocks()
    try Self.snapshot(&logic, isFull: false).write(to: some)
    // For each key its slot, its chunk, and its group's head.
    #expect(1...15 ~= some.bytes.count)
    #expect(all.bytes.count > 1200)
    let again = SavedBlocks()
    try Self.snapshot(&logic, isFull: true).write(to: again)
    #expect(again.bytes.count == all.bytes.count)

    // What was restored is known already.
    var restored = WindowLogic(plan)
    for (block, bytes) in again.bytes { try restored.restore(block, from: 0, bytes.span) }
    try restored.endRestore()
    #expect(restored.keyCount == logic.keyCount)
    let known = SavedBlocks()
    try Self.snapshot(&restored, isFull: false).write(to: known)
    #expect(known.bytes.isEmpty)
  }

  static func snapshot(_ logic: inout WindowLogic, isFull: Bool) throws -> any StateSnapshot {
    let snapshot = logic.snapshot(isFull: isFull)
    return try #require(snapshot)
  }

  static func feed(_ rows: [Row], _ logic: inout WindowLogic) throws {
    var effects = StageEffects()
    for start in stride(from: 0, to: rows.count, by: 500) {
      try logic.process(.of(logic.plan.inputSchema, Array(rows[start...].prefix(500))), into: &effects)
      effects.rows.removeAll()
    }
  }
}
