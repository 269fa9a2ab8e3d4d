import Dataflow
import Expressions
import Plan
import Records
import SinkStage
import SourceStage
import TestSupport
import WindowStage

/// A pipeline at random, as a pipeline file would have made it, and the inputs that it reads.
struct RandomJob {
  /// By the paths of the sources.
  let inputs: [String: [UInt8]]
  /// The sink that prints, if one does.
  let printer: String?
  let stages: [Stage]
  /// What its results may name as the version that they are of, each of another length; empty: they name none.
  let versions: [String]
  private let mode: PipelinePlan.Mode
  private let limits: BatchLimits

  struct Stage {
    let name: String
    let plan: StagePlan
    var inputs: [PipelinePlan.Input] = []

    /// Whether its rows are none of those that come to it.
    var givesPositions: Bool {
      switch plan.kind {
      case .source: true
      case .window(let plan): plan.emission != nil
      case .learn, .score, .sink, .format: false
      }
    }

    /// Whether it is one worker, whatever the others are.
    var isLearning: Bool { if case .learn = plan.kind { true } else { false } }
    var isSink: Bool { if case .sink = plan.kind { true } else { false } }
  }

  private static let schemas = [
    Schema([
      Field("id", .int64), Field("at", .timestamp), Field("name", .string),
      Field("amount", .decimal(scale: 2), nullable: true), Field("flag", .bool),
    ]),
    Schema([Field("at", .timestamp), Field("flag", .bool), Field("id", .int64), Field("name", .string)]),
  ]

  init(_ random: inout SeededRandom) throws {
    limits = BatchLimits(
      rows: .random(in: 1...40, using: &random),
      bytes: random.chance(oneIn: 3) ? .random(in: 1...6000, using: &random) : BatchLimits.defaultBytes
    )
    mode = random.chance(oneIn: 3) ? .microBatch : .realTime
    var stages: [Stage] = []
    var inputs: [String: [UInt8]] = [:]
    for number in 0..<(random.chance(oneIn: 2) ? 1 : 2) {
      let schema = Self.schemas[random.chance(oneIn: 3) ? 0 : number]
      inputs["input\(number)"] = Self.input(schema, &random)
      stages.append(Self.source(number, schema, isCut: mode == .microBatch, &random))
    }
    self.inputs = inputs
    let isGraph = random.chance(oneIn: 2)
    for number in 0..<Int.random(in: 1...3, using: &random) {
      let all = isGraph || number == 0 ? Array(stages.indices) : [stages.count - 1]
      let count = number == 0 && !isGraph ? all.count : Int.random(in: 1...min(3, all.count), using: &random)
      let from = isGraph ? Array(all.shuffled(using: &random).prefix(count)) : all
      stages.append(try Self.window(number, from, stages, &random))
    }
    if random.chance(oneIn: 3) {
      let from = isGraph ? Array(stages.indices.shuffled(using: &random).prefix(2)) : [stages.count - 1]
      stages.append(try Self.learning(from, stages, &random))
    }
    if random.chance(oneIn: 2) {
      // Of all sources: what it leaves at the end of one would come behind the cuts of the others.
      let from = isGraph ? stages.indices.filter { stages[$0].inputs.isEmpty } : [stages.count - 1]
      stages.append(try Self.emitting(stages.count, from, stages, &random))
    }
    var unread = stages.indices.filter { stage in !stages.contains { $0.inputs.contains { $0.stage == stage } } }
    let sinks = isGraph ? Int.random(in: 1...3, using: &random) : 1
    let printer = random.chance(oneIn: 4) ? "out\(Int.random(in: 0..<sinks, using: &random))" : nil
    let others = Array(stages.indices)
    for number in 0..<sinks {
      let taken = number == sinks - 1 ? unread.count : min(unread.count, Int.random(in: 0...2, using: &random))
      var from = Array(unread.prefix(taken))
      unread.removeFirst(taken)
      if from.isEmpty { from = [others.randomElement(using: &random) ?? 0] }
      let name = "out\(number)"
      stages.append(Self.sink(name, from, stages, isPrinted: name == printer, &random))
    }
    self.printer = printer
    self.stages = stages
    versions = random.chance(oneIn: 3) ? ["a", "bb", "ccc"] : []
  }

  /// The plan with so many workers for each stage, in one of its versions.
  func pipeline(_ workers: [Int], version: Int) -> PipelinePlan {
    PipelinePlan(
      name: "job",
      deadLetterPath: "letters",
      mode: mode,
      limits: limits,
      version: versions.isEmpty ? nil : versions[version],
      stages: zip(stages, workers).map {
        PipelinePlan.Stage(name: $0.name, plan: plan(of: $0, version: version), inputs: $0.inputs, workers: $1)
      }
    )
  }

  /// What a stage does in one of the versions: a sink names it in each row.
  func plan(of stage: Stage, version: Int) -> StagePlan {
    guard !versions.isEmpty, case .sink(let sink, let target) = stage.plan.kind,
      let name = try? Expression.compile("'\(versions[version])'", schema: stage.plan.inputSchema)
    else { return stage.plan }
    let named = SinkPlan(
      inputSchema: sink.inputSchema.appending([Field("version", .string)]),
      format: sink.format,
      columns: sink.columns + [sink.inputSchema.fields.count],
      evaluation: nil,
      budget: sink.budget
    )
    return StagePlan(
      kind: .sink(named, target),
      inputSchema: stage.plan.inputSchema,
      projection: ProjectionPlan(
        compute: [ComputedColumn(name: "version", expression: name)],
        filter: stage.plan.projection.filter
      )
    )
  }

  /// What comes of some stages' columns for one that reads them all.
  static func merge(_ from: [Int], _ stages: [Stage]) -> (schema: Schema, inputs: [PipelinePlan.Input]) {
    let schemas = from.map { stages[$0].plan.outputSchema }
    var names: [String] = []
    for field in schemas.flatMap(\.fields) where !names.contains(field.name) { names.append(field.name) }
    let merged = Schema(
      names.compactMap { name in
        let fields = schemas.compactMap { schema in schema.fields.first { $0.name == name } }
        return fields.first.map {
          Field(name, $0.type, nullable: fields.count < schemas.count || fields.contains(where: \.isNullable))
        }
      }
    )
    let inputs = zip(from, schemas).map { stage, schema in
      var delivery = DeliveryPlan()
      if schema != merged {
        delivery.columns = .init(schema: merged, sources: names.map { schema.index(of: $0) })
      }
      return PipelinePlan.Input(stage, .main, delivery)
    }
    return (merged, inputs)
  }

  /// Numbers of workers that it can run with.
  func workers(_ random: inout SeededRandom) -> [Int] {
    let most = [1, 2, 4].randomElement(using: &random) ?? 1
    return stages.map { $0.isLearning ? 1 : .random(in: 1...most, using: &random) }
  }

  // MARK: The parts

  /// Rows, most of them good, some late.
  private static func input(_ schema: Schema, _ random: inout SeededRandom) -> [UInt8] {
    let count =
      random.chance(oneIn: 30) ? Int.random(in: 0...1500, using: &random) : .random(in: 0...160, using: &random)
    let keys = [1, 2, 10, 1000].randomElement(using: &random) ?? 1
    let step = [0, 1, 5].randomElement(using: &random) ?? 0
    let odd = [8, 50, 100_000].randomElement(using: &random) ?? 8
    var text = schema.fields.map(\.name).joined(separator: ",") + "\n"
    var second = 100
    for _ in 0..<count {
      second += .random(in: 0...step, using: &random)
      let moment = random.chance(oneIn: odd) ? max(second - Int.random(in: 0...40, using: &random), 0) : second
      let key = Int.random(in: 0..<keys, using: &random)
      let id = random.chance(oneIn: odd) ? "none" : "\(key)"
      let cents = Int.random(in: -500...500, using: &random)
      let amount = random.chance(oneIn: 5) ? "" : "\(cents < 0 ? "-" : "")\(abs(cents) / 100).\(two(abs(cents) % 100))"
      let name = random.chance(oneIn: odd) ? "\"a\nkey \(key)\"" : "key \(key % 7 * keys + key)"
      let time = "2018-04-01 \(two(moment / 3600 % 24)):\(two(moment / 60 % 60)):\(two(moment % 60))"
      let values = ["id": id, "at": time, "name": name, "amount": amount, "flag": "\(Bool.random(using: &random))"]
      text += schema.fields.map { values[$0.name] ?? "" }.joined(separator: ",") + "\n"
    }
    return Array(text.utf8)
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func source(
    _ number: Int,
    _ schema: Schema,
    isCut: Bool,
    _ random: inout SeededRandom
  ) -> Stage {
    let plan = SourcePlan(
      schema: schema,
      timeColumn: schema.index(of: "at") ?? 0,
      source: 0,
      input: .file(path: "input\(number)"),
      speed: random.chance(oneIn: 6) ? 20_000 : nil,
      limit: random.chance(oneIn: 10) ? Int.random(in: 0...150, using: &random) : nil,
      outOfOrder: random.chance(oneIn: 2) ? .random(in: 1...60, using: &random) * 1_000_000 : 0,
      delay: random.chance(oneIn: 4) ? .random(in: 1...100, using: &random) * 1_000_000 : 0,
      longestLine: 200,
      batchRows: .random(in: 1...40, using: &random),
      cut: isCut ? .records(.random(in: 1...60, using: &random)) : nil,
      blockRecords: .random(in: 1...20, using: &random)
    )
    return Stage(
      name: "in\(number)",
      plan: StagePlan(kind: .source(plan), inputSchema: schema, projection: projection("s\(number)", schema, &random))
    )
  }

  /// Sometimes a column more, sometimes rows less.
  private static func projection(_ name: String, _ schema: Schema, _ random: inout SeededRandom) -> ProjectionPlan {
    /// nil where a column that it names is not there.
    func compile(_ text: String) -> Expression? { try? Expression.compile(text, schema: schema) }
    let filter = [nil, nil, nil, "id % 3 != 0", "flag", "id % 2 == 0 or flag"].randomElement(using: &random) ?? nil
    let computed = random.chance(oneIn: 4) ? compile("id * 3 + 1") : nil
    return ProjectionPlan(
      compute: computed.map { [ComputedColumn(name: name, expression: $0)] } ?? [],
      filter: filter.flatMap(compile)
    )
  }

  private static func window(
    _ number: Int,
    _ from: [Int],
    _ stages: [Stage],
    _ random: inout SeededRandom
  ) throws -> Stage {
    let (input, inputs) = merge(from, stages)
    let before = projection("c\(number)", input, &random)
    let columns = ["id", "amount", "flag"].compactMap { input.index(of: $0) }
    let aggregates = (0..<Int.random(in: 1...4, using: &random)).map { index in
      let function = [WindowAggregate.Function.count, .sum, .mean].randomElement(using: &random) ?? .count
      let delay: Int64 = random.chance(oneIn: 2) ? 0 : .random(in: 1...30, using: &random) * 1_000_000
      var aggregate = WindowAggregate(
        name: "w\(number)-\(index)",
        function: function,
        inputs: function == .count ? [] : [columns.randomElement(using: &random) ?? 0],
        newer: .age(delay),
        older: .age(delay + .random(in: 1...60, using: &random) * 1_000_000)
      )
      // Made of cells.
      if index > 0, random.chance(oneIn: 4) {
        aggregate.resolution = 2_000_000
        aggregate.older = .age(delay + 2_000_000 * .random(in: 1...20, using: &random))
        if delay == 0, function == .count {
          aggregate.function = .distinctUpTo(exact: .random(in: 1...4, using: &random))
          aggregate.inputs = [columns.randomElement(using: &random) ?? 0]
        }
      }
      return aggregate
    }
    let seen = input.appending(
      before.compute.map { Field($0.name, $0.expression.type, nullable: $0.expression.isNullable) }
    )
    let plan = try WindowPlan(
      input: seen,
      key: random.chance(oneIn: 2) ? 0 : 2,
      inputs: WindowPlan.columns(of: seen),
      aggregates: aggregates,
      retention: 100_000_000
    )
    return Stage(
      name: "window\(number)",
      plan: StagePlan(kind: .window(plan), inputSchema: input, projection: before),
      inputs: inputs
    )
  }

  /// A window stage that leaves a row for each window.
  private static func emitting(
    _ number: Int,
    _ from: [Int],
    _ stages: [Stage],
    _ random: inout SeededRandom
  ) throws -> Stage {
    let (input, inputs) = merge(from, stages)
    let length = Int64.random(in: 1...60, using: &random) * 1_000_000
    let part = Int64.random(in: 1...length, using: &random)
    let isSession = random.chance(oneIn: 3)
    let extent: WindowEmission.Extent =
      isSession
      ? .session(gap: part, longest: length)
      : .hopping(length: length, step: random.chance(oneIn: 2) ? length : max(part, length / 5), offset: 0)
    let key = ["id", "name"].compactMap { input.index(of: $0) }.filter { !input.fields[$0].isNullable }
    let plan = try WindowPlan(
      input: input,
      key: key.randomElement(using: &random) ?? 0,
      inputs: WindowPlan.columns(of: input),
      aggregates: [
        WindowAggregate(name: "rows", function: .count, older: isSession ? .unbounded : .age(length)),
        WindowAggregate(
          name: "different",
          function: .distinct,
          inputs: [input.index(of: "id") ?? 0],
          older: isSession ? .unbounded : .age(length)
        ),
      ],
      retention: length,
      emission: WindowEmission(extent)
    )
    let nothing = ProjectionPlan(compute: [], filter: nil)
    return Stage(
      name: "emitting\(number)",
      plan: StagePlan(kind: .window(plan), inputSchema: input, projection: nothing),
      inputs: inputs
    )
  }

  private static func sink(
    _ name: String,
    _ from: [Int],
    _ stages: [Stage],
    isPrinted: Bool,
    _ random: inout SeededRandom
  ) -> Stage {
    let (input, inputs) = merge(from, stages)
    let filter = projection("x", input, &random).filter
    let score = input.fields.indices.filter { input.fields[$0].type == .float64 }.randomElement(using: &random)
    let plan = SinkPlan(
      inputSchema: input,
      format: random.chance(oneIn: 2) ? .csv : .jsonl,
      columns: Array(input.fields.indices),
      evaluation: nil,
      budget: score.flatMap { score in
        let keep = [1, 3, 40].randomElement(using: &random) ?? 1
        let key = random.chance(oneIn: 3) ? nil : input.index(of: "name")
        return random.chance(oneIn: 2) ? BudgetPlan(keep: keep, key: key, score: score) : nil
      }
    )
    return Stage(
      name: name,
      plan: StagePlan(
        kind: .sink(plan, isPrinted ? .standardOutput : .file(path: name)),
        inputSchema: input,
        projection: ProjectionPlan(compute: [], filter: filter)
      ),
      inputs: inputs
    )
  }
}
