/// How good scores are, by the definitions: slow, and easy to believe.
package struct NaiveMeasures {
  package struct Sample {
    package var score: Double
    package var isFraud: Bool
    package var amount: Int64

    package init(score: Double, isFraud: Bool, amount: Int64 = 0) {
      self.score = score
      self.isFraud = isFraud
      self.amount = amount
    }
  }

  package let samples: [Sample]

  package init(_ samples: [Sample]) { self.samples = samples }

  /// Samples of which one at least is a fraud and one is none, with scores of few levels or of many.
  package static func random(_ random: inout SeededRandom) -> NaiveMeasures {
    let levels = [2, 10, 1000, 1 << 40].randomElement(using: &random) ?? 2
    var samples = (0..<Int.random(in: 2...300, using: &random)).map { _ in
      Sample(
        score: Double.random(in: 0..<Double(levels), using: &random).rounded(.down) - 3,
        isFraud: random.chance(oneIn: 5),
        amount: Int64.random(in: 0...10_000, using: &random)
      )
    }
    samples[0].isFraud = true
    samples[1].isFraud = false
    return NaiveMeasures(samples)
  }

  /// Every pair of a fraud and another row.
  package var areaUnderROC: Double {
    var wins = 0.0
    var pairs = 0.0
    for fraud in samples where fraud.isFraud {
      for other in samples where !other.isFraud {
        pairs += 1
        wins += fraud.score > other.score ? 1 : fraud.score == other.score ? 0.5 : 0
      }
    }
    return wins / pairs
  }

  /// Every score as a threshold.
  package var averagePrecision: Double {
    let frauds = Double(samples.count(where: \.isFraud))
    var sum = 0.0
    var recall = 0.0
    for threshold in thresholds {
      let flagged = flagged(threshold)
      let hits = Double(flagged.count(where: \.isFraud))
      sum += (hits / frauds - recall) * hits / Double(flagged.count)
      recall = hits / frauds
    }
    return sum
  }

  /// The different scores, the highest first.
  package var thresholds: [Double] { Set(samples.map(\.score)).sorted(by: >) }

  package func flagged(_ threshold: Double) -> [Sample] { samples.filter { $0.score >= threshold } }

  /// What it costs to review what reaches a threshold, and to miss the rest.
  package func cost(_ threshold: Double, review: Double) -> Double {
    let missed = samples.reduce(into: 0) { $0 += $1.isFraud && $1.score < threshold ? $1.amount : 0 }
    return Double(missed) + review * Double(flagged(threshold).count)
  }
}
