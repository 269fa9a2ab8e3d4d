internal import Dataflow
internal import Records

/// Compares scores with labels as rows pass by.
struct Evaluation {
  private let plan: EvaluationPlan
  private let scoreIsNullable: Bool
  private var ranking = ScoreRanking()
  private var cards: CardPrecision?

  init(_ plan: EvaluationPlan, scoreIsNullable: Bool) {
    self.plan = plan
    self.scoreIsNullable = scoreIsNullable
    if plan.card != nil { cards = CardPrecision(k: 100) }
  }

  /// What the figures depend on.
  struct State {
    var ranking: ScoreRanking.State
    var cards: CardPrecision.State?
  }

  var state: State { State(ranking: ranking.state, cards: cards?.state) }

  /// Goes on from a saved state, which has cards where the plan has.
  mutating func restore(_ state: State) {
    ranking = ScoreRanking(state.ranking)
    if let cards { self.cards = state.cards.map { CardPrecision(k: cards.k, $0) } }
  }

  /// Whether cards are evaluated.
  var hasCards: Bool { cards != nil }

  mutating func add(_ columns: [ColumnView], times: PositionsView, rows: Int) {
    let labels = columns[plan.label]
    let scores = columns[plan.score]
    for row in 0..<rows where Self.isRated(labels, scores, row) {
      ranking.add(scores.float64(row), isFraud: Self.isFraud(labels, row))
    }
    ranking.settle(rows: rows)
    guard let card = plan.card else { return }
    let keys = columns[card]
    for row in 0..<rows where Self.isRated(labels, scores, row) && !(keys.hasNulls && keys.isNull(row)) {
      let card = keys.type == .string ? StableHash.of(keys.utf8(row)) : StableHash.of(keys.int64(row))
      let day = Timestamp.day(of: times.time(row))
      cards?.add(card, scores.float64(row), isFraud: Self.isFraud(labels, row), day: day)
    }
  }

  /// Whether a row has both a label and a score.
  private static func isRated(_ labels: ColumnView, _ scores: ColumnView, _ row: Int) -> Bool {
    !(labels.hasNulls && labels.isNull(row)) && !(scores.hasNulls && scores.isNull(row))
  }

  private static func isFraud(_ labels: ColumnView, _ row: Int) -> Bool {
    labels.type == .int64 ? labels.int64(row) != 0 : labels.bool(row)
  }

  mutating func finish() -> [Figure] {
    var figures = [
      Figure("evaluated_rows", Double(ranking.rows)), Figure("evaluated_frauds", Double(ranking.frauds)),
    ]
    if let quality = ranking.finish() {
      figures.append(Figure("auc_roc", quality.areaUnderROC))
      figures.append(Figure("average_precision", quality.averagePrecision))
    }
    if let mean = cards?.finish() {
      figures.append(Figure("card_precision_at_k", mean.precision))
      figures.append(Figure("card_precision_possible", mean.possible))
      figures.append(Figure("k", Double(mean.k)))
      figures.append(Figure("days", Double(mean.days)))
    }
    return figures
  }
}
