import Dataflow
import Models
import Records
import ScoreStage
import TestSupport
import Testing

/// A linear model is summed column by column: against its sum of one row after the other.
@Suite struct LinearModelTests {
  static let schema = Schema([
    Field("a", .int64, nullable: true), Field("b", .int64), Field("c", .decimal(scale: 2), nullable: true),
    Field("d", .float64, nullable: true), Field("e", .float64), Field("f", .bool, nullable: true), Field("g", .bool),
  ])

  static func value(_ field: Field, _ random: inout SeededRandom) -> Value {
    if field.isNullable, random.chance(oneIn: 4) { return .null }
    switch field.type {
    case .bool: return .bool(random.chance(oneIn: 2))
    case .float64:
      let extremes = [Double.nan, .infinity, -.infinity, -0.0, 1e300, .leastNonzeroMagnitude]
      return .float(
        random.chance(oneIn: 8) ? extremes.randomElement(using: &random) ?? 0 : .random(in: -3...3, using: &random)
      )
    default:
      return .int(
        random.chance(oneIn: 8) ? .random(in: .min ... .max, using: &random) : .random(in: -999...999, using: &random)
      )
    }
  }

  static func input(_ value: Value, _ type: ColumnType) -> Double {
    switch (value, type) {
    case (.int(let value), .decimal(let scale)):
      Double(value) / Double((0..<Int(scale)).reduce(1) { power, _ in power * 10 })
    case (.int(let value), _): Double(value)
    case (.float(let value), _): value
    case (.bool(let value), _): value ? 1 : 0
    default: .nan
    }
  }

  @Test(arguments: [1, 3, 7, 20])
  func columnsGiveTheBitsOfRows(features: Int) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededRandom(seed: seed)
    let model = try ScoringModel(
      weights: (0..<features).map { _ in .random(in: -2...2, using: &random) },
      bias: 0.25,
      baseMargin: -1,
      output: random.chance(oneIn: 2) ? .margin : .probability
    )
    let inputs = (0..<features).map { _ in Int.random(in: Self.schema.fields.indices, using: &random) }
    var logic = ScoreLogic(ScorePlan(inputSchema: Self.schema, model: .init(model, inputs: inputs)))
    let rows = (0..<200).map { number in
      Row(time: Int64(number), ordinal: UInt64(number), values: Self.schema.fields.map { Self.value($0, &random) })
    }
    var expected = [Double](repeating: 0, count: rows.count)
    let values = rows.flatMap { row in inputs.map { Self.input(row.values[$0], Self.schema.fields[$0].type) } }
    var span = expected.mutableSpan
    model.score(rows: values.span, count: rows.count, into: &span)
    for size in [1, 13, 200] {
      var effects = StageEffects()
      for start in stride(from: 0, to: rows.count, by: size) {
        try logic.process(.of(Self.schema, Array(rows[start..<min(start + size, rows.count)])), into: &effects)
        effects.rows = effects.rows.map { LooseRows($0.assembled()) }
      }
      let column = Self.schema.fields.count
      let scores = effects.rows.flatMap { rows in (0..<rows.count).map { rows.columns[column].float64($0) } }
      for (row, (score, other)) in zip(scores, expected).enumerated() {
        let isSame = score.bitPattern == other.bitPattern || score.isNaN && other.isNaN
        #expect(isSame, "seed \(seed), row \(row), batches of \(size): \(score), not \(other)")
      }
    }
  }
}
