import Models
import Testing

@Suite struct ScoringTests {
  @Test(arguments: 0..<60, [ScoringModel.Precision.single, .double])
  func treesScoreAsTheirDefinitionSays(seed: UInt64, precision: ScoringModel.Precision) throws {
    var draws = Draws(seed: seed)
    let featureCount = [1, 2, 15, 40, 700][draws.below(5)]
    let trees = (0..<draws.below(12)).map { _ in
      randomTree(&draws, featureCount: featureCount, splits: draws.below(80), precision: precision)
    }
    let averages = draws.below(2) == 0
    let model = try ScoringModel(
      trees: trees,
      featureCount: featureCount,
      precision: precision,
      baseMargin: 0.25,
      averages: averages,
      output: .margin
    )
    // Some are beyond the numbers of thresholds: categories.
    let rows = (0..<97 * featureCount).map { _ in draws.below(3) == 0 ? Double(draws.below(70)) : draws.value() }
    let expected = (0..<97).map { row in
      let values = rows[row * featureCount..<(row + 1) * featureCount]
      // Values are eighths, so sums are exact.
      let sum = trees.reduce(0.25) { $0 + naiveLeaf($1, values, precision) }
      return averages ? sum / Double(max(trees.count, 1)) : sum
    }
    #expect(scores(model, rows) == expected, "seed \(seed)")
  }

  @Test(arguments: 0..<12, [ScoringModel.Precision.single, .double])
  func scoresHaveTheSameBitsInEveryBatch(seed: UInt64, precision: ScoringModel.Precision) throws {
    var draws = Draws(seed: seed)
    let trees = (0..<23).map { _ in randomTree(&draws, featureCount: 15, splits: 60, precision: precision) }
    let rows = (0..<150 * 15).map { _ in draws.value() }
    let model = try ScoringModel(
      trees: trees,
      featureCount: 15,
      precision: precision,
      baseMargin: 0.1,
      output: .probability
    )
    let whole = scores(model, rows).map(\.bitPattern)
    for batch in [1, 2, 3, 4, 5, 7, 31, 64, 149] {
      #expect(scores(model, rows, batch: batch).map(\.bitPattern) == whole, "seed \(seed), batch \(batch)")
    }
  }

  @Test func anAdditiveModelAddsItsTerms() throws {
    let model = AdditiveModel(
      start: 1,
      terms: [.weight(2, missing: 8), .bins(bounds: [0, 10], values: [16, 32, 64], missing: 128)]
    )
    let rows = [3, -1, -3, 0, .nan, 9.5, 0, 10, 0, .infinity, .nan, .nan]
    #expect(scores(try ScoringModel(model, output: .margin), rows) == [23, 27, 41, 65, 65, 137])
    for (bounds, values) in [([1.0, 1], [0.0, 1, 2]), ([1], [1]), ([.nan], [1, 2]), ([1], [1, .infinity])] {
      let term = AdditiveModel.Term.bins(bounds: bounds, values: values, missing: 0)
      #expect(throws: ModelFault.sumNotFinite) {
        try ScoringModel(AdditiveModel(start: 0, terms: [term]), output: .margin)
      }
    }
  }

  @Test func outputsAreTheirFunctions() throws {
    let cases: [(ModelOutput, Double, Double)] = [
      (.margin, -2, -2), (.exponential, 1, 2.71828182845904524), (.exponential, -700, 9.85967654375977280e-305),
      (.exponential, 700, 1.01423205473500450e304), (.side, 0, 0), (.side, 0.1, 1), (.side, -1, 0), (.square, -3, -9),
      (.square, 3, 9), (.logistic(steepness: 2), 0.5, 0.731058578630004879),
    ]
    for (output, sum, expected) in cases {
      let model = try ScoringModel(AdditiveModel(start: sum, terms: [.weight(0, missing: 0)]), output: output)
      let score = scores(model, [0])[0]
      #expect(abs(score - expected) <= 1e-15 * abs(expected), "\(output) of \(sum) is \(score)")
    }
    #expect(Exponential.of(1000) == .infinity && Exponential.of(-1000) == 0 && Exponential.of(.nan).isNaN)
  }

  @Test func aLinearModelSkipsMissingValues() throws {
    let model = try ScoringModel(weights: [2, -1, 0.5], bias: 0.25, baseMargin: 1, output: .margin)
    #expect(scores(model, [1, 2, 4, .nan, 2, .nan, .nan, .nan, .nan]) == [3.25, -0.75, 1.25])
  }

  @Test func theSigmoidIsExactWhereItIsKnown() {
    // From exact arithmetic to 17 digits: 1 / (1 + e^-x).
    let known: [(Double, Double)] = [
      (0, 0.5), (1, 0.731058578630004879), (-1, 0.268941421369995121), (2.5, 0.924141819978756421),
      (-10, 4.53978687024343945e-5), (-40, 4.24835425529158899e-18), (0.001, 0.500249999979166669),
      (-700, 9.85967654375977280e-305), (40, 1), (1000, 1), (-1000, 0), (.infinity, 1), (-.infinity, 0),
    ]
    for (x, expected) in known {
      let value = Sigmoid.of(x)
      #expect(abs(value - expected) <= 1e-15 * expected, "x \(x), value \(value)")
    }
    #expect(Sigmoid.of(.nan).isNaN)
  }

  @Test func theSigmoidRisesAndIsSymmetric() {
    var last = 0.0
    for step in -40_000...40_000 {
      let x = Double(step) / 1000
      let value = Sigmoid.of(x)
      #expect(value >= last - 1e-15 && value >= 0 && value <= 1, "x \(x)")
      #expect(abs(value + Sigmoid.of(-x) - 1) < 4e-16, "x \(x)")
      last = value
    }
  }

  @Test func faultyTreesAreNamed() {
    let leaf = SourceTree(left: [-1], right: [-1], features: [0], values: [1], missing: [.goesRight])
    func fault(_ change: (inout SourceTree) -> Void) -> ModelFault? {
      var tree = SourceTree(
        left: [1, -1, -1],
        right: [2, -1, -1],
        features: [0, 0, 0],
        values: [0, 1, 2],
        missing: [.goesLeft, .goesRight, .goesRight]
      )
      change(&tree)
      do throws(ModelFault) {
        _ = try ScoringModel(trees: [leaf, tree], featureCount: 1, baseMargin: 0, output: .margin)
        return nil
      } catch {
        return error
      }
    }
    #expect(fault { _ in } == nil)
    #expect(fault { $0.values = [] } == .tree(1, .shape))
    #expect(fault { $0.left[0] = 3 } == .tree(1, .leftOutOfRange(node: 0)))
    #expect(fault { $0.left[0] = -1 } == .tree(1, .leftOutOfRange(node: 0)))
    #expect(fault { $0.right[0] = .min } == .tree(1, .rightOutOfRange(node: 0)))
    #expect(fault { $0.right[0] = 1 } == .tree(1, .reachedTwice(node: 1)))
    #expect(fault { $0.left[0] = 0 } == .tree(1, .reachedTwice(node: 0)))
    #expect(fault { $0.features[0] = 1 } == .tree(1, .featureOutOfRange(node: 0)))
    #expect(fault { $0.values[2] = .nan } == .tree(1, .notFinite(node: 2)))
    #expect(fault { $0.values[2] = 2e38 } == .sumNotFinite)
    #expect(fault { $0.missing[0] = .isZero } == .tree(1, .missingRule(node: 0)))
    #expect(fault { $0.covers = [1] } == .tree(1, .shape))
    #expect(fault { $0.covers = [1, 1, -1] } == .tree(1, .cover(node: 2)))
    #expect(fault { $0.categories[1] = [1] } == .tree(1, .shape))
  }
}
