import Metrics
import TestSupport
import Testing

/// What thresholds flag, and what that is worth, against the definitions.
@Suite struct ThresholdCurveTests {
  static func curve(_ naive: NaiveMeasures) -> ThresholdCurve {
    ThresholdCurve(
      naive.samples.map { ThresholdCurve.Row(score: $0.score, isFraud: $0.isFraud, amount: $0.amount) }
    )
  }

  @Test func everyScoreIsAThreshold() throws {
    for seed in Seeds.range(50) {
      var random = SeededRandom(seed: seed)
      let naive = NaiveMeasures.random(&random)
      let curve = Self.curve(naive)
      #expect(curve.points.map(\.score) == naive.thresholds, "seed \(seed)")
      for point in curve.points {
        let flagged = naive.flagged(point.score)
        #expect(point.rows == Int64(flagged.count), "seed \(seed)")
        #expect(point.frauds == Int64(flagged.count(where: \.isFraud)), "seed \(seed)")
        #expect(point.value == flagged.reduce(into: 0) { $0 += $1.isFraud ? Int128($1.amount) : 0 }, "seed \(seed)")
      }
      let quality = try #require(curve.quality)
      #expect(abs(quality.areaUnderROC - naive.areaUnderROC) < 1e-12, "seed \(seed)")
      #expect(abs(quality.averagePrecision - naive.averagePrecision) < 1e-12, "seed \(seed)")
    }
  }

  @Test func theCheapestThresholdIsTheHighestOfTheCheapest() {
    for seed in Seeds.range(50) {
      var random = SeededRandom(seed: seed)
      let naive = NaiveMeasures.random(&random)
      let review = ([0, 1, 100, 5000, 1e6] as [Double]).randomElement(using: &random) ?? 0
      let (point, cost) = Self.curve(naive).cheapest(ThresholdCurve.Costs(review: review, unitsPerOne: 1))
      var best = (threshold: Double.infinity, cost: naive.cost(.infinity, review: review))
      for threshold in naive.thresholds {
        let cost = naive.cost(threshold, review: review)
        if cost < best.cost { best = (threshold, cost) }
      }
      #expect(point?.score ?? .infinity == best.threshold, "seed \(seed)")
      #expect(cost == best.cost, "seed \(seed)")
    }
  }

  @Test func nothingAndOneKindHaveNoQuality() {
    #expect(ThresholdCurve([]).quality == nil && ThresholdCurve([]).points.isEmpty)
    let others = ThresholdCurve([ThresholdCurve.Row(score: 1, isFraud: false, amount: 5)])
    #expect(others.quality == nil && others.value == 0)
  }

  @Test func theTwoZerosAreOneThreshold() {
    let rows = [-0.0, 0.0].map { ThresholdCurve.Row(score: $0, isFraud: $0.sign == .minus, amount: 1) }
    let curve = ThresholdCurve(rows)
    #expect(curve.points.count == 1)
    #expect(curve.quality?.areaUnderROC == 0.5)
  }

  @Test func keysOrderAsScoresDo() {
    var random = SeededRandom(seed: 3)
    let least = Double.leastNonzeroMagnitude
    let scores =
      [-Double.infinity, -1e300, -1, -least, 0, least, 0.5, 1, 1e300, .infinity]
      + (0..<500).map { _ in Double.random(in: -2...2, using: &random) }
    for score in scores { #expect(ScoreKey.score(ScoreKey.of(score)) == score) }
    for (one, other) in zip(scores, scores.shuffled(using: &random)) {
      #expect((one < other) == (ScoreKey.of(one) < ScoreKey.of(other)))
    }
  }

  @Test func everyRowIsInOneBin() {
    for seed in Seeds.range(20) {
      var random = SeededRandom(seed: seed)
      let naive = NaiveMeasures.random(&random)
      let rows = naive.samples.map { ThresholdCurve.Row(score: $0.score, isFraud: $0.isFraud, amount: 0) }
      let distribution = ScoreDistribution(rows + [ThresholdCurve.Row(score: .nan, isFraud: true, amount: 0)], bins: 7)
      let frauds = Int64(naive.samples.count(where: \.isFraud))
      #expect(distribution.frauds.reduce(0, +) == frauds, "seed \(seed)")
      #expect(distribution.others.reduce(0, +) == Int64(naive.samples.count) - frauds, "seed \(seed)")
      let highest = naive.samples.filter { $0.score == distribution.highest }
      #expect(distribution.frauds[6] + distribution.others[6] >= Int64(highest.count), "seed \(seed)")
    }
  }
}
