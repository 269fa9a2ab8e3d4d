package import Checkpoints
internal import Expressions
internal import Records
internal import SinkStage
internal import SourceStage
internal import WindowStage

extension StagePlan {
  /// What the stage's saved state means. A plan that says the same can go on from it, whatever else has changed.
  package var stateFacts: [StateFact] {
    switch kind {
    case .source(let plan):
      [StateFact("format", "\(plan.format)"), StateFact("time", plan.schema.fields[plan.timeColumn].name)]
    case .window(let plan): plan.stateFacts
    case .sink(let plan, let target): plan.stateFacts + [StateFact("results", target.description)]
    case .score, .format: []
    }
  }
}

extension WindowPlan {
  fileprivate var stateFacts: [StateFact] {
    let fields = inputSchema.fields
    func text(_ column: Int) -> String {
      "\(fields[column].name): \(fields[column].type)\(fields[column].isNullable ? ", nullable" : "")"
    }
    let columns = Set(aggregates.flatMap(\.inputs).compactMap { inputs[$0].column }).sorted().map(text)
    let edges = Set(aggregates.flatMap(\.ages)).sorted()
    return [
      StateFact("key", text(key)),
      StateFact("aggregated columns", columns.isEmpty ? "none" : columns.joined(separator: "; ")),
      StateFact("edges of its windows", edges.map { DurationText.spelling($0) }.joined(separator: ", ")),
    ]
  }
}

extension WindowAggregate {
  /// The ages of its edges.
  fileprivate var ages: [Int64] {
    var ages: [Int64] = []
    if case .age(let age) = newer { ages.append(age) }
    if case .age(let age) = older { ages.append(age) }
    return ages
  }
}

extension SinkPlan {
  fileprivate var stateFacts: [StateFact] {
    [StateFact("evaluation", evaluation == nil ? "no" : "yes")]
  }
}

extension SinkTarget: CustomStringConvertible {
  package var description: String {
    switch self {
    case .standardOutput: "stdout"
    case .file(let path): path
    }
  }
}
