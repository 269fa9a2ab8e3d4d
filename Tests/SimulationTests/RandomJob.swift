import Dataflow
import Expressions
import Plan
import Records
import SinkStage
import SourceStage
import TestSupport
import WindowStage

/// A pipeline at random, as a pipeline file would have made it, and the input that it reads.
struct RandomJob {
  let input: [UInt8]
  let isPrinted: Bool
  let stages: [Stage]
  private let mode: PipelinePlan.Mode
  private let limits: BatchLimits

  struct Stage {
    let name: String
    let plan: StagePlan
  }

  static let resultsPath = "results"
  private static let schema = Schema([
    Field("id", .int64), Field("at", .timestamp), Field("name", .string),
    Field("amount", .decimal(scale: 2), nullable: true), Field("flag", .bool),
  ])

  init(_ random: inout SeededRandom) throws {
    input = Self.input(&random)
    isPrinted = random.chance(oneIn: 4)
    limits = BatchLimits(
      rows: .random(in: 1...40, using: &random),
      bytes: random.chance(oneIn: 3) ? .random(in: 1...6000, using: &random) : BatchLimits.defaultBytes
    )
    mode = random.chance(oneIn: 3) ? .microBatch : .realTime
    var stages = [Self.source(isCut: mode == .microBatch, &random)]
    for number in 0..<Int.random(in: 1...3, using: &random) {
      stages.append(try Self.window(number, after: stages[number].plan.ownOutputSchema, &random))
    }
    stages.append(Self.sink(after: stages[stages.count - 1].plan.ownOutputSchema, isPrinted: isPrinted, &random))
    self.stages = stages
  }

  /// The plan with so many workers for each stage.
  func pipeline(_ workers: [Int]) -> PipelinePlan {
    PipelinePlan(
      name: "job",
      deadLetterPath: "letters",
      mode: mode,
      limits: limits,
      stages: zip(stages, workers).map { PipelinePlan.Stage(name: $0.name, plan: $0.plan, workers: $1) }
    )
  }

  /// Numbers of workers that it can run with.
  func workers(_ random: inout SeededRandom) -> [Int] {
    let most = [1, 2, 4].randomElement(using: &random) ?? 1
    return stages.map { _ in .random(in: 1...most, using: &random) }
  }

  // MARK: The parts

  /// Rows, most of them good, some late.
  private static func input(_ random: inout SeededRandom) -> [UInt8] {
    let count =
      random.chance(oneIn: 30) ? Int.random(in: 0...1500, using: &random) : .random(in: 0...160, using: &random)
    let keys = [1, 2, 10, 1000].randomElement(using: &random) ?? 1
    let step = [0, 1, 5].randomElement(using: &random) ?? 0
    let odd = [8, 50, 100_000].randomElement(using: &random) ?? 8
    var text = "id,at,name,amount,flag\n"
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
      text += "\(id),\(time),\(name),\(amount),\(Bool.random(using: &random))\n"
    }
    return Array(text.utf8)
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func source(isCut: Bool, _ random: inout SeededRandom) -> Stage {
    let plan = SourcePlan(
      schema: schema,
      timeColumn: 1,
      source: 0,
      input: .file(path: "input"),
      speed: random.chance(oneIn: 6) ? 20_000 : nil,
      limit: random.chance(oneIn: 10) ? Int.random(in: 0...150, using: &random) : nil,
      longestLine: 200,
      batchRows: .random(in: 1...40, using: &random),
      cut: isCut ? .records(.random(in: 1...60, using: &random)) : nil,
      blockRecords: .random(in: 1...20, using: &random)
    )
    return Stage(
      name: "in",
      plan: StagePlan(kind: .source(plan), inputSchema: schema, projection: projection("c", schema, &random))
    )
  }

  /// Sometimes a column more, sometimes rows less.
  private static func projection(_ name: String, _ schema: Schema, _ random: inout SeededRandom) -> ProjectionPlan {
    func compile(_ text: String) -> Expression {
      do throws(ExpressionError) { return try Expression.compile(text, schema: schema) } catch {
        fatalError("\(error)")
      }
    }
    let filter = [nil, nil, nil, "id % 3 != 0", "flag", "id % 2 == 0 or flag"].randomElement(using: &random) ?? nil
    return ProjectionPlan(
      compute: random.chance(oneIn: 4) ? [ComputedColumn(name: name, expression: compile("id * 3 + 1"))] : [],
      filter: filter.map(compile)
    )
  }

  private static func window(_ number: Int, after input: Schema, _ random: inout SeededRandom) throws -> Stage {
    let before = projection("c\(number)", input, &random)
    let aggregates = (0..<Int.random(in: 1...4, using: &random)).map { index in
      let function = [WindowAggregate.Function.count, .sum, .mean].randomElement(using: &random) ?? .count
      let delay: Int64 = random.chance(oneIn: 2) ? 0 : .random(in: 1...30, using: &random) * 1_000_000
      return WindowAggregate(
        name: "w\(number)-\(index)",
        function: function,
        inputs: function == .count ? [] : [[0, 3, 4].randomElement(using: &random) ?? 0],
        newer: .age(delay),
        older: .age(delay + .random(in: 1...60, using: &random) * 1_000_000)
      )
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
      plan: StagePlan(kind: .window(plan), inputSchema: input, projection: before)
    )
  }

  private static func sink(after input: Schema, isPrinted: Bool, _ random: inout SeededRandom) -> Stage {
    let filter = projection("s", input, &random).filter
    let plan = SinkPlan(
      inputSchema: input,
      format: random.chance(oneIn: 2) ? .csv : .jsonl,
      columns: Array(input.fields.indices),
      evaluation: nil
    )
    return Stage(
      name: "out",
      plan: StagePlan(
        kind: .sink(plan, isPrinted ? .standardOutput : .file(path: resultsPath)),
        inputSchema: input,
        projection: ProjectionPlan(compute: [], filter: filter)
      )
    )
  }
}
