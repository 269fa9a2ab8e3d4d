package import Models

/// What a model file holds.
package struct LoadedModel: Sendable {
  package let model: ScoringModel
  /// The names of the inputs in the model's order; empty when the file has none.
  package let featureNames: [String]
  /// Of the features that the model splits by category, by their numbers.
  package let categories: [Int: Categories]

  /// What the numbers of a feature's categories stand for.
  package enum Categories: Sendable, Equatable {
    /// The file does not say: rows have to bring the numbers.
    case numbered
    /// Category 0, 1, 2 and so on are these texts.
    case texts([String])
    /// The same for whole numbers.
    case integers([Int64])
  }

  init(_ model: ScoringModel, featureNames: [String], categories: [Int: Categories] = [:]) {
    self.model = model
    self.featureNames = featureNames
    self.categories = categories
  }
}
