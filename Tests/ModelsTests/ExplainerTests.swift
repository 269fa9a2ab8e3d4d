import Models
import Testing

/// Contributions against Shapley's definition: the average over all orders of the features of what each adds.
@Suite struct ExplainerTests {
  /// What a tree yields when only the features of `known` are: at the splits of others, both sides by their covers.
  private static func value(
    _ tree: SourceTree,
    _ node: Int,
    _ row: [Double],
    _ known: Int,
    _ precision: ScoringModel.Precision
  ) -> Double {
    if tree.left[node] == -1 { return tree.values[node] }
    let (left, right) = (Int(tree.left[node]), Int(tree.right[node]))
    if known >> Int(tree.features[node]) & 1 == 1 {
      let next = naiveGoesRight(tree, node, row[...], precision) ? right : left
      return value(tree, next, row, known, precision)
    }
    return
      (tree.covers[left] * value(tree, left, row, known, precision)
      + tree.covers[right] * value(tree, right, row, known, precision)) / tree.covers[node]
  }

  /// Of every feature.
  static func shapley(_ count: Int, _ value: (Int) -> Double) -> [Double] {
    let factorials = (0...count).map { (1...max($0, 1)).reduce(1.0) { $0 * Double($1) } }
    let values = (0..<1 << count).map(value)
    return (0..<count).map { feature in
      (0..<1 << count).reduce(0.0) { sum, set in
        guard set >> feature & 1 == 0 else { return sum }
        let size = set.nonzeroBitCount
        let weight = factorials[size] * factorials[count - size - 1] / factorials[count]
        return sum + weight * (values[set | 1 << feature] - values[set])
      }
    }
  }

  @Test(arguments: 0..<40, [ScoringModel.Precision.single, .double])
  func contributionsOfTreesAreShapleyValues(seed: UInt64, precision: ScoringModel.Precision) throws {
    var draws = Draws(seed: seed)
    let featureCount = 1 + draws.below(9)
    let trees = (0..<1 + draws.below(4)).map { _ in
      randomTree(
        &draws,
        featureCount: featureCount,
        splits: draws.below(30),
        precision: precision,
        hasCovers: true
      )
    }
    let averages = draws.below(2) == 0
    let model = try ScoringModel(
      trees: trees,
      featureCount: featureCount,
      precision: precision,
      baseMargin: 0.5,
      averages: averages,
      output: .margin
    )
    var explainer = try #require(Explainer(model))
    let divisor = averages ? Double(trees.count) : 1
    for _ in 0..<6 {
      let row = (0..<featureCount).map { _ in draws.below(3) == 0 ? Double(draws.below(70)) : draws.value() }
      let all = { (known: Int) in
        (0.5 + trees.reduce(0.0) { $0 + Self.value($1, 0, row, known, precision) }) / divisor
      }
      var contributions = [Double](repeating: .nan, count: featureCount)
      var span = contributions.mutableSpan
      explainer.explain(row.span, into: &span)
      for (feature, expected) in Self.shapley(featureCount, all).enumerated() {
        let difference = abs(contributions[feature] - expected)
        #expect(difference < 1e-12, "seed \(seed), feature \(feature): \(contributions[feature]), not \(expected)")
      }
      #expect(abs(explainer.base - all(0)) < 1e-12, "seed \(seed)")
      let sum = explainer.base + contributions.reduce(0, +)
      #expect(abs(sum - scores(model, row)[0]) < 1e-12, "seed \(seed)")
    }
  }

  /// Splits by so many features one after the other.
  private static func longTree(_ count: Int) -> SourceTree {
    var tree = SourceTree(left: [-1], right: [-1], features: [0], values: [1], missing: [.goesRight], covers: [1024])
    for feature in 0..<count {
      let node = tree.left.count - 1
      tree.left[node] = Int32(node + 1)
      tree.right[node] = Int32(node + 2)
      tree.features[node] = Int32(feature)
      tree.values[node] = 0
      tree.left += [-1, -1]
      tree.right += [-1, -1]
      tree.features += [0, 0]
      tree.values += [Double(feature) / 64, 1]
      tree.missing += [.goesRight, .goesRight]
      tree.covers += [tree.covers[node] / 8, tree.covers[node] * 7 / 8]
    }
    return tree
  }

  /// A way of 40 features, whose sum is known: there are no 2^40 coalitions to look at.
  @Test func aLongWayIsExplained() throws {
    let count = 40
    let model = try ScoringModel(trees: [Self.longTree(count)], featureCount: count, output: .margin)
    var explainer = try #require(Explainer(model))
    var contributions = [Double](repeating: 0, count: count)
    var span = contributions.mutableSpan
    explainer.explain([Double](repeating: 1, count: count).span, into: &span)
    #expect(abs(explainer.base + contributions.reduce(0, +) - 1) < 1e-12)
    #expect(contributions.allSatisfy { $0 > 0 })
  }

  @Test func whatCannotBeExplainedIsSaidSo() throws {
    var draws = Draws(seed: 1)
    let trees = [
      randomTree(&draws, featureCount: 3, splits: 9, hasCovers: true),
      randomTree(&draws, featureCount: 3, splits: 9),
    ]
    func refusal(_ trees: [SourceTree], features: Int) throws -> Explainer.Refusal? {
      let model = try ScoringModel(trees: trees, featureCount: features, output: .margin)
      do throws(Explainer.Refusal) { _ = try Explainer(explaining: model) } catch { return error }
      return nil
    }
    #expect(try refusal(trees, features: 3) == .noCovers)
    #expect(try refusal([Self.longTree(64)], features: 64) == nil)
    #expect(try refusal([Self.longTree(3), Self.longTree(65)], features: 65) == .manyFeatures(tree: 1))
    let covered = try ScoringModel(trees: [trees[0]], featureCount: 3, output: .margin)
    #expect(Explainer(covered) != nil)
    #expect(Explainer(covered.withoutCovers()) == nil)
  }

  @Test func nodesThatNoRowReachedMakeNumbers() throws {
    var draws = Draws(seed: 2)
    var tree = randomTree(&draws, featureCount: 3, splits: 200, hasCovers: true)
    tree.covers = tree.covers.map { _ in 0 }
    var explainer = try #require(Explainer(try ScoringModel(trees: [tree], featureCount: 3, output: .margin)))
    var contributions: [Double] = [0, 0, 0]
    var span = contributions.mutableSpan
    explainer.explain([0.5, .nan, -1].span, into: &span)
    #expect(contributions.allSatisfy { $0.isFinite })
  }

  @Test func linearModelsAreExplainedByTheirTerms() throws {
    func explain(_ model: ScoringModel, _ row: [Double]) throws -> [Double] {
      var explainer = try #require(Explainer(model))
      var contributions = [Double](repeating: 0, count: row.count)
      var span = contributions.mutableSpan
      explainer.explain(row.span, into: &span)
      return [explainer.base] + contributions
    }
    let linear = try ScoringModel(weights: [2, -1, 0.5], bias: 0.25, baseMargin: 1, output: .probability)
    #expect(try explain(linear, [3, 4, .nan]) == [1.25, 6, -4, 0])
    let terms: [AdditiveModel.Term] = [
      .weight(2, missing: 8), .bins(bounds: [0], values: [-1, 1], missing: 3),
      .bins(bounds: [], values: [5], missing: 7),
    ]
    let additive = try ScoringModel(AdditiveModel(start: 4, terms: terms), output: .probability)
    #expect(try explain(additive, [.nan, 2, .nan]) == [4, 8, 1, 7])
  }
}
