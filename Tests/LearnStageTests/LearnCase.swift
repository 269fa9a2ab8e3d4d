import Dataflow
import LearnStage
import Models
import Records
import TestSupport

/// A learn stage and a stream for it, at random.
struct LearnCase {
  let plan: LearnPlan
  let rows: [Row]

  private static let (label, id) = (0, 1)

  init(seed: UInt64, rows count: Int = 700) {
    var random = SeededRandom(seed: seed)
    let idIsText = random.chance(oneIn: 2)
    let schema = Schema([
      Field("label", random.chance(oneIn: 2) ? .bool : .int64, nullable: true),
      Field("id", idIsText ? .string : .int64, nullable: random.chance(oneIn: 2)),
      Field("a", .int64, nullable: true), Field("b", .float64, nullable: true), Field("c", .bool),
      Field("d", .decimal(scale: 2)),
    ])
    let age = Int64.random(in: 20...600, using: &random)
    let labels: LearnPlan.Labels =
      random.chance(oneIn: 3)
      ? .own(label: Self.label, after: age)
      : .rows(label: Self.label, id: Self.id, within: age, isGenuineAfter: random.chance(oneIn: 2))
    let model: LearnPlan.Model
    if random.chance(oneIn: 2) {
      model = .logistic(
        OnlineLogistic.Settings(
          rate: [0.1, 0.5, 2].randomElement(using: &random) ?? 1,
          l1: [0, 0.5].randomElement(using: &random) ?? 0,
          l2: [0, 1].randomElement(using: &random) ?? 0,
          fraudWeight: [1, 5].randomElement(using: &random) ?? 1
        )
      )
    } else {
      let sample = Int.random(in: 2...40, using: &random)
      model = .isolationForest(
        IsolationForest.Settings(
          trees: .random(in: 1...12, using: &random),
          sample: sample,
          recent: sample + .random(in: 0...300, using: &random),
          seed: .random(in: 0...9, using: &random)
        )
      )
    }
    var isUnsupervised = random.chance(oneIn: 4)
    if case .logistic = model { isUnsupervised = false }
    let inputs = Array([2, 3, 4, 5].shuffled(using: &random).prefix(.random(in: 1...4, using: &random)))
    var reasons: ModelReasons?
    if case .logistic = model, random.chance(oneIn: 2) {
      let texts = (0..<Int.random(in: 1...inputs.count, using: &random)).map {
        ModelReasons.Reason(raises: "up \($0)", lowers: random.chance(oneIn: 2) ? "down \($0)" : nil)
      }
      reasons = ModelReasons(
        most: .random(in: 1...3, using: &random),
        least: .random(in: 0.001...0.5, using: &random),
        ofAllRows: false,
        reasons: texts,
        reasonOfInput: inputs.map { _ in .random(in: texts.indices, using: &random) }
      )
    }
    plan = LearnPlan(
      inputSchema: schema,
      column: "learned",
      model: model,
      inputs: inputs,
      labels: isUnsupervised ? nil : labels,
      warmUp: [0, 1, 40].randomElement(using: &random) ?? 0,
      reasons: reasons
    )
    rows = Self.rows(plan, count, &random)
  }

  private static func rows(_ plan: LearnPlan, _ count: Int, _ random: inout SeededRandom) -> [Row] {
    let schema = plan.inputSchema
    let hasLabelRows = if case .rows = plan.labels { true } else { false }
    var time: Int64 = 1_000_000
    var ids: [Value] = []
    return (0..<count).map { ordinal in
      time += random.chance(oneIn: 3) ? 0 : .random(in: 1...9, using: &random)
      let isLabel = hasLabelRows && random.chance(oneIn: 3)
      let isFraud = random.chance(oneIn: 4)
      var id: Value = schema.fields[Self.id].type == .string ? .text("tx \(ordinal)") : .int(Int64(ordinal) * 7)
      if isLabel || random.chance(oneIn: 12), let known = ids.suffix(60).randomElement(using: &random) { id = known }
      if schema.fields[Self.id].isNullable, random.chance(oneIn: 10) { id = .null }
      if !isLabel { ids.append(id) }
      var label: Value = .null
      if isLabel || (!hasLabelRows && !random.chance(oneIn: 8)) {
        label = schema.fields[Self.label].type == .bool ? .bool(isFraud) : .int(isFraud ? 1 : 0)
      }
      // Whole numbers, whose sums are exact, so that a column of equal values has no variance however it is computed.
      let wild: [Value] = [.float(.nan), .float(.infinity), .float(-1e200), .null, .float(1e6)]
      return Row(
        time: time,
        ordinal: UInt64(ordinal),
        values: [
          label, id, random.chance(oneIn: 9) ? .null : .int(.random(in: -5...60, using: &random)),
          (random.chance(oneIn: 12) ? wild.randomElement(using: &random) : nil)
            ?? .float(Double(Int.random(in: 0...1000, using: &random))),
          .bool(random.chance(oneIn: 3)), .int(.random(in: 0...50, using: &random) * 100),
        ]
      )
    }
  }
}

/// Blocks of state as checkpoints keep them: the last of each counts.
final class KeptBlocks: StateWriter {
  private(set) var blocks: [StateBlock: [UInt8]] = [:]

  func write(_ block: StateBlock, _ bytes: Span<UInt8>) throws(StateWriteError) { blocks[block] = bytes.array }

  func damage(_ change: (inout [UInt8]) -> Void, at index: Int) {
    let names = blocks.keys.sorted { ($0.kind, $0.number) < ($1.kind, $1.number) }
    change(&blocks[names[index % names.count], default: []])
  }

  /// A stage that goes on from them.
  func stage(_ plan: LearnPlan) throws(StageFailure) -> LearnLogic {
    var logic = LearnLogic(plan)
    for (block, bytes) in blocks { try logic.restore(block, from: 0, bytes.span) }
    try logic.endRestore()
    return logic
  }
}
