package import Checkpoints
internal import Expressions
internal import LearnStage
internal import Models
internal import Records
package import SinkStage
internal import SourceStage
internal import WindowStage

extension StagePlan {
  /// What the stage's saved state means. A plan that says the same can go on from it, whatever else has changed.
  package var stateFacts: [StateFact] {
    switch kind {
    case .source(let plan):
      [
        StateFact("format", "\(plan.format)"), StateFact("time", plan.schema.fields[plan.timeColumn].name),
        StateFact("delay", DurationText.spelling(plan.delay)),
      ]
    case .window(let plan): plan.stateFacts
    case .learn(let plan): plan.stateFacts
    case .sink(let plan, let target): plan.stateFacts + [StateFact("results", target.description)]
    case .score, .format: []
    }
  }
}

extension StagePlan {
  /// What cannot change while a run goes on: that, what is read, and how results look that others have begun to read.
  package var lastingFacts: [StateFact] {
    switch kind {
    case .source(let plan):
      stateFacts + [StateFact("input", plan.inputName)]
    case .window: [StateFact("kind", "a window")] + stateFacts
    case .learn: [StateFact("kind", "a model that learns")] + stateFacts
    case .score: [StateFact("kind", "a score")]
    case .format: [StateFact("kind", "lines")]
    case .sink(let plan, _):
      stateFacts + [
        StateFact("format", "\(plan.format)"), StateFact("budget", plan.budget.map { "\($0)" } ?? "none"),
        StateFact("evaluated columns", plan.evaluatedNames),
      ]
        + (plan.format == .jsonl
          ? [] : [StateFact("columns", plan.columns.map { plan.inputSchema.fields[$0].name }.joined(separator: ", "))])
    }
  }
}

extension SinkPlan {
  fileprivate var evaluatedNames: String {
    guard let evaluation else { return "none" }
    return [evaluation.label, evaluation.score, evaluation.card].compactMap { $0 }.map { inputSchema.fields[$0].name }
      .joined(separator: ", ")
  }
}

extension WindowPlan {
  fileprivate var stateFacts: [StateFact] {
    let field = inputSchema.fields[key]
    let used = Set(aggregates.flatMap(\.inputs)).sorted()
    let edges = Set(aggregates.flatMap(\.ages)).sorted().map { DurationText.spelling($0) }
    let others = unique(aggregates.compactMap(\.otherEdges))
    let further = unique(aggregates.compactMap { $0.furtherState(values: values) })
    return [
      StateFact("key", "\(field.name): \(field.type)\(field.isNullable ? ", nullable" : "")"),
      StateFact("aggregated columns", used.isEmpty ? "none" : used.map(value).joined(separator: "; ")),
      StateFact("edges of its windows", (edges + others).joined(separator: ", ")),
    ] + (further.isEmpty ? [] : [StateFact("further state of its windows", further.joined(separator: ", "))])
      + (others.isEmpty ? [] : [StateFact("retention of its rows", DurationText.spelling(retention))])
      + (emission.map { [StateFact("windows that emit", $0.extent.words)] } ?? [])
      + [StateFact("layout of its state", stateLayout)]
  }

  private func values(_ inputs: [Int]) -> String { inputs.map(value).joined(separator: "; ") }

  /// An input in words; one that is no column as its type and a hash of what it is.
  private func value(_ input: Int) -> String {
    let expression = inputs[input]
    let type = "\(expression.type)\(expression.isNullable ? ", nullable" : "")"
    if let column = expression.column { return "\(inputSchema.fields[column].name): \(type)" }
    var writer = ByteWriter()
    expression.encode(into: &writer)
    let bytes = writer.bytes
    return "computed \(String(StableHash.of(bytes.span), radix: 16)): \(type)"
  }

  private func unique(_ texts: [String]) -> [String] {
    var seen: Set<String> = []
    return texts.filter { seen.insert($0).inserted }
  }
}

extension LearnPlan {
  /// How fast a model learns may change, and what it has learned goes on; what it learns of may not.
  fileprivate var stateFacts: [StateFact] {
    func name(_ column: Int) -> String { inputSchema.fields[column].name }
    let kind =
      switch model {
      case .logistic: "logistic"
      case .isolationForest(let forest):
        "isolation_forest of \(forest.trees) trees over \(forest.sample) of the last \(forest.recent) rows, seed \(forest.seed)"
      }
    let source: String? =
      switch labels {
      case nil: nil
      case .rows(let label, let id, _, _): "\(name(label)) of \(name(id)): \(inputSchema.fields[id].type)"
      case .own(let label, let after): "\(name(label)), \(DurationText.spelling(after)) after the row"
      }
    return [
      StateFact("model that learns", kind),
      StateFact("inputs of the model", inputs.map(name).joined(separator: ", ")),
      StateFact("labels of the model", source ?? "none"),
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

  /// Its edges that do not go by age alone.
  fileprivate var otherEdges: String? {
    switch (newer, older) {
    case (.age, .age): nil
    default: "\(newer) to \(older)"
    }
  }

  /// What it keeps beside counts and sums at edges.
  fileprivate func furtherState(values: ([Int]) -> String) -> String? {
    switch function {
    case .count, .sum, .mean, .rate, .first: nil
    default: "\(function) of \(values(inputs)) at \(newer) to \(older)"
    }
  }
}

extension WindowEmission.Extent {
  /// Which rows are one window.
  package var words: String {
    switch self {
    case .hopping(let length, let step, let offset):
      "\(length == step ? "each" : "\(DurationText.spelling(length)) every") \(DurationText.spelling(step))"
        + (offset == 0 ? "" : ", \(DurationText.spelling(offset)) past")
    case .session(let gap, let longest):
      "sessions that end \(DurationText.spelling(gap)) after their last row, or \(DurationText.spelling(longest)) after their first"
    }
  }
}

extension SinkPlan {
  fileprivate var stateFacts: [StateFact] {
    [StateFact("evaluation", evaluation == nil ? "no" : "yes")]
      + (budget.map { [StateFact("budget", "\($0.keep) a day \(words(of: $0))")] } ?? [])
  }
}

extension SinkPlan {
  /// By what a budget's rows are chosen.
  package func words(of budget: BudgetPlan) -> String {
    let key = budget.key.map { ", one for each \(inputSchema.fields[$0].name)" } ?? ""
    return "by \(inputSchema.fields[budget.score].name)\(key)"
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
