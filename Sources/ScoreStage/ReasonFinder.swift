internal import Models

/// Finds the reasons that a model has for the score of a row; used again from row to row.
struct ReasonFinder {
  private var explainer: Explainer
  private var contributions: [Double]
  private var chooser: ReasonChooser

  /// nil where the model cannot be explained.
  init?(_ plan: ModelReasons, _ model: ScoringModel) {
    guard let explainer = Explainer(model) else { return nil }
    self.explainer = explainer
    contributions = Array(repeating: 0, count: model.featureCount)
    chooser = ReasonChooser(plan)
  }

  /// Whether approved rows have reasons too.
  var isForAllRows: Bool { chooser.isForAllRows }

  /// Appends the reasons of a row to those of its rules.
  mutating func append(to list: inout [UInt8], _ row: Span<Double>) {
    // Taken out, so that they can be written while the explainer works.
    var contributions: [Double] = []
    swap(&contributions, &self.contributions)
    var span = contributions.mutableSpan
    explainer.explain(row, into: &span)
    chooser.append(to: &list, contributions.span)
    swap(&contributions, &self.contributions)
  }
}
