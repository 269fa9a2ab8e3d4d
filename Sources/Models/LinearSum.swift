/// A linear model in single precision by its columns: whoever has the features column by column need not lay them out row by row.
///
/// Every row's sum is made of the same additions in the same order as by `ScoringModel.score`, so it has the same bits.
package struct LinearSum: Sendable {
  /// One for each feature.
  package let weights: [Float]
  /// Where the sum of every row begins.
  package let start: Float
  private let model: ScoringModel

  /// nil where the model is another.
  package init?(_ model: ScoringModel) {
    guard case .linear(let weights, let bias) = model.predictor else { return nil }
    self.weights = weights
    self.model = model
    start = bias + model.baseMargin
  }

  /// The scores of rows by their sums; there is room for them.
  package func finish(_ sums: Span<Float>, into scores: inout MutableSpan<Double>) {
    for row in sums.indices { scores[row] = model.finish(Double(sums[row])) }
  }
}
