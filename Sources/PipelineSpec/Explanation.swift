internal import Dataflow
internal import Expressions
internal import LearnStage
internal import Models
internal import Plan
internal import Records
internal import ScoreStage
internal import SinkStage
internal import SourceStage
internal import WindowStage

/// A compiled pipeline in words: what each stage reads, does and hands on.
package struct Explanation {
  /// Whole lines.
  package private(set) var text = ""

  /// - Parameters:
  ///   - root: the file, for the expressions as they are written.
  ///   - tables: those that it declares, by their names.
  init(_ plan: PipelinePlan, _ root: YAMLValue, tables: [String: LookupTable]) {
    line("\(plan.name): \(plan.stages.map(\.name).joined(separator: ", "))")
    if !tables.isEmpty { line("") }
    for (name, table) in tables.sorted(by: { $0.key < $1.key }) { line("\(name): \(Self.words(for: table))") }
    for stage in plan.stages {
      line("")
      add(stage, plan.stages, root["stages"]?[stage.name])
    }
  }

  private mutating func line(_ line: String) { text += line.printable + "\n" }

  private mutating func entry(_ label: String, _ value: String) {
    line("  \(label)\(String(repeating: " ", count: max(1, 10 - label.count)))\(value)")
  }

  /// Names and what is to be said of each, under a label.
  private mutating func list(_ label: String, _ pairs: [(name: String, value: String)]) {
    let width = pairs.map(\.name.count).max() ?? 0
    for (number, pair) in pairs.enumerated() {
      let name = pair.name + String(repeating: " ", count: width - pair.name.count)
      entry(number == 0 ? label : "", "\(name)  \(pair.value)")
    }
  }

  private mutating func add(_ stage: PipelinePlan.Stage, _ all: [PipelinePlan.Stage], _ body: YAMLValue?) {
    let plan = stage.plan
    line("\(stage.name): \(Self.kind(plan.kind)), \(stage.workers) worker\(stage.workers == 1 ? "" : "s")")
    if case .source(let source) = plan.kind {
      entry("reads", "\(source.format) from \(source.inputName), by the event time \(name(source))")
      if source.outOfOrder > 0 {
        let bound = DurationText.spelling(source.outOfOrder)
        entry("order", "rows may come \(bound) out of order: each is held until one \(bound) above it has come")
      }
      list("columns", plan.inputSchema.fields.map { ($0.name, $0.spelling) })
    } else {
      entry(
        "from",
        stage.inputs.map { all[$0.stage].name + ($0.output.name.map { ".\($0)" } ?? "") }.joined(separator: ", ")
      )
    }
    // What its key needs is computed by the stages before it.
    let computed = (stage.inputs.first?.delivery.projection.compute ?? []) + plan.projection.compute
    list(
      "computes",
      computed.map { column in
        (column.name, "\(Self.spelling(column.expression))  = \(body?["compute"]?[column.name]?.scalar ?? "")")
      }
    )
    if let condition = body?["where"]?.scalar { entry("where", condition) }
    switch plan.kind {
    case .window(let window):
      entry("key", window.inputSchema.fields[window.key].name)
      for (number, words) in window.footprintWords.enumerated() { entry(number == 0 ? "state" : "", words) }
      if let emission = window.emission {
        entry("leaves", "a row for each window: \(emission.extent.words)")
        list("columns", window.outputSchema.fields.prefix(3).map { ($0.name, $0.spelling) })
      }
      list("features", window.aggregates.map { ($0.name, words(for: $0, window, body?["window"]?["features"])) })
    case .learn(let learn):
      entry("model", "\(learn.modelWords), over \(learn.inputs.count) inputs:")
      entry("", learn.inputs.map { learn.inputSchema.fields[$0].name }.joined(separator: ", "))
      for (number, words) in learn.learningWords.enumerated() { entry(number == 0 ? "learns" : "", words) }
      list("adds", learn.addedFields.map { ($0.name, $0.spelling) })
    case .score(let score):
      if let column = body?["score"]?["column"]?.scalar {
        entry("score", "is \(column)")
      } else if let model = score.model {
        entry("model", "\(body?["score"]?["model"]?.scalar ?? "") over \(model.inputs.count) inputs:")
        entry("", model.inputs.map { score.inputSchema.fields[$0].name }.joined(separator: ", "))
        if let reasons = model.reasons {
          entry(
            "reasons",
            "the \(reasons.most) greatest contributions, from \(reasons.least) on, of "
              + (reasons.ofAllRows ? "every row" : "rows that are not approved")
          )
        }
      }
      list("rules", score.rules.map { ($0.name, Self.words(for: $0, body?["score"]?["rules"]?[$0.name])) })
      if score.match == .first { entry("", "the first that holds counts") }
      if let review = score.review { entry("review", "where the score is \(review) or more") }
      if let decline = score.decline { entry("decline", "where the score is \(decline) or more") }
      list(
        "compares",
        score.challengers.map { ($0.name, Self.words(for: $0, body?["score"]?["challengers"]?[$0.name])) }
      )
      let added = ScorePlan.addedFields + score.challengers.flatMap(\.fields)
      list("adds", added.map { ($0.name, $0.spelling) })
    case .sink(let sink, let target):
      entry("writes", "\(sink.format) to \(target)")
      entry("columns", sink.columns.map { sink.inputSchema.fields[$0].name }.joined(separator: ", "))
      if let budget = sink.budget { entry("budget", "the \(budget.keep) riskiest a day \(sink.words(of: budget))") }
    case .source, .format: break
    }
  }

  private static func words(for table: LookupTable) -> String {
    let fields = table.schema.fields
    let from = table.validFrom.map { ", each row from \(fields[$0].name) on" } ?? ""
    return
      "table, \(table.rowCount) rows of \(table.keyCount) keys (\(fields[table.key].name))\(from), \(table.size) bytes"
  }

  /// What a challenger scores by.
  private static func words(for challenger: ScorePlan.Challenger, _ body: YAMLValue?) -> String {
    guard let plan = challenger.plan else { return "left out: its model cannot be loaded" }
    var words: [String] = []
    if let column = body?["column"]?.scalar {
      words.append(column)
    } else if let model = plan.model {
      words.append("\(body?["model"]?.scalar ?? "") over \(model.inputs.count) inputs")
    }
    if !plan.rules.isEmpty { words.append("\(plan.rules.count) rule\(plan.rules.count == 1 ? "" : "s")") }
    if let review = plan.review { words.append("review from \(review)") }
    if let decline = plan.decline { words.append("decline from \(decline)") }
    return words.joined(separator: ", ")
  }

  /// What a rule does where it holds.
  private static func words(for rule: Rule, _ body: YAMLValue?) -> String {
    var words = body?.scalar ?? body?["when"]?.scalar ?? ""
    if let weight = rule.weight { words += "; adds \(weight)" }
    if let decision = rule.decision { words += "; \(decision)" }
    return words
  }

  private func words(for aggregate: WindowAggregate, _ plan: WindowPlan, _ features: YAMLValue?) -> String {
    let field = plan.outputSchema.fields.first { $0.name == aggregate.name }
    let text = "\(field?.spelling ?? "")  = \(features?[aggregate.name]?.scalar ?? "")"
    guard plan.emission == nil else { return text }
    return text + (aggregate.rowsInWords.map { "  (\($0))" } ?? "")
  }

  private func name(_ source: SourcePlan) -> String { source.schema.fields[source.timeColumn].name }

  private static func kind(_ kind: StagePlan.Kind) -> String {
    switch kind {
    case .source: "source"
    case .window: "window"
    case .learn: "a model that learns"
    case .score: "score"
    case .sink, .format: "sink"
    }
  }

  private static func spelling(_ expression: Expression) -> String {
    Field("", expression.type, nullable: expression.isNullable).spelling
  }
}
