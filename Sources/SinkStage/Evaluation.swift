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

  mutating func add(_ columns: [ColumnView], times: PositionsView, rows: Int) {
    let labels = columns[plan.label]
    let scores = columns[plan.score]
    let isNumber = labels.type == .int64
    let keys = plan.card.map { columns[$0] }
    for row in 0..<rows {
      if labels.hasNulls && labels.isNull(row) || scores.hasNulls && scores.isNull(row) { continue }
      let isFraud = isNumber ? labels.int64(row) != 0 : labels.bool(row)
      let score = scores.float64(row)
      ranking.add(score, isFraud: isFraud)
      guard let keys, !(keys.hasNulls && keys.isNull(row)) else { continue }
      let card = keys.type == .string ? StableHash.of(keys.utf8(row)) : StableHash.of(keys.int64(row))
      cards?.add(card, score, isFraud: isFraud, day: Timestamp.day(of: times.time(row)))
    }
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
