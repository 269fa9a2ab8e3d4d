import Dataflow
import Records
import TestSupport
import Testing
import WindowStage

/// The window stage against the naive model, on seeded random streams.
@Suite struct WindowPropertyTests {
  /// What a stream is made of.
  struct Shape: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let keys: Int
    /// One row in so many belongs to key 0, whatever the others do; 0: none.
    var hotKey = 0
    /// Times go on by 0 to `step`; small steps make ties, and rows exactly on window edges.
    let step: Int64
    /// One row in so many comes after a gap longer than any window; 0: none.
    var gaps = 0
    var textKeys = false
    var nulls = false
  }

  static let shapes = [
    Shape(testDescription: "few keys, ties and rows on the edges", keys: 3, step: 1),
    Shape(testDescription: "many rows of one moment", keys: 2, step: 0),
    Shape(testDescription: "one hot key", keys: 50, hotKey: 2, step: 2),
    Shape(testDescription: "keys seen once", keys: 1_000_000_000, step: 1),
    Shape(testDescription: "gaps longer than any window", keys: 4, step: 2, gaps: 20),
    Shape(testDescription: "text keys and nulls", keys: 30, step: 2, textKeys: true, nulls: true),
    Shape(testDescription: "text keys seen once", keys: 1_000_000_000, step: 1, textKeys: true),
  ]

  static func schema(_ shape: Shape) -> Schema {
    Schema([
      Field("key", shape.textKeys ? .string : .int64), Field("amount", .decimal(scale: 2), nullable: shape.nulls),
      Field("label", .int64), Field("flag", .bool, nullable: shape.nulls), Field("large", .int64),
    ])
  }

  static func plan(_ shape: Shape, _ random: inout SeededRandom) throws -> WindowPlan {
    var aggregates: [WindowAggregate] = []
    for index in 0..<Int.random(in: 1...9, using: &random) {
      let width = Int64.random(in: 1...12, using: &random)
      let delay: Int64 = random.chance(oneIn: 2) ? 0 : .random(in: 1...8, using: &random)
      let function = [WindowAggregate.Function.count, .sum, .mean].randomElement(using: &random) ?? .count
      let hasOtherwise = random.chance(oneIn: 2)
      aggregates.append(
        WindowAggregate(
          name: "a\(index)",
          function: function,
          inputs: function == .count ? [] : [Int.random(in: 1...4, using: &random)],
          newer: .age(delay),
          older: .age(delay + width),
          otherwise: function == .count || !hasOtherwise ? nil : function == .sum ? .integer(-7) : .float(0.5)
        )
      )
    }
    let schema = schema(shape)
    return try WindowPlan(
      input: schema,
      key: 0,
      inputs: WindowPlan.columns(of: schema),
      aggregates: aggregates,
      retention: 20
    )
  }

  static func stream(_ shape: Shape, rows: Int, _ random: inout SeededRandom) -> [Row] {
    var time = Int64.random(in: -1000...1000, using: &random)
    return (0..<rows).map { ordinal in
      time += shape.gaps > 0 && random.chance(oneIn: shape.gaps) ? 100 : .random(in: 0...shape.step, using: &random)
      let isHot = shape.hotKey > 0 && random.chance(oneIn: shape.hotKey)
      let key = isHot ? 0 : Int64.random(in: 0..<Int64(shape.keys), using: &random)
      // Texts of many lengths, some of which share their beginnings.
      let text = String(repeating: "k", count: Int(key % 40)) + "\(key)"
      let isNull = shape.nulls && random.chance(oneIn: 3)
      return Row(
        time: time,
        ordinal: UInt64(ordinal),
        values: [
          shape.textKeys ? .text(text) : .int(key),
          isNull ? .null : .int(.random(in: -50_000...50_000, using: &random)),
          .int(random.chance(oneIn: 4) ? 1 : 0),
          shape.nulls && random.chance(oneIn: 3) ? .null : .bool(random.chance(oneIn: 2)),
          .int([Int64.min, .max, 0, 1].randomElement(using: &random) ?? 0),
        ]
      )
    }
  }

  /// Runs the stage over `rows` in batches of random sizes.
  static func run(_ plan: WindowPlan, _ rows: [Row], _ random: inout SeededRandom) throws -> [Row] {
    var logic = WindowLogic(plan)
    var effects = StageEffects()
    var results: [Row] = []
    var rest = rows[...]
    while !rest.isEmpty {
      let size = random.chance(oneIn: 3) ? 1 : Int.random(in: 1...300, using: &random)
      try logic.process(.of(plan.inputSchema, Array(rest.prefix(size))), into: &effects)
      rest = rest.dropFirst(size)
      for rows in effects.rows { results += rows.assembled().rows }
      effects.rows.removeAll()
    }
    try logic.finish(into: &effects)
    return results
  }

  @Test(arguments: shapes)
  func agreesWithTheDefinition(shape: Shape) throws {
    for seed in Seeds.range(12) {
      var random = SeededRandom(seed: seed)
      let plan = try Self.plan(shape, &random)
      let rows = Self.stream(shape, rows: 400, &random)
      var naive = NaiveWindows(plan)
      let expected = rows.map { naive.process($0) }
      let actual = try Self.run(plan, rows, &random)
      #expect(actual.count == expected.count, "seed \(seed)")
      let wrong = zip(actual, expected).first { $0 != $1 }
      #expect(wrong == nil, "seed \(seed): \(wrong.map { "\($0) is not \($1)" } ?? "") with \(plan.aggregates)")
    }
  }

  @Test func forgetsKeysWhoseWindowsAreEmpty() throws {
    let shape = Shape(testDescription: "", keys: 1_000_000_000, step: 1)
    var random = SeededRandom(seed: 1)
    let plan = try Self.plan(shape, &random)
    var logic = WindowLogic(plan)
    var effects = StageEffects()
    var most = 0
    for start in 0..<200 {
      let rows = (0..<100).map { row in
        Row(
          time: Int64(start * 100 + row),
          ordinal: UInt64(start * 100 + row),
          values: [.int(Int64(start * 100 + row)), .int(1), .int(0), .bool(true), .int(1)]
        )
      }
      try logic.process(.of(plan.inputSchema, rows), into: &effects)
      effects.rows.removeAll()
      most = max(most, logic.keyCount)
    }
    // 20,000 keys came by, of which at most 20 at a time have rows in any window.
    #expect(most < 400)
  }

  @Test func planSurvivesItsEncodingAndDamage() throws {
    var random = SeededRandom(seed: 3)
    let plan = try Self.plan(Self.shapes[0], &random)
    var writer = ByteWriter()
    plan.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try WindowPlan(from: &reader) == plan)
    for _ in 0..<2000 {
      var damaged = writer.bytes
      damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      var reader = ByteReader(damaged)
      if let plan = try? WindowPlan(from: &reader) { _ = WindowLogic(plan) }
    }
  }
}
