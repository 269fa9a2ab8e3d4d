import Dataflow
import Records
import TestSupport
import WindowStage

/// A pipeline at random: a stream, and stages that change it. And what comes of it when one worker a stage does all at once.
struct RandomPipeline {
  enum Kind {
    case window(WindowPlan)
    case simple(SimpleLogic.Plan)
  }

  struct Stage {
    let kind: Kind
    var workers: Int
    var limits: BatchLimits
    var order = InputOrder.position

    var input: Schema {
      switch kind {
      case .window(let plan): plan.inputSchema
      case .simple(let plan): plan.input
      }
    }

    var output: Schema {
      switch kind {
      case .window(let plan): plan.outputSchema
      case .simple(let plan): plan.output
      }
    }

    var partition: Partition { if case .window(let plan) = kind { .key(column: plan.key) } else { .balanced } }
  }

  let stream: DealtStream
  let sourceWorkers: Int
  let sourceBatchRows: Int
  let stages: [Stage]
  let sinkLimits: BatchLimits

  static let schema = Schema([
    Field("id", .int64), Field("name", .string), Field("amount", .decimal(scale: 2), nullable: true),
    Field("flag", .bool),
  ])

  /// - Parameter arrival: whether stages may take rows in the order of their arrival; none is keyed then.
  init(_ random: inout SeededRandom, arrival: Bool) throws {
    let count =
      random.chance(oneIn: 40) ? Int.random(in: 0...4000, using: &random) : .random(in: 0...200, using: &random)
    let keys = Int64([1, 2, 10, 1000].randomElement(using: &random) ?? 1)
    let gaps = [0, 3, 10].randomElement(using: &random) ?? 0
    var time = Int64.random(in: -50...50, using: &random)
    let step = Int64([0, 1, 5].randomElement(using: &random) ?? 0)
    let records = (0..<count).map { ordinal -> Row? in
      time += .random(in: 0...step, using: &random)
      if gaps > 0, random.chance(oneIn: gaps) { return nil }
      let key = Int64.random(in: 0..<keys, using: &random)
      return Row(
        time: time,
        ordinal: UInt64(ordinal),
        values: [
          .int(key), .text("key \(key % 7 * keys + key)"),
          random.chance(oneIn: 5) ? .null : .int(.random(in: -500...500, using: &random)),
          .bool(random.chance(oneIn: 2)),
        ]
      )
    }
    stream = DealtStream(
      schema: Self.schema,
      records: records,
      block: .random(in: 1...20, using: &random),
      cut: random.chance(oneIn: 2) ? .random(in: 1...60, using: &random) : nil
    )
    sourceWorkers = .random(in: 1...7, using: &random)
    sourceBatchRows = .random(in: 1...50, using: &random)
    var stages: [Stage] = []
    var schema = Self.schema
    for number in 0..<Int.random(in: 1...4, using: &random) {
      let isWindow = !arrival && random.chance(oneIn: 2)
      let kind: Kind =
        if isWindow {
          .window(try Self.window(schema, number, &random))
        } else {
          .simple(Self.simple(schema, number, &random))
        }
      var stage = Stage(kind: kind, workers: .random(in: 1...7, using: &random), limits: Self.limits(&random))
      if arrival, random.chance(oneIn: 2) { stage.order = InputOrder.arrival }
      stages.append(stage)
      schema = stage.output
    }
    self.stages = stages
    sinkLimits = Self.limits(&random)
  }

  private static func limits(_ random: inout SeededRandom) -> BatchLimits {
    let bytes = random.chance(oneIn: 3) ? Int.random(in: 1...6000, using: &random) : BatchLimits.defaultBytes
    return BatchLimits(rows: .random(in: 1...50, using: &random), bytes: bytes)
  }

  private static func simple(_ input: Schema, _ number: Int, _ random: inout SeededRandom) -> SimpleLogic.Plan {
    SimpleLogic.Plan(
      input: input,
      adds: random.chance(oneIn: 2) ? "s\(number)" : nil,
      drops: [0, 0, 1, 2, 5].randomElement(using: &random) ?? 0,
      piece: random.chance(oneIn: 3) ? Int.random(in: 1...5, using: &random) : 0
    )
  }

  private static func window(_ input: Schema, _ number: Int, _ random: inout SeededRandom) throws -> WindowPlan {
    let aggregates = (0..<Int.random(in: 1...4, using: &random)).map { index in
      let function = [WindowAggregate.Function.count, .sum, .mean].randomElement(using: &random) ?? .count
      let delay: Int64 = random.chance(oneIn: 2) ? 0 : .random(in: 1...30, using: &random)
      return WindowAggregate(
        name: "w\(number)-\(index)",
        function: function,
        inputs: function == .count ? [] : [[0, 2, 3].randomElement(using: &random) ?? 0],
        newer: .age(delay),
        older: .age(delay + .random(in: 1...60, using: &random))
      )
    }
    return try WindowPlan(
      input: input,
      key: random.chance(oneIn: 2) ? 0 : 1,
      inputs: WindowPlan.columns(of: input),
      aggregates: aggregates,
      retention: 100
    )
  }

  // MARK: The judge

  /// The rows that come out: every stage sees all of them at once.
  func expected() throws -> [Row] {
    var rows = stream.records.compactMap(\.self)
    for stage in stages {
      guard !rows.isEmpty else { return [] }
      let batch = RecordBatch.of(stage.input, rows)
      rows =
        switch stage.kind {
        case .window(let plan): try Self.run(WindowLogic(plan), batch)
        case .simple(let plan): try Self.run(SimpleLogic(plan), batch)
        }
    }
    return rows
  }

  private static func run(_ logic: consuming some StageLogic & ~Copyable, _ batch: RecordBatch) throws -> [Row] {
    var logic = logic
    var effects = StageEffects()
    try logic.process(batch, into: &effects)
    try logic.finish(into: &effects)
    return effects.rows.flatMap { $0.assembled().rows }
  }
}
