import Dataflow
import Expressions
import Records
import TestSupport
import Testing
import WindowStage

/// Windows of all kinds against their recomputation, undisturbed and restored, on seeded random streams.
@Suite struct AnyWindowTests {
  static let schema = Schema([
    Field("key", .string), Field("amount", .decimal(scale: 2), nullable: true), Field("label", .int64),
    Field("flag", .bool, nullable: true), Field("ratio", .float64, nullable: true),
    Field("name", .string, nullable: true), Field("latitude", .float64, nullable: true),
    Field("longitude", .decimal(scale: 3)),
  ])

  static let expressions = [
    "amount", "label", "flag", "ratio", "name", "latitude", "longitude", "label > 1", "flag and label > 0",
    "amount + amount", "lower(name)",
  ]

  /// The values of the expressions.
  static func inputs(_ row: Row) -> [Value] {
    let values = row.values
    let label = values[2].exact ?? 0
    let both: Value
    switch values[3] {
    case .bool(let flag): both = .bool(flag && label > 0)
    default: both = label > 0 ? .null : .bool(false)
    }
    let lower: Value = if case .text(let text) = values[5] { .text(text.lowercased()) } else { values[5] }
    let twice: Value = if case .int(let amount) = values[1] { .int(2 * amount) } else { .null }
    return Array(values[1...7]) + [.bool(label > 1), both, twice, lower]
  }

  static func plan(_ random: inout SeededRandom) throws -> WindowPlan {
    let inputs = try expressions.map { try Expression.compile($0, schema: schema) }
    let retention = Int64.random(in: 25...40, using: &random)
    var aggregates: [WindowAggregate] = []
    while aggregates.count < 6 {
      var aggregate = aggregate(&random)
      aggregate.name = "a\(aggregates.count)"
      if random.chance(oneIn: 3) {
        aggregate.otherwise = random.chance(oneIn: 2) ? .integer(-7) : .float(0.5)
      }
      let plan = try? WindowPlan(
        input: schema,
        key: 0,
        inputs: inputs,
        aggregates: [aggregate],
        retention: retention
      )
      if plan != nil { aggregates.append(aggregate) }
    }
    return try WindowPlan(input: schema, key: 0, inputs: inputs, aggregates: aggregates, retention: retention)
  }

  private static func aggregate(_ random: inout SeededRandom) -> WindowAggregate {
    let delay: Int64 = random.chance(oneIn: 2) ? 0 : .random(in: 1...8, using: &random)
    let width = Int64.random(in: 1...12, using: &random)
    let halfLife = Int64.random(in: 1...4, using: &random)
    let functions: [WindowAggregate.Function] = [
      .count, .sum, .mean, .stddev, .min, .max, .first, .last, .timeSinceLast, .rate(width: width), .distinct, .top,
      .topShare, .entropy, .quantile([0, 0.5, 0.9, 1].randomElement(using: &random) ?? 0),
      .decayedSum(halfLife: halfLife),
      .decayedMean(halfLife: halfLife), .decayedCount(halfLife: halfLife), .speed, .sequence,
    ]
    let function = functions.randomElement(using: &random) ?? .count
    let isExact = [.sum, .mean, .stddev].contains(function)
    var inputs = [Int.random(in: 0..<expressions.count, using: &random)]
    if isExact, inputs[0] == 3 { inputs = [0] }
    switch function {
    case .speed: inputs = [5, 6]
    case .sequence:
      inputs = (0..<Int.random(in: 1...4, using: &random)).map { _ in [2, 7, 8].randomElement(using: &random) ?? 2 }
    case .timeSinceLast: inputs = []
    case .count, .rate, .decayedCount: if random.chance(oneIn: 2) { inputs = [] }
    default: break
    }
    var result = WindowAggregate(name: "", function: function, inputs: inputs, older: .age(delay + width))
    result.newer = random.chance(oneIn: 3) ? .beforeThisRow : .age(delay)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: result.older = .rows(Int.random(in: 1...12, using: &random))
    case 1: result.older = .unbounded
    default: break
    }
    if result.isDecayed { result.older = .unbounded }
    if function == .sequence { (result.newer, result.older) = (.age(0), .age(width)) }
    return result
  }

  static func stream(rows: Int, _ random: inout SeededRandom) -> [Row] {
    var time = Int64.random(in: -1000...1000, using: &random)
    let keys = [1, 3, 20].randomElement(using: &random) ?? 1
    let step: Int64 = [0, 1, 2].randomElement(using: &random) ?? 1
    let gaps = random.chance(oneIn: 2)
    return (0..<rows).map { ordinal in
      time +=
        gaps && random.chance(oneIn: 30) ? .random(in: 20...300, using: &random) : .random(in: 0...step, using: &random)
      func nullable(_ value: Value) -> Value { random.chance(oneIn: 4) ? .null : value }
      let names = ["", "a", "B", "b", "a long name that fills some words", "a long name that fills more words"]
      return Row(
        time: time,
        ordinal: UInt64(ordinal),
        values: [
          .text("key \(Int.random(in: 0..<keys, using: &random))"),
          nullable(.int(.random(in: -500...500, using: &random))), .int(.random(in: 0...3, using: &random)),
          nullable(.bool(random.chance(oneIn: 2))),
          nullable(.float(Double(Int.random(in: -9...9, using: &random)) / 4)),
          nullable(.text(names.randomElement(using: &random) ?? "")),
          nullable(.float(.random(in: -90...90, using: &random))),
          .int(.random(in: -180_000...180_000, using: &random)),
        ]
      )
    }
  }

  /// Whether results are what was recomputed: quantiles to 1%, all else to the bit.
  static func agree(_ actual: Row, _ expected: [Value], _ plan: WindowPlan) -> Int? {
    plan.aggregates.indices.first { index in
      let (value, other) = (actual.values[schema.fields.count + index], expected[index])
      if case .quantile = plan.aggregates[index].function, case (.float(let left), .float(let right)) = (value, other) {
        return abs(left - right) > 0.01 * abs(right)
      }
      return value != other
    }
  }

  static func check(_ actual: [Row], _ rows: [Row], _ plan: WindowPlan, seed: UInt64) {
    #expect(actual.count == rows.count, "seed \(seed)")
    var model = RecomputedWindows(plan, inputs)
    for (row, result) in zip(rows, actual) {
      let expected = model.process(row)
      guard let wrong = agree(result, expected, plan) else { continue }
      let value = result.values[schema.fields.count + wrong]
      Issue.record(
        "seed \(seed): \(value) is not \(expected[wrong]) at \(row) with \(plan.aggregates[wrong]), \(plan.retention)"
      )
      return
    }
  }

  @Test func agreesWithTheDefinition() throws {
    for seed in Seeds.range(80) {
      var random = SeededRandom(seed: seed)
      let plan = try Self.plan(&random)
      let rows = Self.stream(rows: 250, &random)
      Self.check(try WindowPropertyTests.run(plan, rows, &random), rows, plan, seed: UInt64(seed))
    }
  }

  @Test func goesOnAsIfUndisturbed() throws {
    for seed in Seeds.range(60) {
      var random = SeededRandom(seed: seed)
      let plan = try Self.plan(&random)
      let rows = Self.stream(rows: 300, &random)
      Self.check(try Epochs.results(plan, rows, &random), rows, plan, seed: UInt64(seed))
    }
  }

  @Test func planSurvivesItsEncodingAndDamage() throws {
    for seed in Seeds.range(20) {
      var random = SeededRandom(seed: seed)
      try Self.checkCoding(of: Self.plan(&random), &random)
    }
  }

  /// A plan is what its bytes say, and damaged bytes are no plan or one that can be run.
  static func checkCoding(of plan: WindowPlan, _ random: inout SeededRandom) throws {
    var writer = ByteWriter()
    plan.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    #expect(try WindowPlan(from: &reader) == plan)
    for _ in 0..<300 {
      var damaged = writer.bytes
      damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      var reader = ByteReader(damaged)
      if let plan = try? WindowPlan(from: &reader) { _ = StageBox.of(plan) }
    }
  }
}
