import Dataflow
import Expressions
import Records
import TestSupport
import Testing
import WindowStage

/// Windows made of cells against their recomputation, undisturbed and restored, alone and beside windows of rows.
@Suite struct CellWindowTests {
  /// Microseconds of a step of the streams: four are a second, so that rows lie on the borders of cells.
  static let step: Int64 = 250_000

  static func plan(_ random: inout SeededRandom) throws -> WindowPlan {
    let inputs = try AnyWindowTests.expressions.map { try Expression.compile($0, schema: AnyWindowTests.schema) }
    let resolution = Int64.random(in: 1...4, using: &random) * 1_000_000
    var aggregates: [WindowAggregate] = []
    if random.chance(oneIn: 2) {
      var few = try AnyWindowTests.plan(&random).aggregates.prefix(Int.random(in: 1...4, using: &random))
      for index in few.indices { few[index].name = "r\(index)" }
      aggregates += few
    }
    let retention = Int64.random(in: 40...60, using: &random)
    for number in 0..<Int.random(in: 1...6, using: &random) {
      var aggregate = aggregate(resolution, &random)
      aggregate.name = "c\(number)"
      let plain = aggregate
      if random.chance(oneIn: 3) { aggregate.otherwise = random.chance(oneIn: 2) ? .integer(-7) : .float(0.5) }
      func fits(_ aggregate: WindowAggregate) -> Bool {
        (try? WindowPlan.field(of: aggregate, inputs)) != nil
      }
      aggregates.append(fits(aggregate) ? aggregate : plain)
    }
    return try WindowPlan(
      input: AnyWindowTests.schema,
      key: 0,
      inputs: inputs,
      aggregates: aggregates.shuffled(using: &random),
      retention: retention
    )
  }

  private static func aggregate(_ resolution: Int64, _ random: inout SeededRandom) -> WindowAggregate {
    let width = resolution * Int64.random(in: 1...7, using: &random)
    let functions: [WindowAggregate.Function] = [
      .count, .sum, .mean, .stddev, .min, .max, .rate(width: width),
      .distinctUpTo(exact: Int.random(in: 1...6, using: &random)), .distinctUpTo(exact: 2),
    ]
    let function = functions.randomElement(using: &random) ?? .count
    var inputs = [Int.random(in: 0..<AnyWindowTests.expressions.count, using: &random)]
    switch function {
    case .sum, .mean, .stddev: if [3, 4, 5, 10].contains(inputs[0]) { inputs = [0] }
    case .min, .max: if [4, 10].contains(inputs[0]) { inputs = [3] }
    case .count, .rate: if random.chance(oneIn: 2) { inputs = [] }
    default: break
    }
    var result = WindowAggregate(name: "", function: function, inputs: inputs, older: .age(width))
    result.resolution = resolution
    if random.chance(oneIn: 4) { result.newer = .beforeThisRow }
    var isDelayed = random.chance(oneIn: 2)
    if case .distinctUpTo = function { isDelayed = false }
    if isDelayed {
      let delay = step * Int64.random(in: 1...20, using: &random)
      (result.newer, result.older) = (.age(delay), .age(delay + width))
    }
    return result
  }

  static func stream(rows: Int, _ random: inout SeededRandom) -> [Row] {
    AnyWindowTests.stream(rows: rows, &random).map { row in
      Row(time: row.time * step, ordinal: row.ordinal, values: row.values)
    }
  }

  static func run(_ plan: WindowPlan, _ rows: [Row], _ random: inout SeededRandom) throws -> [Row] {
    let stage = StageBox.of(plan)
    var effects = StageEffects()
    var rest = rows[...]
    var results: [Row] = []
    while !rest.isEmpty {
      let size = random.chance(oneIn: 3) ? 1 : Int.random(in: 1...100, using: &random)
      try stage.process(.of(plan.inputSchema, Array(rest.prefix(size))), into: &effects)
      rest = rest.dropFirst(size)
      for rows in effects.rows { results += rows.assembled().rows }
      effects.rows.removeAll()
    }
    return results
  }

  @Test func agreesWithTheDefinition() throws {
    for seed in Seeds.range(150) {
      var random = SeededRandom(seed: seed)
      let plan = try Self.plan(&random)
      let rows = Self.stream(rows: 250, &random)
      AnyWindowTests.check(try Self.run(plan, rows, &random), rows, plan, seed: UInt64(seed))
    }
  }

  @Test func goesOnAsIfUndisturbed() throws {
    for seed in Seeds.range(100) {
      var random = SeededRandom(seed: seed)
      let plan = try Self.plan(&random)
      let rows = Self.stream(rows: 300, &random)
      AnyWindowTests.check(try Epochs.results(plan, rows, &random), rows, plan, seed: UInt64(seed))
    }
  }

  @Test func planSurvivesItsEncodingAndDamage() throws {
    for seed in Seeds.range(20) {
      var random = SeededRandom(seed: seed)
      try AnyWindowTests.checkCoding(of: Self.plan(&random), &random)
    }
  }
}
