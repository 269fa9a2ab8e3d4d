internal import Dataflow
internal import Metrics
internal import Records

/// Compares a challenger's decisions with those that count, and its scores with labels, as rows pass by.
struct Comparison {
  let name: String
  private let plan: ComparisonPlan.Challenger
  /// The column of the decisions that count.
  private let decision: Int
  private let label: Int?
  private var agreement = Agreement()
  private var evaluation: Evaluation?

  /// - Parameter evaluation: how the sink evaluates the score that counts; the challenger's is evaluated likewise.
  init(_ plan: ComparisonPlan.Challenger, decision: Int, _ evaluation: EvaluationPlan?) {
    name = plan.name
    self.plan = plan
    self.decision = decision
    label = evaluation?.label
    self.evaluation = evaluation.map {
      Evaluation(EvaluationPlan(label: $0.label, score: plan.score, card: $0.card), scoreIsNullable: true)
    }
  }

  static func all(of sink: SinkPlan) -> [Comparison] {
    guard let plan = sink.comparison else { return [] }
    return plan.challengers.map { Comparison($0, decision: plan.decision, sink.evaluation) }
  }

  /// What the figures depend on.
  struct State {
    let name: String
    var agreement: Agreement
    var evaluation: Evaluation.State?
  }

  var state: State { State(name: name, agreement: agreement, evaluation: evaluation?.state) }

  /// Goes on from the saved state of a sink that evaluates likewise.
  mutating func restore(_ state: State) {
    agreement = state.agreement
    if let saved = state.evaluation { evaluation?.restore(saved) }
  }

  mutating func add(_ columns: [ColumnView], times: PositionsView, rows: Int) {
    evaluation?.add(columns, times: times, rows: rows)
    let (ours, theirs) = (columns[decision], columns[plan.decision])
    let labels = label.map { columns[$0] }
    for row in 0..<rows where !Self.isNull(ours, row) && !Self.isNull(theirs, row) {
      let isFraud = labels.map { !Self.isNull($0, row) && Evaluation.isFraud($0, row) } ?? false
      agreement.add(ours.utf8(row), theirs.utf8(row), isFraud: isFraud)
    }
  }

  private static func isNull(_ column: ColumnView, _ row: Int) -> Bool { column.hasNulls && column.isNull(row) }

  /// Each behind the challenger's name and a point.
  mutating func finish() -> [Figure] {
    var figures = agreement.figures
    if let found = evaluation?.finish() { figures += found }
    return figures.map { Figure("\(name).\($0.name)", $0.value) }
  }
}
