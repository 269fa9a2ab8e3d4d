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
  package init(of row: [Double], by model: ScoringModel) throws(Explainer.Refusal) {
    var explainer = try Explainer(explaining: model)
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
