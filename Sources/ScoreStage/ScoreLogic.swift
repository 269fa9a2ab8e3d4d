package import Dataflow
internal import Expressions
internal import Models
package import Records

/// Gives each row its score, the decision that follows from it and from the rules, and the reasons.
package struct ScoreLogic: StageLogic, ~Copyable {
  private let plan: ScorePlan
  private let outputSchema: Schema
  private var model: ModelInputs?
  private var rules: ConditionSet
  /// Of each rule.
  private let weights: [Double?]
  private let decisions: [Decision?]
  private let hasWeights: Bool
  private var scores: [Double] = []
  private var added: ColumnScratch
  private let reasons: [[UInt8]]
  private var list: [UInt8] = []
  /// Of each row.
  private var decided: [Decision] = []

  private static let (score, decision, reasonList) = (0, 1, 2)
  private static let approve = Array("approve".utf8)
  private static let review = Array("review".utf8)
  private static let decline = Array("decline".utf8)
  private static let separator = UInt8(ascii: ";")

  package init(_ plan: ScorePlan) {
    self.plan = plan
    outputSchema = plan.outputSchema
    model = plan.model.map { ModelInputs($0) }
    rules = ConditionSet(plan.rules.map(\.condition))
    weights = plan.rules.map(\.weight)
    decisions = plan.rules.map(\.decision)
    hasWeights = plan.rules.contains { $0.weight != nil }
    added = ColumnScratch(Array(outputSchema.fields.suffix(3)), capacity: 4096)
    reasons = plan.rules.map { Array($0.reason.utf8) }
  }

  package mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
    let rows = batch.rowCount
    let columns = batch.columns
    scores.removeAll(keepingCapacity: true)
    scores.append(contentsOf: repeatElement(0, count: rows))
    model?.score(columns, rows: rows, into: &scores)
    added.reset(rows: rows)
    storeScores(rows: rows)
    let visible = model == nil ? columns : columns + [added.view(Self.score, rows: rows)]
    rules.evaluate(columns: visible, rows: rows)
    if hasWeights {
      addWeights(rows: rows)
      storeScores(rows: rows)
    }
    decide(rows: rows)
    explain(columns, rows: rows)
    effects.rows.append(
      LooseRows(
        outputSchema,
        positions: batch.positions,
        arrivals: batch.arrivals,
        columns: columns + (0..<3).map { added.view($0, rows: rows) },
        rows: .range(0..<rows)
      )
    )
  }

  package mutating func finish(into effects: inout StageEffects) {}

  private mutating func storeScores(rows: Int) {
    for row in 0..<rows { added.store(scores[row], column: Self.score, row: row) }
  }

  /// Gives `body` the rules that count for a row, in their order.
  ///
  /// - Parameters:
  ///   - marks: of the rules that hold, for all rows.
  ///   - words: those of the row.
  @inline(__always)
  private static func forEachCounting(
    _ marks: [UInt64],
    _ words: Range<Int>,
    _ match: Rule.Match,
    _ body: (Int) -> Void
  ) {
    for word in words {
      var rest = marks[word]
      while rest != 0 {
        body((word &- words.lowerBound) &<< 6 &+ rest.trailingZeroBitCount)
        if match == .first { return }
        rest &= rest &- 1
      }
    }
  }

  /// In the order of the rules, so that a sum's bits depend on nothing but which of them hold.
  private mutating func addWeights(rows: Int) {
    let (marks, width, match, weights) = (rules.marks, rules.wordsPerRow, plan.match, weights)
    for row in 0..<rows {
      var score = scores[row]
      Self.forEachCounting(marks, row * width..<(row + 1) * width, match) {
        if let weight = weights[$0] { score += weight }
      }
      scores[row] = min(max(score, 0), 1)
    }
  }

  private mutating func decide(rows: Int) {
    let (marks, width, match, decisions) = (rules.marks, rules.wordsPerRow, plan.match, decisions)
    let (review, decline) = (plan.review ?? .infinity, plan.decline ?? .infinity)
    let (approved, reviewed, declined) = (Self.approve, Self.review, Self.decline)
    decided.removeAll(keepingCapacity: true)
    for row in 0..<rows {
      let score = scores[row]
      var decision: Decision = score >= decline ? .decline : score >= review ? .review : .approve
      Self.forEachCounting(marks, row * width..<(row + 1) * width, match) { rule in
        guard let other = decisions[rule] else { return }
        if match == .first || other.rawValue > decision.rawValue { decision = other }
      }
      decided.append(decision)
      switch decision {
      case .approve: added.store(approved.span, column: Self.decision, row: row)
      case .review: added.store(reviewed.span, column: Self.decision, row: row)
      case .decline: added.store(declined.span, column: Self.decision, row: row)
      }
    }
  }

  /// Lists the reasons that count, in the order in which the pipeline names them, and then the model's.
  private mutating func explain(_ columns: [ColumnView], rows: Int) {
    let (marks, width, match, reasons) = (rules.marks, rules.wordsPerRow, plan.match, reasons)
    // Taken out, so that its bytes can be read while the column is written.
    var list: [UInt8] = []
    swap(&list, &self.list)
    for row in 0..<rows {
      if !list.isEmpty { list.removeAll(keepingCapacity: true) }
      Self.forEachCounting(marks, row * width..<(row + 1) * width, match) { rule in
        if !list.isEmpty { list.append(Self.separator) }
        list += reasons[rule]
      }
      if model?.explains(decided[row]) ?? false { model?.explain(columns, row: row, to: &list) }
      added.store(list.span, column: Self.reasonList, row: row)
    }
    swap(&list, &self.list)
  }
}
