internal import Expressions
internal import LearnStage
internal import Plan
internal import Records
internal import ScoreStage
internal import SinkStage
internal import SourceStage
internal import WindowStage

/// Finds what is no mistake in a pipeline, and probably not what was meant.
struct Warnings {
  private let root: YAMLValue
  private let diagnostics: Diagnostics

  init(_ root: YAMLValue, _ diagnostics: Diagnostics) {
    self.root = root
    self.diagnostics = diagnostics
  }

  /// - Parameters:
  ///   - plan: without mistakes: what one hides is not unused.
  ///   - showsAll: whether sinks show what the file says, and the command says nothing else.
  func check(_ plan: [PipelinePlan.Stage], _ reads: NamesRead, showsAll: Bool) {
    checkNames(reads)
    if showsAll { checkColumns(plan) }
    for stage in plan {
      checkFeatures(pairs(root["stages"]?[stage.name]?["window"]?["features"]))
      checkConditions(stage)
    }
  }

  private func pairs(_ value: YAMLValue?) -> [(key: YAMLKey, value: YAMLValue)] {
    if case .mapping(let pairs)? = value?.content { pairs } else { [] }
  }

  // MARK: Lists and tables

  private func checkNames(_ reads: NamesRead) {
    for (key, _) in pairs(root["lists"]) where !reads.lists.contains(key.name) {
      diagnostics.warn(
        "nothing looks into the list '\(key.name)'",
        at: key.place,
        remedy: "use it, as in `x in \(key.name)`, or remove it"
      )
    }
    for (key, _) in pairs(root["tables"]) where !reads.tables.contains(key.name) {
      diagnostics.warn(
        "nothing is looked up in the table '\(key.name)'",
        at: key.place,
        remedy: "use it, as in `lookup(\(key.name).column, key)`, or remove it"
      )
    }
  }

  // MARK: Columns

  /// Columns go by their names through the graph, so one that is read or shown anywhere counts as used everywhere.
  private func checkColumns(_ plan: [PipelinePlan.Stage]) {
    var read: Set<String> = []
    for stage in plan { addReads(of: stage, plan, to: &read) }
    for stage in plan {
      let body = root["stages"]?[stage.name]
      let made = [("computed column", body?["compute"]), ("feature", body?["window"]?["features"])]
      for (kind, values) in made {
        for (key, _) in pairs(values) where !read.contains(key.name) {
          diagnostics.warn(
            "nothing reads the \(kind) '\(key.name)', and no sink shows it",
            at: key.place,
            remedy: "use it, name it in the `columns` of a sink, or remove it"
          )
        }
      }
    }
  }

  private func addReads(of stage: PipelinePlan.Stage, _ all: [PipelinePlan.Stage], to read: inout Set<String>) {
    func add(_ expression: Expression, _ schema: Schema) {
      for column in expression.columns { read.insert(schema.fields[column].name) }
    }
    func add(_ projection: ProjectionPlan, _ input: Schema) -> Schema {
      let schema = projection.schema(over: input)
      for column in projection.compute { add(column.expression, schema) }
      if let filter = projection.filter { add(filter, schema) }
      return schema
    }
    for input in stage.inputs {
      // What the stages before it compute for it.
      _ = add(input.delivery.projection, input.delivery.columns?.schema ?? all[input.stage].plan.outputSchema)
    }
    let schema = add(stage.plan.projection, stage.plan.inputSchema)
    func add(_ columns: [Int]) { for column in columns { read.insert(schema.fields[column].name) } }
    switch stage.plan.kind {
    case .source(let source): add([source.timeColumn])
    case .window(let window):
      add([window.key])
      for input in window.inputs { add(input, schema) }
    case .learn(let learn):
      add(learn.inputs)
      switch learn.labels {
      case nil: break
      case .own(let label, _): add([label])
      case .rows(let label, let id, _, _): add([label, id])
      }
    case .score(let score):
      for plan in [score] + score.challengers.compactMap(\.plan) {
        add(plan.model?.inputs ?? [])
        let ruleSchema = ScorePlan.ruleSchema(schema, hasModel: plan.model != nil)
        for rule in plan.rules { add(rule.condition, ruleSchema) }
      }
    case .sink(let sink, _):
      add(sink.columns)
      if let evaluation = sink.evaluation {
        add([evaluation.label, evaluation.score] + (evaluation.card.map { [$0] } ?? []))
      }
    case .format: break
    }
  }

  // MARK: Features

  private func checkFeatures(_ features: [(key: YAMLKey, value: YAMLValue)]) {
    var names: [String: String] = [:]
    for (key, value) in features {
      // Printed, so that neither spaces nor the order of clauses tell them apart.
      guard let text = value.scalar, let feature = try? AggregateSyntax.parse(text).text else { continue }
      guard let first = names[feature] else {
        names[feature] = key.name
        continue
      }
      diagnostics.warn(
        "the feature '\(key.name)' is the same as '\(first)': \(feature)",
        at: key.place,
        remedy: "remove one of them, or correct it"
      )
    }
  }

  // MARK: Conditions

  private func checkConditions(_ stage: PipelinePlan.Stage) {
    let body = root["stages"]?[stage.name]
    let filter = stage.plan.projection.filter ?? stage.inputs.first?.delivery.projection.filter
    if let filter, let holds = filter.constantTruth, let value = body?["where"] {
      diagnostics.warn(
        "the `where` of stage '\(stage.name)' holds for \(holds ? "every row" : "no row")",
        at: value.place.advanced(by: value.textOffset),
        length: Self.length(value),
        remedy: holds ? "remove it, or name a column in it" : "name a column in it: no row comes further"
      )
    }
    guard case .score(let score) = stage.plan.kind else { return }
    checkRules(score, body?["score"])
    for challenger in score.challengers {
      if let plan = challenger.plan { checkRules(plan, body?["score"]?["challengers"]?[challenger.name]) }
    }
  }

  private func checkRules(_ score: ScorePlan, _ body: YAMLValue?) {
    for (number, rule) in score.rules.enumerated() {
      guard let holds = rule.condition.constantTruth, let value = body?["rules"]?[rule.name] else { continue }
      // The last rule of those of which one counts says what becomes of all other rows.
      if holds, score.match == .first, number == score.rules.count - 1 { continue }
      let condition = value["when"] ?? value
      diagnostics.warn(
        "rule '\(rule.name)' holds for \(holds ? "every row" : "no row")",
        at: condition.place.advanced(by: condition.textOffset),
        length: Self.length(condition),
        remedy: "name a column in it, or remove the rule"
      )
    }
  }

  /// Scalars of an expression that stands in one line; 0: nobody can tell.
  private static func length(_ value: YAMLValue) -> Int {
    value.isBlock ? 0 : value.scalar?.unicodeScalars.count ?? 0
  }
}
