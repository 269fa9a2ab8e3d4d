internal import Dataflow
internal import Expressions
internal import Plan
internal import Records
internal import ScoreStage
internal import WindowStage

/// Which row is meant.
struct Identity {
  let column: String
  /// As a sink writes it.
  let text: String
  /// Of windows that emit: an event time that is in the window; nil: the row is no window.
  var covering: Int64?

  /// Whether a row has it: that of the window, too.
  func isThat(of row: TappedRow, _ schema: Schema) -> Bool {
    guard let place = schema.index(of: column), row.values[place] == text else { return false }
    guard let covering else { return true }
    func time(_ field: Field) -> Int64? {
      schema.index(of: field.name).flatMap { row.values[$0] }.flatMap { Timestamp.parse(Array($0.utf8).span) }
    }
    guard let start = time(WindowEmission.fields[0]), let end = time(WindowEmission.fields[1]) else { return false }
    return start <= covering && covering < end
  }
}

/// Where a row was seen: one run of the pipeline with a tap behind each stage.
struct RowFinder {
  private let plan: PipelinePlan
  private let identity: Identity
  private(set) var taps: TapPlan
  /// By the stages' numbers, of those whose columns have the identifier.
  private var outputs: [Int: Tap] = [:]
  /// Of windows that emit: what came to them.
  private var inputs: [Int: Tap] = [:]
  /// Of stages that score: the row without rules, and which of them hold.
  private var rules: [Int: Tap] = [:]

  /// What was found, by the stages' numbers: rows with the identifier, in their order, and their columns.
  struct Finding {
    var outputs: [Int: [TappedRow]] = [:]
    var inputs: [Int: [TappedRow]] = [:]
    var rules: [Int: [TappedRow]] = [:]
    var schemas: [Int: Schema] = [:]
    var inputSchemas: [Int: Schema] = [:]
    var ruleSchemas: [Int: Schema] = [:]
  }

  init(_ plan: PipelinePlan, _ identity: Identity, folder: String) {
    self.plan = plan
    self.identity = identity
    taps = TapPlan(plan, folder: folder)
    for (number, stage) in plan.stages.enumerated() {
      if case .sink = stage.plan.kind {
        if let filter = filter(taps.inputSchema(of: number)) {
          outputs[number] = taps.tap(sink: number, where: filter.expression)
        }
        continue
      }
      if let filter = filter(stage.plan.outputSchema) {
        outputs[number] = taps.tap(outputOf: number, where: filter.expression)
        if case .score(let score) = stage.plan.kind { tapRules(number, score, filter.expression) }
      }
      if case .window(let window) = stage.plan.kind, window.emission != nil, let filter = filter(window.inputSchema) {
        inputs[number] = taps.tap(inputsOf: number, where: filter.expression)
      }
    }
  }

  /// nil: these columns do not have it.
  private func filter(_ schema: Schema) -> (expression: Expression?, Void)? {
    guard let column = schema.index(of: identity.column) else { return nil }
    return (Equality.expression(column, of: schema, identity.text), ())
  }

  /// Rules see the score of the model, before their weights are added.
  private mutating func tapRules(_ number: Int, _ score: ScorePlan, _ filter: Expression?) {
    guard !score.rules.isEmpty else { return }
    let plain = ScorePlan(inputSchema: score.inputSchema, model: score.model)
    let beside = taps.add(beside: number, .score(plain))
    let conditions = score.rules.map { ComputedColumn(name: $0.name, expression: $0.condition) }
    rules[number] = taps.tap(outputOf: beside, adding: conditions, where: filter)
  }

  /// What the taps wrote, once the plan has run.
  func finding() throws -> Finding {
    var finding = Finding()
    func matching(_ rows: [TappedRow], _ schema: Schema) -> [TappedRow] {
      rows.filter { identity.isThat(of: $0, schema) }
    }
    for (number, tap) in outputs {
      finding.schemas[number] = tap.schema
      finding.outputs[number] = matching(try tap.rows(), tap.schema)
    }
    for (number, tap) in inputs {
      finding.inputSchemas[number] = tap.schema
      finding.inputs[number] = matching(try tap.rowsThatPass(), tap.schema)
    }
    for (number, tap) in rules {
      finding.ruleSchemas[number] = tap.schema
      finding.rules[number] = matching(try tap.rows(), tap.schema)
    }
    return finding
  }
}
