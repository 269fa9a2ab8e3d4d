package import Metrics

/// How good a pipeline's scores and its choice of rows were.
package struct Rating {
  /// Of the rows with a label.
  package internal(set) var confusion = Confusion()
  package internal(set) var unlabelled: Int64 = 0
  package internal(set) var flagged: Int64 = 0
  /// Of the rows with a label and a score.
  package let curve: ThresholdCurve
  /// nil where there are no cards.
  package let cards: CardPrecision.Mean?
  package let days: [Day]
  /// nil where there are no amounts.
  package let costs: Costs?
  /// Of fraudulent and other rows, in 50 bins of equal width from the lowest score to the highest.
  package let distribution: ScoreDistribution

  /// A day of it.
  package struct Day {
    /// Whole days from 1970-01-01.
    package let day: Int64
    package internal(set) var confusion = Confusion()
    package internal(set) var rows: Int64 = 0
    package internal(set) var flagged: Int64 = 0
    package internal(set) var cards: CardPrecision.Day?
  }

  /// In the currency of the amounts.
  package struct Costs {
    /// Of what was flagged and what was missed.
    package let own: Double
    /// The threshold that costs least; nil: that of flagging nothing.
    package let bestThreshold: Double?
    package let best: ThresholdCurve.Point?
    package let least: Double
    let costs: ThresholdCurve.Costs
  }

  init(_ history: History, _ parts: [RowPart], _ scope: Scope) {
    var rows: [ThresholdCurve.Row] = []
    var cards = history.hasCards ? CardPrecision(k: scope.k) : nil
    var days: [Day] = []
    func endDay() {
      guard !days.isEmpty else { return }
      days[days.count - 1].cards = cards?.closeDay()
    }
    for (row, part) in zip(history.rows, parts) where part == .rated {
      let day = row.day
      if days.last?.day != day {
        endDay()
        days.append(Day(day: day))
      }
      let last = days.count - 1
      days[last].rows += 1
      if row.isFlagged {
        flagged += 1
        days[last].flagged += 1
      }
      guard let isFraud = row.isFraud else {
        unlabelled += 1
        continue
      }
      confusion.add(isFraud: isFraud, isFlagged: row.isFlagged, amount: row.amount)
      days[last].confusion.add(isFraud: isFraud, isFlagged: row.isFlagged, amount: row.amount)
      guard let score = row.score else { continue }
      rows.append(ThresholdCurve.Row(score: score, isFraud: isFraud, amount: row.amount))
      let rated: InlineArray<1, RatedRow> = [RatedRow(score: score, isFraud: isFraud, card: row.card, day: day)]
      cards?.add(rated.span)
    }
    endDay()
    self.days = days
    self.cards = cards?.finish()
    distribution = ScoreDistribution(rows, bins: 50)
    curve = ThresholdCurve(rows)
    if history.scale == nil {
      costs = nil
    } else {
      let costs = ThresholdCurve.Costs(review: scope.reviewCost, unitsPerOne: history.unitsPerOne)
      let best = curve.cheapest(costs)
      self.costs = Costs(
        own: costs.of(missed: confusion.fraudValue - confusion.caughtValue, reviews: confusion.flagged),
        bestThreshold: best.point?.score,
        best: best.point,
        least: best.cost,
        costs: costs
      )
    }
  }
}
