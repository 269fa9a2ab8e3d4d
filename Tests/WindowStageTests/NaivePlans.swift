import Expressions
import Records
import TestSupport
import WindowStage

/// Window plans at random, each with what its features are by their definition.
struct NaivePlan {
  let plan: WindowPlan
  let features: [NaiveFeature]

  /// A value that aggregates may take: as the stage has it, and by its definition.
  struct Input: Sendable {
    let text: String
    let type: ColumnType
    let value: @Sendable (Row) -> Value

    /// A column of the stream.
    init(_ column: Int) {
      let field = NaiveStream.fields[column]
      self.init(field.name, field.type) { $0.values[column] }
    }

    init(_ text: String, _ type: ColumnType, _ value: @escaping @Sendable (Row) -> Value) {
      self.text = text
      self.type = type
      self.value = value
    }

    var unit: Int64 { if case .decimal(let scale) = type { DecimalText.powerOfTen(scale) } else { 1 } }
  }

  /// The columns, and expressions over them.
  static let inputs: [Input] =
    NaiveStream.fields.indices.dropFirst().map { Input($0) } + [
      Input("label = 1", .bool) { .bool($0.values[2] == .int(1)) },
      Input("amount > 100", .bool) { row in
        if case .int(let cents) = row.values[1] { .bool(cents > 10_000) } else { .null }
      },
      Input("label + 3", .int64) { row in
        if case .int(let label) = row.values[2] { .int(label + 3) } else { .null }
      },
      // As a `where` is compiled.
      Input("if label = 1 then word else null", .string) { $0.values[2] == .int(1) ? $0.values[5] : .null },
      Input("if flag then amount else null", .decimal(scale: 2)) { $0.values[3] == .bool(true) ? $0.values[1] : .null },
    ]

  /// Every function.
  static let functions: [NaiveFeature.Function] = [
    .count, .sum, .mean, .stddev, .min, .max, .first, .last, .timeSinceLast, .rate(width: 1), .rate(width: 7),
    .decayedSum(halfLife: 3), .decayedMean(halfLife: 1), .decayedCount(halfLife: 10), .speed, .sequence,
    .distinct, .top, .topShare, .entropy, .quantile(0), .quantile(0.5), .quantile(0.95), .quantile(1),
  ]

  /// - Parameters:
  ///   - shape: of the stream that it is for.
  ///   - functions: what its aggregates may compute.
  ///   - aggregates: how many it may have.
  init(
    _ shape: NaiveStream.Shape,
    functions: [NaiveFeature.Function],
    aggregates: ClosedRange<Int> = 1...9,
    _ random: inout SeededRandom
  ) throws {
    let schema = NaiveStream.schema(shape)
    let expressions = try Self.inputs.map { try Expression.compile($0.text, schema: schema) }
    var features: [NaiveFeature] = []
    var inputs: [[Int]] = []
    let retention = Int64.random(in: 24...50, using: &random)
    for _ in 0..<Int.random(in: aggregates, using: &random) {
      guard let function = functions.randomElement(using: &random) else { continue }
      let next = Self.feature(function, retention, &random)
      features.append(next.feature)
      inputs.append(next.inputs)
    }
    // An order that the seed fixes.
    let used = Set(inputs.joined()).sorted().shuffled(using: &random)
    let aggregates = features.indices.map { index in
      WindowAggregate(name: "a\(index)", features[index], inputs[index].compactMap { used.firstIndex(of: $0) })
    }
    plan = try WindowPlan(
      input: schema,
      key: 0,
      inputs: used.map { expressions[$0] },
      aggregates: aggregates,
      retention: retention
    )
    self.features = features
  }

  /// A feature with edges of any kind that the function may have, and the numbers of its inputs.
  private static func feature(
    _ function: NaiveFeature.Function,
    _ retention: Int64,
    _ random: inout SeededRandom
  ) -> (feature: NaiveFeature, inputs: [Int]) {
    let inputs = inputs(of: function, &random)
    var newer = Self.newer(&random)
    var older = NaiveFeature.Older.unbounded
    switch function {
    case .sequence: (newer, older) = (.age(0), .age(.random(in: 1...15, using: &random)))
    case .decayedSum, .decayedMean, .decayedCount: break
    default:
      if newer == .age(0), [.timeSinceLast, .speed].contains(function) { newer = .beforeThisRow }
      older = Self.older(newer, &random)
    }
    let feature = NaiveFeature(
      function,
      inputs: inputs.map { NaiveFeature.Input(unit: Self.inputs[$0].unit, Self.inputs[$0].value) },
      newer: newer,
      older: older,
      retention: retention,
      otherwise: otherwise(function, inputs.first.map { Self.inputs[$0].type }, &random)
    )
    return (feature, inputs)
  }

  private static func newer(_ random: inout SeededRandom) -> NaiveFeature.Newer {
    switch Int.random(in: 0..<6, using: &random) {
    case 0, 1: .age(0)
    case 2: .age(1)
    case 3: .beforeThisRow
    default: .age(.random(in: 1...8, using: &random))
    }
  }

  private static func older(_ newer: NaiveFeature.Newer, _ random: inout SeededRandom) -> NaiveFeature.Older {
    switch Int.random(in: 0..<5, using: &random) {
    case 0: return .unbounded
    case 1: return .rows(random.chance(oneIn: 3) ? 1 : .random(in: 1...20, using: &random))
    default:
      let delay: Int64 = if case .age(let age) = newer { age } else { 0 }
      return .age(delay + .random(in: 1...12, using: &random))
    }
  }

  private static func inputs(of function: NaiveFeature.Function, _ random: inout SeededRandom) -> [Int] {
    func those(_ belongs: (ColumnType) -> Bool) -> [Int] { inputs.indices.filter { belongs(inputs[$0].type) } }
    let isExact = { (type: ColumnType) in type != .float64 && type != .string && type != .timestamp }
    let candidates: [Int]
    switch function {
    case .timeSinceLast: return []
    case .speed: return [NaiveStream.latitude - 1, NaiveStream.longitude - 1]
    case .count, .rate, .decayedCount:
      if random.chance(oneIn: 2) { return [] }
      candidates = Array(inputs.indices)
    case .sum, .mean, .stddev: candidates = those(isExact)
    case .min, .max: candidates = those { $0 != .string }
    case .quantile, .decayedSum, .decayedMean: candidates = those { isExact($0) || $0 == .float64 }
    case .sequence:
      let conditions = those { $0 == .bool }
      return (0..<Int.random(in: 1...5, using: &random)).compactMap { _ in conditions.randomElement(using: &random) }
    case .first, .last, .distinct, .distinctUpTo, .top, .topShare, .entropy: candidates = Array(inputs.indices)
    }
    return candidates.randomElement(using: &random).map { [$0] } ?? []
  }

  private static func otherwise(
    _ function: NaiveFeature.Function,
    _ type: ColumnType?,
    _ random: inout SeededRandom
  ) -> Value {
    guard random.chance(oneIn: 2) else { return .null }
    switch function {
    case .count, .rate, .distinct, .distinctUpTo, .decayedCount, .sequence: return .null
    case .sum, .min, .max, .first, .last, .top:
      switch type {
      case .int64, .decimal: return .int(-7)
      case .float64: return .float(0.5)
      case .bool: return [.sum, .min, .max].contains(function) ? .int(-7) : .null
      default: return .null
      }
    default: return .float(0.5)
    }
  }
}

extension WindowAggregate {
  /// What the stage has to compute where the definition is `feature`.
  init(name: String, _ feature: NaiveFeature, _ inputs: [Int]) {
    let newer: Newer =
      switch feature.newer {
      case .age(let age): .age(age)
      case .beforeThisRow: .beforeThisRow
      }
    let older: Older =
      switch feature.older {
      case .age(let age): .age(age)
      case .rows(let count): .rows(count)
      case .unbounded: .unbounded
      }
    let otherwise: Otherwise? =
      switch feature.otherwise {
      case .int(let value): .integer(value)
      case .float(let value): .float(value)
      default: nil
      }
    self.init(
      name: name,
      function: Function(feature.function),
      inputs: inputs,
      newer: newer,
      older: older,
      otherwise: otherwise
    )
  }
}

extension WindowAggregate.Function {
  fileprivate init(_ function: NaiveFeature.Function) {
    self =
      switch function {
      case .count: .count
      case .sum: .sum
      case .mean: .mean
      case .stddev: .stddev
      case .min: .min
      case .max: .max
      case .first: .first
      case .last: .last
      case .timeSinceLast: .timeSinceLast
      case .rate(let width): .rate(width: width)
      case .distinct: .distinct
      case .distinctUpTo(let exact): .distinctUpTo(exact: exact)
      case .top: .top
      case .topShare: .topShare
      case .entropy: .entropy
      case .quantile(let fraction): .quantile(fraction)
      case .decayedSum(let halfLife): .decayedSum(halfLife: halfLife)
      case .decayedMean(let halfLife): .decayedMean(halfLife: halfLife)
      case .decayedCount(let halfLife): .decayedCount(halfLife: halfLife)
      case .speed: .speed
      case .sequence: .sequence
      }
  }
}
