internal import Expressions
package import Records
internal import ScoreStage
internal import SinkStage
internal import SourceStage
internal import WindowStage

/// The rows that reach the sink which evaluates scores, as a backtest reads them: all of them, as frames, with what the sink
/// does with each.
package struct RatedResults: Sendable {
  /// Of the frames.
  package let schema: Schema
  /// The lowest bits of a position's ordinal, which tell the ways of copied rows apart and nothing else.
  package let pathBits: Int
  /// The stages that give rows their positions, by the numbers of the sources there.
  package let origins: [UInt16: String]
  // Columns of the frames.
  /// Whether the sink would show the row: a `bool` that may be null, which is no.
  package let flagged: Int
  package let label: Int
  package let score: Int
  package let card: Int?
  package let amount: Int?
  /// Why it was flagged: texts between semicolons.
  package let reasons: Int?
  /// Of the flagged rows the sink shows only the riskiest of each day; nil: it shows all.
  package let budget: Budget?
  /// What the model reads, and other numbers that stages have computed, where they were asked for.
  package let features: [Int]

  package struct Budget: Sendable {
    package let keep: Int
    package let score: Int
    package let key: Int?
  }
}

/// Why a pipeline's results cannot be rated.
package struct UnratedPipeline: Error, Hashable, CustomStringConvertible {
  package let message: String
  package let remedy: String

  package var description: String { "\(message); \(remedy)" }
}

extension PipelinePlan {
  /// The same pipeline, except that the sink which evaluates scores leaves every row as frames, and the others nothing.
  ///
  /// - Parameters:
  ///   - name: what the run is called.
  ///   - sink: the sink; nil: the only one with `evaluate`.
  ///   - path: the file for the frames.
  ///   - hasFeatures: whether these have what the model reads, and other numbers that stages compute.
  package func rated(
    as name: String,
    at sink: String?,
    into path: String,
    hasFeatures: Bool
  ) throws(UnratedPipeline) -> (plan: PipelinePlan, results: RatedResults) {
    let place = try ratedSink(sink)
    guard case .sink(let plan, _) = stages[place].plan.kind, let evaluation = plan.evaluation else {
      throw Self.noEvaluation(at: sink)
    }
    let own = stages[place].plan
    let projection = ProjectionPlan(compute: own.projection.compute + [try flagged(place)], filter: nil)
    let schema = projection.schema(over: own.inputSchema)
    let columns = RatedColumns(
      schema,
      evaluation,
      plan.budget,
      features: hasFeatures ? features(schema, evaluation) : []
    )
    let frames = SinkPlan(inputSchema: schema, format: .frames, columns: columns.all, evaluation: nil)
    let rated = stages.enumerated().map { index, stage in
      guard case .sink(let plan, _) = stage.plan.kind else { return stage }
      guard index == place else {
        return stage.with(stage.plan.with(.sink(plan, .file(path: "/dev/null")), stage.plan.projection))
      }
      return Stage(
        name: stage.name,
        plan: own.with(.sink(frames, .file(path: path)), projection),
        inputs: stage.inputs,
        order: stage.order
      )
    }
    let pipeline = PipelinePlan(
      name: name,
      deadLetterPath: deadLetterPath,
      mode: mode,
      limits: limits,
      isInsecure: isInsecure,
      stages: rated
    )
    let pathBits = Ways(RunningStage.all(of: self)).pathBits
    return (pipeline, columns.results(frames.frameSchema, pathBits: pathBits, origins: origins))
  }

  private var origins: [UInt16: String] {
    var origins: [UInt16: String] = [:]
    for (number, source) in sources.enumerated() { origins[UInt16(number)] = source.name }
    for (place, stage) in stages.enumerated() {
      guard case .window(let plan) = stage.plan.kind, plan.emission != nil else { continue }
      origins[WindowEmission.firstSource + UInt16(place)] = stage.name
    }
    return origins
  }

  /// The place of the sink whose rows are rated.
  private func ratedSink(_ name: String?) throws(UnratedPipeline) -> Int {
    var sinks: [Int] = []
    for (place, stage) in stages.enumerated() {
      guard case .sink(let plan, _) = stage.plan.kind else { continue }
      if let name, stage.name == name { return place }
      if name == nil, plan.evaluation != nil { sinks.append(place) }
    }
    if let name {
      let names = targets.map(\.sink).joined(separator: ", ")
      throw UnratedPipeline(message: "there is no sink '\(name)'", remedy: "name one of: \(names)")
    }
    guard let first = sinks.first else { throw Self.noEvaluation(at: nil) }
    guard sinks.count == 1 else {
      let names = sinks.map { stages[$0].name }.joined(separator: ", ")
      throw UnratedPipeline(message: "several sinks evaluate scores: \(names)", remedy: "name one with --sink")
    }
    return first
  }

  private static func noEvaluation(at sink: String?) -> UnratedPipeline {
    UnratedPipeline(
      message: sink.map { "sink '\($0)' does not say what was fraud" } ?? "no sink says what was fraud",
      remedy: "name the columns there: `evaluate: {label: tx_fraud, card: customer_id, amount: tx_amount}`"
    )
  }

  /// Which rows a sink flags: those that it shows, or, where that is all, those that are not approved.
  private func flagged(_ place: Int) throws(UnratedPipeline) -> ComputedColumn {
    let projection = stages[place].plan.projection
    let schema = projection.schema(over: stages[place].plan.inputSchema)
    let decision = schema.index(of: ScorePlan.decisionField.name).map { schema.fields[$0].type }
    if let filter = projection.filter { return ComputedColumn(name: RatedColumns.flagged, expression: filter) }
    guard decision == .string,
      let expression = try? Expression.compile("\(ScorePlan.decisionField.name) != 'approve'", schema: schema)
    else {
      throw UnratedPipeline(
        message: "nothing says which rows sink '\(stages[place].name)' flags",
        remedy: "give it a `where`, or the score stage `decisions`"
      )
    }
    return ComputedColumn(name: RatedColumns.flagged, expression: expression)
  }

  /// The columns of a sink that its model reads, and the other numbers that no source has.
  private func features(_ schema: Schema, _ evaluation: EvaluationPlan) -> [Int] {
    var (read, inputs): (Set<String>, Set<String>) = ([], [])
    for stage in stages {
      switch stage.plan.kind {
      case .source(let plan): read.formUnion(plan.schema.fields.map(\.name))
      case .score(let plan):
        inputs.formUnion((plan.model?.inputs ?? []).map { plan.inputSchema.fields[$0].name })
        // What a challenger says is no feature.
        read.formUnion(plan.challengers.flatMap(\.fields).map(\.name))
      case .window, .learn, .sink, .format: break
      }
    }
    return schema.fields.indices.filter { column in
      let field = schema.fields[column]
      return column != evaluation.score && column != evaluation.label && field.type.isNumber
        && field.name != RatedColumns.flagged && (inputs.contains(field.name) || !read.contains(field.name))
    }
  }
}

extension StagePlan {
  fileprivate func with(_ kind: Kind, _ projection: ProjectionPlan) -> StagePlan {
    StagePlan(kind: kind, inputSchema: inputSchema, projection: projection)
  }
}

/// The columns that are rated, in the order in which they stand in frames.
private struct RatedColumns {
  /// Of the sink's input.
  private(set) var all: [Int] = []
  private let flagged, label, score: Int
  private let card, amount, reasons: Int?
  private let budget: RatedResults.Budget?
  private let features: [Int]

  /// No column of a pipeline's file has such a name.
  static var flagged: String { "(flagged)" }

  init(_ schema: Schema, _ evaluation: EvaluationPlan, _ budget: BudgetPlan?, features: [Int]) {
    var columns: [Int] = []
    func add(_ column: Int) -> Int {
      columns.append(column)
      return columns.count - 1
    }
    flagged = add(schema.fields.count - 1)
    label = add(evaluation.label)
    score = add(evaluation.score)
    card = evaluation.card.map(add)
    amount = evaluation.amount.map(add)
    let reasons = schema.index(of: ScorePlan.reasonsField.name).flatMap { column in
      schema.fields[column].type == .string ? column : nil
    }
    self.reasons = reasons.map(add)
    self.budget = budget.map {
      RatedResults.Budget(keep: $0.keep, score: add($0.score), key: $0.key.map(add))
    }
    self.features = features.map(add)
    all = columns
  }

  func results(_ schema: Schema, pathBits: Int, origins: [UInt16: String]) -> RatedResults {
    RatedResults(
      schema: schema,
      pathBits: pathBits,
      origins: origins,
      flagged: flagged,
      label: label,
      score: score,
      card: card,
      amount: amount,
      reasons: reasons,
      budget: budget,
      features: features
    )
  }
}
