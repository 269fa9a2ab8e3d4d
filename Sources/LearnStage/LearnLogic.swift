package import Dataflow
package import Records

/// The learn stage: adds to each row what the model says of it as it is then, and lets the model learn as it becomes known what
/// rows were. Rows that are labels pass, with what the model had said of the row that they are about.
///
/// The model is one, and learns in the order of the rows: so the stage is one worker.
package struct LearnLogic: StageLogic, ~Copyable {
  let plan: LearnPlan
  var learner: Learner
  /// What was given back of a saved state so far.
  var restoration = Restoration()
  /// What becomes of the last snapshot: as long as it is not written, what it holds has changed since the one before.
  var lastWriting: Writing?
  private var inputs: [Double] = []
  private var added: ColumnScratch

  package init(_ plan: LearnPlan) {
    self.plan = plan
    learner = Learner(plan)
    added = ColumnScratch(plan.addedFields, capacity: 1024)
  }

  package mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
    guard batch.schema.fingerprint == plan.inputSchema.fingerprint else {
      throw StageFailure("the learn stage was given rows of another schema than its plan's")
    }
    let (count, width) = (batch.rowCount, plan.inputs.count)
    // Taken out, so that they can be read while the model is written.
    var inputs: [Double] = []
    swap(&inputs, &self.inputs)
    defer { swap(&inputs, &self.inputs) }
    inputs.removeAll(keepingCapacity: true)
    inputs.append(contentsOf: repeatElement(.nan, count: count * width))
    var target = inputs.mutableSpan
    for (place, column) in plan.inputs.enumerated() {
      batch.column(column).copyNumbers(0..<count, into: &target, first: place, step: width)
    }
    added.reset(rows: count)
    // The columns are looked up once for the batch.
    let labels = plan.labels.map { batch.column($0.label) }
    let ids: ColumnView? = if case .rows(_, let id, _, _) = plan.labels { batch.column(id) } else { nil }
    for row in 0..<count {
      let time = batch.positions.time(row)
      learner.advance(to: time)
      let values = inputs.span.extracting(row * width..<(row + 1) * width)
      let label = labels.flatMap { $0.isFraud(row) }
      let isLabel = ids != nil && label != nil
      let score: Double?
      if let ids {
        let hash = ids.isNull(row) ? nil : ids.stableHash(row)
        let text = ids.text(row)
        if let label {
          score = learner.learn(label, hash: hash, text: text)
        } else {
          score = learner.score(values, time: time, hash: hash, text: text, label: nil)
        }
      } else {
        score = learner.score(values, time: time, hash: nil, text: Span(), label: label)
      }
      if let score, !score.isNaN {
        added.store(score, column: 0, row: row)
      } else {
        added.storeNull(column: 0, row: row)
      }
      guard plan.reasons != nil else { continue }
      if let score, !score.isNaN, !isLabel {
        let reasons = learner.reasons
        added.store(reasons.span, column: 1, row: row)
      } else {
        added.storeNull(column: 1, row: row)
      }
    }
    effects.rows.append(
      LooseRows(
        plan.outputSchema,
        positions: batch.positions,
        arrivals: batch.arrivals,
        columns: batch.columns + added.fields.indices.map { added.view($0, rows: count) },
        rows: .range(0..<count)
      )
    )
  }

  package mutating func finish(into effects: inout StageEffects) throws(StageFailure) {
    let (counts, validation) = (learner.counts, learner.validation)
    effects.figures += [
      Figure(.learnedRows, Double(counts.learned)), Figure("learned_frauds", Double(counts.frauds)),
      Figure("learned_silent", Double(counts.silent)), Figure("unlabelled_rows", Double(counts.unlabelled)),
      Figure("unmatched_labels", Double(counts.unmatched)),
      Figure("waiting_rows", Double(learner.waiting?.count ?? 0)),
      Figure(.stateBytes, Double(learner.memoryBytes)),
    ]
    effects.figures.append(Figure("validated_rows", Double(validation.rows)))
    // What a forest says is no probability.
    if learner.logistic != nil, let loss = validation.logLoss {
      effects.figures.append(Figure("validated_log_loss", loss))
    }
    if let area = validation.areaUnderCurve { effects.figures.append(Figure("validated_auc_roc", area)) }
  }
}

extension String {
  /// The figure of a learn stage: rows that its model has learned from.
  package static let learnedRows = "learned_rows"
}

extension ColumnView {
  /// What a label says; nil where there is none.
  fileprivate func isFraud(_ row: Int) -> Bool? {
    if isNull(row) { return nil }
    return type == .bool ? bool(row) : int64(row) != 0
  }

  /// The text of an id; nothing where ids are integers.
  @_lifetime(borrow self)
  fileprivate func text(_ row: Int) -> Span<UInt8> { type == .string ? utf8(row) : Span() }
}
