internal import Expressions
internal import Models
internal import Records

/// Scores rows and decides by one plan: what a champion and its challengers have in common.
///
/// Nothing here throws, and nothing that a plan or a row holds traps: a challenger cannot end the run that it is part of.
struct Scorer: ~Copyable {
  private let plan: ScorePlan
  private var model: ModelInputs?
  private var rules: ConditionSet
  /// Of each rule.
  private let weights: [Double?]
  private let decisions: [Decision?]
  private let hasWeights: Bool
  private let reasons: [[UInt8]]
  private var scores: [Double] = []
  private var list: [UInt8] = []
  /// Of each row.
  private var decided: [Decision] = []

  private static let approve = Array("approve".utf8)
  private static let review = Array("review".utf8)
  private static let decline = Array("decline".utf8)
  private static let separator = UInt8(ascii: ";")

  init(_ plan: ScorePlan) {
    self.plan = plan
    model = plan.model.map { ModelInputs($0) }
    rules = ConditionSet(plan.rules.map(\.condition))
    weights = plan.rules.map(\.weight)
    decisions = plan.rules.map(\.decision)
    hasWeights = plan.rules.contains { $0.weight != nil }
    reasons = plan.rules.map { Array($0.reason.utf8) }
  }

  /// Scores the first `rows` rows of `columns`, which are those of the plan's input.
  ///
  /// - Parameters:
  ///   - added: gets the scores in column `first`, and the decisions in the next.
  mutating func score(_ columns: [ColumnView], rows: Int, into added: inout ColumnScratch, first: Int) {
    scores.removeAll(keepingCapacity: true)
    scores.append(contentsOf: repeatElement(0, count: rows))
    model?.score(columns, rows: rows, into: &scores)
    storeScores(rows: rows, into: &added, column: first)
    let visible = model == nil ? columns : columns + [added.view(first, rows: rows)]
    rules.evaluate(columns: visible, rows: rows)
    if hasWeights {
      addWeights(rows: rows)
      storeScores(rows: rows, into: &added, column: first)
    }
    decide(rows: rows, into: &added, column: first + 1)
  }

  private func storeScores(rows: Int, into added: inout ColumnScratch, column: Int) {
    for row in 0..<rows { added.store(scores[row], column: column, row: row) }
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

  private mutating func decide(rows: Int, into added: inout ColumnScratch, column: Int) {
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
      case .approve: added.store(approved.span, column: column, row: row)
      case .review: added.store(reviewed.span, column: column, row: row)
      case .decline: added.store(declined.span, column: column, row: row)
      }
    }
  }

  /// Lists the reasons of the rows that were scored last: those of rules that count, in the order in which the pipeline names
  /// them, and then the model's.
  mutating func explain(_ columns: [ColumnView], rows: Int, into added: inout ColumnScratch, column: Int) {
    let (marks, width, match, reasons) = (rules.marks, rules.wordsPerRow, plan.match, reasons)
    let explains = (approved: model?.explains(.approve) ?? false, others: model?.explains(.review) ?? false)
    // Taken out, so that its bytes can be read while the column is written.
    var list: [UInt8] = []
    swap(&list, &self.list)
    for row in 0..<rows {
      if !list.isEmpty { list.removeAll(keepingCapacity: true) }
      Self.forEachCounting(marks, row * width..<(row + 1) * width, match) { rule in
        if !list.isEmpty { list.append(Self.separator) }
        list += reasons[rule]
      }
      if decided[row] == .approve ? explains.approved : explains.others {
        model?.explain(columns, row: row, to: &list)
      }
      added.store(list.span, column: column, row: row)
    }
    swap(&list, &self.list)
  }
}
