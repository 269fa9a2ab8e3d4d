internal import Dataflow
internal import Metrics
internal import Records

/// Compares scores with labels as rows pass by.
struct Evaluation {
  private let plan: EvaluationPlan
  private let scoreIsNullable: Bool
  private var ranking = ScoreRanking()
  private var cards: CardPrecision?
  /// The rows of a batch that have both a label and a score; its memory is used again.
  private var rated: [RatedRow] = []

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
    let keys = plan.card.map { columns[$0] }
    // Taken out, so that its rows can be read while the measures take them in.
    var rated: [RatedRow] = []
    swap(&rated, &self.rated)
    rated.removeAll(keepingCapacity: true)
    for row in 0..<rows where Self.isRated(labels, scores, row) {
      rated.append(
        RatedRow(
          score: scores.float64(row),
          isFraud: Self.isFraud(labels, row),
          card: keys.flatMap { $0.hasNulls && $0.isNull(row) ? nil : $0.stableHash(row) },
          day: Timestamp.day(of: times.time(row))
        )
      )
    }
    ranking.add(rated.span)
    ranking.settle(rows: rows)
    cards?.add(rated.span)
    swap(&rated, &self.rated)
  }

  /// Whether a row has both a label and a score.
  private static func isRated(_ labels: ColumnView, _ scores: ColumnView, _ row: Int) -> Bool {
    !(labels.hasNulls && labels.isNull(row)) && !(scores.hasNulls && scores.isNull(row))
  }

  /// What a label says that is not null.
  static func isFraud(_ labels: ColumnView, _ row: Int) -> Bool {
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
