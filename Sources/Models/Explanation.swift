/// One score explained: what each feature contributed, whatever else is known of the row.
package struct Explanation: Sendable {
  /// What contributions come on top of: the model's sum for no row in particular.
  package let base: Double
  /// Of each feature, in the unit of the model's sum.
  package let contributions: [Double]
  /// What base and contributions add up to, in the order of the features.
  package let sum: Double
  /// What the model makes of its own sum, to the bit.
  package let score: Double

  /// - Parameter row: the features, NaN where a value is missing: as many as the model has.
  package init(of row: [Double], by model: ScoringModel) throws(ExplanationFault) {
    guard var explainer = Explainer(model) else {
      throw model.hasCovers ? .features(most: TreePaths.mostFeatures) : .covers
    }
    var contributions = [Double](repeating: 0, count: row.count)
    var span = contributions.mutableSpan
    explainer.explain(row.span, into: &span)
    var scores: [Double] = [0]
    var score = scores.mutableSpan
    model.score(rows: row.span, count: 1, into: &score)
    base = explainer.base
    sum = contributions.reduce(base, +)
    self.contributions = contributions
    self.score = scores[0]
  }

  /// The features by how much they contribute, either way; of equal ones the first comes first.
  package var order: [Int] {
    contributions.indices.sorted { one, other in
      let (left, right) = (abs(contributions[one]), abs(contributions[other]))
      return left != right ? left > right : one < other
    }
  }
}

/// Why a model's scores cannot be explained.
package enum ExplanationFault: Error, Hashable, Sendable, CustomStringConvertible {
  /// It does not say how much of the training data came to each node.
  case covers
  /// More features decide together about a leaf.
  case features(most: Int)

  package var description: String {
    switch self {
    case .covers: "the model does not say how much of the training data came to each node"
    case .features(let most): "more than \(most) inputs of the model decide together about a leaf"
    }
  }
}

extension ScoringModel {
  /// Whether its trees, if it has any, say how much of the training data came to each node.
  fileprivate var hasCovers: Bool {
    switch predictor {
    case .forest(let forest): forest.covers.count == forest.nodes.count
    case .doubleForest(let forest): forest.covers.count == forest.nodes.count
    case .linear, .additive: true
    }
  }
}
