/// What each threshold of the score would flag. Exact: every different score is a threshold.
package struct ThresholdCurve {
  /// A row with a label and a score.
  package struct Row {
    package let score: Double
    package let isFraud: Bool
    /// In the smallest units of the currency, or whatever the amounts count.
    package let amount: Int64

    package init(score: Double, isFraud: Bool, amount: Int64) {
      self.score = score
      self.isFraud = isFraud
      self.amount = amount
    }
  }

  /// What a threshold flags: the rows whose scores reach it.
  package struct Point: Hashable {
    package let score: Double
    package let rows: Int64
    package let frauds: Int64
    /// The sum of the frauds' amounts.
    package let value: Int128
  }

  /// From the highest threshold to the lowest, which flags all rows.
  package let points: [Point]
  package let quality: RankQuality?

  package init(_ rows: consuming [Row]) {
    rows.sort { ScoreKey.of($0.score) > ScoreKey.of($1.score) }
    let frauds = Int64(rows.count(where: \.isFraud))
    var quality = RankQuality.Sum(frauds: frauds, others: Int64(rows.count) - frauds)
    var points: [Point] = []
    var (flagged, caught, value): (Int64, Int64, Int128) = (0, 0, 0)
    var next = 0
    while next < rows.count {
      let score = rows[next].score
      let before = (flagged: flagged, caught: caught)
      while next < rows.count, ScoreKey.of(rows[next].score) == ScoreKey.of(score) {
        flagged += 1
        if rows[next].isFraud {
          caught += 1
          value += Int128(rows[next].amount)
        }
        next += 1
      }
      let frauds = caught - before.caught
      quality.add(frauds: frauds, others: flagged - before.flagged - frauds)
      points.append(Point(score: score, rows: flagged, frauds: caught, value: value))
    }
    self.points = points
    self.quality = quality.quality
  }

  package var rows: Int64 { points.last?.rows ?? 0 }
  package var frauds: Int64 { points.last?.frauds ?? 0 }
  /// Of all frauds.
  package var value: Int128 { points.last?.value ?? 0 }
}

extension ThresholdCurve {
  /// What decisions cost: a fraud that is missed its amount, a row that is flagged its review.
  package struct Costs: Hashable {
    /// Of one review.
    package let review: Double
    /// How many units of the amounts are one of the currency.
    package let unitsPerOne: Double

    package init(review: Double, unitsPerOne: Double) {
      self.review = review
      self.unitsPerOne = unitsPerOne
    }

    package func of(missed: Int128, reviews: Int64) -> Double {
      Double(missed) / unitsPerOne + Double(reviews) * review
    }
  }

  /// - Parameter point: nil: nothing is flagged.
  package func cost(_ point: Point?, _ costs: Costs) -> Double {
    costs.of(missed: value - (point?.value ?? 0), reviews: point?.rows ?? 0)
  }

  /// The threshold that costs least; of several the highest. A nil point flags nothing.
  package func cheapest(_ costs: Costs) -> (point: Point?, cost: Double) {
    var best: (point: Point?, cost: Double) = (nil, cost(nil, costs))
    for point in points {
      let cost = cost(point, costs)
      if cost < best.cost { best = (point, cost) }
    }
    return best
  }
}
