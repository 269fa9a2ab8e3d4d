internal import Expressions
internal import LearnStage
internal import Plan
internal import Records
internal import ScoreStage
internal import SinkStage
internal import WindowStage

/// Refuses a pipeline in which a score knows a label before anybody could.
///
/// A label says what a row turned out to be, so it is known some time after the row. The column that a sink evaluates scores
/// by is one, and every column of which a source says `known_after`. What is computed from a label is one too. A window may
/// read labels that old; anything else that leads to a score may not.
struct LabelCheck {
  /// A column that tells what is known only later.
  struct Label {
    /// The column of the source that it comes from.
    let source: String
    /// Microseconds after the row; nil: some time.
    let knownAfter: Int64?
  }

  private let diagnostics: Diagnostics
  /// The file, for places.
  private let stages: YAMLValue?

  init(_ root: YAMLValue, _ diagnostics: Diagnostics) {
    self.diagnostics = diagnostics
    stages = root["stages"]
  }

  /// - Parameter declared: the labels that sources declare, by column.
  func check(_ plan: [PipelinePlan.Stage], declared: [String: Int64]) {
    let evaluated = plan.compactMap { stage -> String? in
      guard case .sink(let sink, _) = stage.plan.kind, let evaluation = sink.evaluation else { return nil }
      return sink.inputSchema.fields[evaluation.label].name
    }
    var labels: [String: Label] = [:]
    for name in evaluated { labels[name] = Label(source: name, knownAfter: nil) }
    // What comes as a row of its own is known when it comes, whoever evaluates by it.
    for (name, time) in declared { labels[name] = time == 0 ? nil : Label(source: name, knownAfter: time) }
    guard !labels.isEmpty else { return }
    for stage in plan { check(stage, plan, &labels) }
  }

  private func check(_ stage: PipelinePlan.Stage, _ all: [PipelinePlan.Stage], _ labels: inout [String: Label]) {
    let body = stages?[stage.name]
    let plan = stage.plan
    // What the stages before it compute for it.
    for input in stage.inputs {
      let schema = input.delivery.columns?.schema ?? all[input.stage].plan.schema(of: input.output)
      guard let schema else { continue }
      _ = follow(input.delivery.projection, schema, stage.name, &labels, mayFilter: false)
    }
    var isSink = false
    if case .sink = plan.kind { isSink = true }
    // What a sink shows is no score.
    let schema = follow(plan.projection, plan.inputSchema, stage.name, &labels, mayFilter: isSink)
    switch plan.kind {
    case .window(let window):
      if window.emission != nil {
        follow(window, schema, body?["window"], stage.name, &labels)
      } else {
        check(window, schema, body?["window"], stage.name, labels)
      }
    case .learn(let learn): check(learn, schema, body?["learn"], stage.name, labels)
    case .score(let score): check(score, schema, body?["score"], labels)
    case .source, .sink, .format: break
    }
  }

  /// Finds what is computed from labels.
  ///
  /// - Returns: the columns behind it.
  private func follow(
    _ projection: ProjectionPlan,
    _ input: Schema,
    _ stage: String,
    _ labels: inout [String: Label],
    mayFilter: Bool
  ) -> Schema {
    var schema = input
    for column in projection.compute {
      if let label = label(in: column.expression, schema, labels) { labels[column.name] = label }
      schema = schema.appending([Field(column.name, column.expression.type, nullable: column.expression.isNullable)])
    }
    if !mayFilter, let filter = projection.filter, let label = label(in: filter, schema, labels) {
      report("stage '\(stage)' keeps rows by", label, at: stages?[stage]?["where"])
    }
    return schema
  }

  /// - Parameter owner: the challenger that the plan is of, with a preposition; nothing for the champion.
  private func check(
    _ plan: ScorePlan,
    _ schema: Schema,
    _ body: YAMLValue?,
    _ labels: [String: Label],
    owner: String = ""
  ) {
    for input in plan.model?.inputs ?? [] {
      let name = schema.fields[input].name
      guard let label = labels[name] else { continue }
      report("the model\(owner) reads '\(name)', which tells", label, at: body?["inputs"] ?? body?["model"])
    }
    let ruleSchema = ScorePlan.ruleSchema(schema, hasModel: plan.model != nil)
    for rule in plan.rules {
      guard let label = label(in: rule.condition, ruleSchema, labels) else { continue }
      report("rule '\(rule.name)'\(owner) reads", label, at: body?["rules"]?[rule.name])
    }
    for challenger in plan.challengers {
      guard let plan = challenger.plan else { continue }
      let body = body?["challengers"]?[challenger.name]
      check(plan, schema, body, labels, owner: " of challenger '\(challenger.name)'")
    }
  }

  /// What a window that emits computes of labels is one: it holds rows up to its end.
  private func follow(
    _ plan: WindowPlan,
    _ schema: Schema,
    _ body: YAMLValue?,
    _ stage: String,
    _ labels: inout [String: Label]
  ) {
    if let label = labels[schema.fields[plan.key].name] {
      report("stage '\(stage)' has as its key", label, at: body?["key"])
    }
    for aggregate in plan.aggregates {
      labels[aggregate.name] = latest(aggregate.inputs.compactMap { label(in: plan.inputs[$0], schema, labels) })
    }
  }

  private func check(
    _ plan: WindowPlan,
    _ schema: Schema,
    _ body: YAMLValue?,
    _ stage: String,
    _ labels: [String: Label]
  ) {
    if let label = labels[schema.fields[plan.key].name] {
      report("stage '\(stage)' has as its key", label, at: body?["key"])
    }
    for aggregate in plan.aggregates {
      let read = aggregate.inputs.compactMap { self.label(in: plan.inputs[$0], schema, labels) }
      guard let label = latest(read) else { continue }
      // Rows before this one are any younger.
      var delay: Int64 = 0
      if case .age(let age) = aggregate.newer { delay = age }
      guard delay < max(label.knownAfter ?? 1, 1) else { continue }
      report("feature '\(aggregate.name)' reads", label, at: body?["features"]?[aggregate.name])
    }
  }

  /// A model may learn from a label as soon as it is known, and read none.
  private func check(
    _ plan: LearnPlan,
    _ schema: Schema,
    _ body: YAMLValue?,
    _ stage: String,
    _ labels: [String: Label]
  ) {
    for input in plan.inputs {
      guard let label = labels[schema.fields[input].name] else { continue }
      report("the model of stage '\(stage)' reads", label, at: body?["inputs"])
    }
    guard let labelled = plan.labels else { return }
    if case .rows(_, let id, _, _) = labelled, let label = labels[schema.fields[id].name] {
      report("the model of stage '\(stage)' finds rows by", label, at: body?["of"])
    }
    guard let label = labels[schema.fields[labelled.label].name] else { return }
    // A label that has come as a row of its own is known; a row's own is not before so long.
    let (delay, place): (Int64, YAMLValue?) =
      switch labelled {
      case .own(_, let after): (after, body?["delayed"])
      case .rows: (0, body?["label"])
      }
    guard delay < max(label.knownAfter ?? 1, 1) else { return }
    report(
      "the model of stage '\(stage)' learns",
      label,
      at: place,
      remedy: "let it learn from a row's own label when that is known, "
        + "`delayed: \(DurationText.spelling(label.knownAfter ?? 7 * 86_400_000_000))` in place of `of`; or, where a label comes as "
        + "a row of its own, say so at the source: `known_after: 0d`"
    )
  }

  /// The label that an expression reads, the last known of several; nil where it reads none.
  private func label(in expression: Expression, _ schema: Schema, _ labels: [String: Label]) -> Label? {
    latest(expression.columns.sorted().compactMap { labels[schema.fields[$0].name] })
  }

  private func latest(_ labels: [Label]) -> Label? {
    labels.max { ($0.knownAfter ?? 0) < ($1.knownAfter ?? 0) }
  }

  private func report(_ reader: String, _ label: Label, at value: YAMLValue?, remedy: String? = nil) {
    let known = label.knownAfter.map { "\(DurationText.spelling($0)) after the row" } ?? "some time after the row"
    let delay = label.knownAfter.map(DurationText.spelling) ?? "7d"
    diagnostics.report(
      "\(reader) the label '\(label.source)', which is known \(known)",
      at: value.map { $0.place.advanced(by: $0.textOffset) } ?? .commandLine,
      remedy: remedy ?? "only a window that ends so long before the row may read it: `delayed \(delay)`"
    )
  }
}

/// The columns of which sources say that they are known only later.
final class DeclaredLabels {
  /// Microseconds after the row, by column; 0: when the row comes.
  private(set) var knownAfter: [String: Int64] = [:]

  func declare(_ column: String, _ text: PlacedText, _ diagnostics: Diagnostics) {
    if let time = DurationText.parse(text.text), time >= 0 {
      // Of several sources that have it, the last to know counts.
      knownAfter[column] = max(knownAfter[column] ?? 0, time)
    } else {
      diagnostics.report(
        "`known_after` is '\(text.text)'",
        at: text.place,
        remedy: "write how long after the row the label is known, as in 7d"
      )
    }
  }
}
