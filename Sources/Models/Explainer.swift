/// Says what each feature of a row contributes to the model's sum: of trees the exact path-dependent Shapley values (Lundberg
/// et al. 2018, "Consistent Individualized Feature Attribution for Tree Ensembles"), as XGBoost's `pred_contribs` and
/// LightGBM's `pred_contrib` give them; of other models what each feature adds.
///
/// A leaf counts as a game whose players are the features on the way to it: what a coalition S gains is the leaf's value
/// times the product of o over the features in S and of z over the others, where o is 1 if the row follows the feature's
/// splits and 0 if not, and z the share of the training data that does. Shapley's weighted sum over all coalitions is the
/// integral of (o - z) times the product, over the other features, of t o + (1 - t) z, for t from 0 to 1: a polynomial,
/// which so many points as half its features integrate exactly. Leaves below one branch share its factor, so a row takes a
/// few multiplications for each branch and point. Nothing is subtracted but z from o, so no digits are lost.
package struct Explainer: Sendable {
  private let model: ScoringModel
  /// Of trees.
  private let paths: TreePaths
  /// What contributions come on top of: the model's sum for no row in particular.
  package let base: Double

  // Points come in pairs. Whatever stands once for each pair has its first pairs' values first.
  private let points: [SIMD2<Double>]
  private let weights: [SIMD2<Double>]
  /// Of the root of a tree and each of its branches, for each pair of points; used again from tree to tree.
  private var steps: [Step]

  private struct Step: Sendable {
    /// On the way here, what lies below, and one by the branch's factor.
    var product = SIMD2<Double>()
    var sum = SIMD2<Double>()
    var inverse = SIMD2<Double>()
    /// Whether the row follows the branch, and all before it that split by the same feature: 1 or 0.
    var follow = 0.0
  }

  /// Why a model cannot be explained.
  package enum Refusal: Error, Hashable, CustomStringConvertible {
    /// The trees do not say how much of the training data came to each node.
    case noCovers
    /// More than `mostFeatures` features decide together about a leaf of this tree, the first being 0.
    case manyFeatures(tree: Int)

    package var description: String {
      switch self {
      case .noCovers: "the model does not say how much of the training data came to each node"
      case .manyFeatures(let tree):
        "more than \(Explainer.mostFeatures) inputs of the model decide together about a leaf of its tree \(tree)"
      }
    }
  }

  /// The most features that may decide together about a leaf.
  package static var mostFeatures: Int { TreePaths.mostFeatures }

  /// nil for a model that cannot be explained.
  package init?(_ model: ScoringModel) {
    do throws(Refusal) { try self.init(explaining: model) } catch { return nil }
  }

  package init(explaining model: ScoringModel) throws(Refusal) {
    let paths: TreePaths
    var base = Double(model.baseMargin)
    switch model.predictor {
    case .forest(let forest): paths = try TreePaths(forest)
    case .doubleForest(let forest): paths = try TreePaths(forest)
    case .linear(_, let bias):
      paths = try TreePaths(Forest<Float>(featureCount: 1))
      base += Double(bias)
    case .additive(let additive):
      paths = try TreePaths(Forest<Float>(featureCount: 1))
      base = additive.start
    }
    self.model = model
    self.paths = paths
    self.base = (base + paths.expected) / model.divisor
    let rule = GaussLegendre(count: (paths.mostFeatures + 1) / 2)
    let pairs = (rule.points.count + 1) / 2
    func inPairs(_ values: [Double]) -> [SIMD2<Double>] {
      (0..<pairs).map { SIMD2(values[2 * $0], 2 * $0 + 1 < values.count ? values[2 * $0 + 1] : 0) }
    }
    points = inPairs(rule.points)
    // A point that only fills a pair has no weight.
    weights = inPairs(rule.weights)
    steps = Array(repeating: Step(), count: (paths.mostBranches + 1) * pairs)
  }

  /// The contributions of a row's features, which with `base` add up to the sum that the model turns into the score; allocates
  /// nothing for a model of up to 512 features, in double precision up to 204.
  ///
  /// - Parameters:
  ///   - row: the features, NaN where a value is missing: as many as the model has.
  ///   - contributions: as many.
  package mutating func explain(_ row: Span<Double>, into contributions: inout MutableSpan<Double>) {
    precondition(row.count == model.featureCount && contributions.count == row.count)
    for feature in row.indices { contributions[feature] = 0 }
    switch model.predictor {
    case .forest(let forest): explain(forest, row, &contributions)
    case .doubleForest(let forest): explain(forest, row, &contributions)
    case .linear(let weights, _):
      for feature in row.indices where !row[feature].isNaN {
        contributions[feature] = Double(Float(row[feature]) * weights[feature])
      }
    case .additive(let model):
      for feature in row.indices { contributions[feature] = model.terms[feature].value(row[feature]) }
    }
    guard model.divisor != 1 else { return }
    for feature in row.indices { contributions[feature] /= model.divisor }
  }

  private mutating func explain<Number: SplitNumber>(
    _ forest: Forest<Number>,
    _ row: Span<Double>,
    _ contributions: inout MutableSpan<Double>
  ) {
    if forest.width <= 1024 {
      var keys = InlineArray<1024, Number.Key>(repeating: 0)
      var span = keys.mutableSpan
      explain(forest, row, keys: &span, &contributions)
    } else {
      var keys = [Number.Key](repeating: 0, count: forest.width)
      var span = keys.mutableSpan
      explain(forest, row, keys: &span, &contributions)
    }
  }

  private mutating func explain<Number: SplitNumber>(
    _ forest: Forest<Number>,
    _ row: Span<Double>,
    keys: inout MutableSpan<Number.Key>,
    _ contributions: inout MutableSpan<Double>
  ) {
    forest.fill(keys: &keys, rows: row)
    // Taken out, so that it can be written while the rest is read.
    var steps: [Step] = []
    swap(&steps, &self.steps)
    var span = steps.mutableSpan
    let sets = CategorySpans(forest.sets)
    for tree in 0..<paths.starts.count - 1 {
      let branches = paths.branches.span.extracting(paths.starts[tree]..<paths.starts[tree + 1])
      // With a constant, the loops over the pairs are gone.
      if points.count == 1 {
        Self.descend(forest, branches, keys.span, sets, points.span, weights.span, pairs: 1, &span)
        Self.ascend(branches, pairs: 1, &span, &contributions)
      } else {
        Self.descend(forest, branches, keys.span, sets, points.span, weights.span, pairs: points.count, &span)
        Self.ascend(branches, pairs: points.count, &span, &contributions)
      }
    }
    swap(&steps, &self.steps)
  }

  /// Finds what lies on the way to each node of a tree.
  @inline(__always)
  private static func descend<Number: SplitNumber>(
    _ forest: Forest<Number>,
    _ branches: Span<TreePaths.Branch>,
    _ keys: Span<Number.Key>,
    _ sets: borrowing CategorySpans,
    _ points: Span<SIMD2<Double>>,
    _ weights: Span<SIMD2<Double>>,
    pairs: Int,
    _ steps: inout MutableSpan<Step>
  ) {
    let nodes = forest.nodes.span
    for pair in 0..<pairs { steps[pair].product = weights[pair] }
    for index in branches.indices {
      let branch = branches[index]
      let parent = Int(branch.parent) &* pairs
      let previous = Int(branch.previous) &* pairs
      let place = (index &+ 1) &* pairs
      let goesRight = Forest<Number>.goesRight(nodes[Int(branch.split)], keys, sets)
      let isBefore = previous == 0 ? 1 : steps[previous].follow
      let follow = goesRight == branch.isRight ? isBefore : 0
      for pair in 0..<pairs {
        let point = points[pair]
        let factor = branch.share * (1 - point) + follow * point
        var product = steps[parent &+ pair].product * factor
        // The feature's branch so far gives way to this one.
        if previous != 0 { product *= steps[previous &+ pair].inverse }
        steps[place &+ pair] = Step(product: product, sum: product * branch.value, inverse: 1 / factor, follow: follow)
      }
    }
  }

  /// Finds what lies below each branch, and adds what its feature contributes there.
  @inline(__always)
  private static func ascend(
    _ branches: Span<TreePaths.Branch>,
    pairs: Int,
    _ steps: inout MutableSpan<Step>,
    _ contributions: inout MutableSpan<Double>
  ) {
    for index in stride(from: branches.count &- 1, through: 0, by: -1) {
      let branch = branches[index]
      let parent = Int(branch.parent) &* pairs
      let previous = Int(branch.previous) &* pairs
      let place = (index &+ 1) &* pairs
      var total = SIMD2<Double>()
      var before = SIMD2<Double>()
      for pair in 0..<pairs {
        let sum = steps[place &+ pair].sum
        total += sum * steps[place &+ pair].inverse
        if previous != 0 { before += sum * steps[previous &+ pair].inverse }
        if parent != 0 { steps[parent &+ pair].sum += sum }
      }
      var contribution = (steps[place].follow - branch.share) * (total[0] + total[1])
      if previous != 0 {
        let share = branches[Int(branch.previous) &- 1].share
        contribution -= (steps[previous].follow - share) * (before[0] + before[1])
      }
      contributions[Int(branch.feature)] += contribution
    }
  }
}
