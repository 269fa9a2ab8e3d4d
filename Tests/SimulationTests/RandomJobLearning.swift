import Expressions
import LearnStage
import Models
import Plan
import Records
import TestSupport

extension RandomJob {
  /// A stage whose model learns from the flags of rows: each its own after a time, or those of some rows as labels of others.
  static func learning(_ from: [Int], _ stages: [Stage], _ random: inout SeededRandom) throws -> Stage {
    let (input, inputs) = merge(from, stages)
    let label = try Expression.compile("if id % 3 = 0 then flag else null", schema: input)
    let before = ProjectionPlan(compute: [ComputedColumn(name: "label", expression: label)], filter: nil)
    let schema = before.schema(over: input)
    let numbers = schema.fields.indices.filter { schema.fields[$0].type.isNumber }.shuffled(using: &random)
    let age = Int64.random(in: 1...60, using: &random) * 1_000_000
    let labels: LearnPlan.Labels =
      random.chance(oneIn: 2)
      ? .own(label: schema.index(of: "flag") ?? 0, after: age)
      : .rows(
        label: schema.fields.count - 1,
        id: schema.index(of: random.chance(oneIn: 2) ? "id" : "name") ?? 0,
        within: age,
        isGenuineAfter: random.chance(oneIn: 2)
      )
    let isLogistic = random.chance(oneIn: 2)
    let plan = LearnPlan(
      inputSchema: schema,
      column: "learned",
      model: isLogistic
        ? .logistic(.init())
        : .isolationForest(.init(trees: .random(in: 1...6, using: &random), sample: 8, recent: 40, seed: 3)),
      inputs: Array(numbers.prefix(3)),
      labels: isLogistic || random.chance(oneIn: 2) ? labels : nil,
      warmUp: .random(in: 0...20, using: &random)
    )
    return Stage(
      name: "learning",
      plan: StagePlan(kind: .learn(plan), inputSchema: input, projection: before),
      inputs: inputs
    )
  }
}
