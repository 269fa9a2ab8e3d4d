/// A model that scores rows in process: decision trees (XGBoost's `gbtree` and `dart`, LightGBM's), XGBoost's linear
/// booster, a logistic regression or a scorecard.
///
/// Sums are made in the precision and in the order of the library that trained the model, so scores agree with its
/// predictions. A row's score has the same bits on every machine and in every batch.
package struct ScoringModel: Sendable {
  package typealias Output = ModelOutput

  /// In which numbers trees compare and add.
  package enum Precision: UInt8, Sendable {
    /// XGBoost's.
    case single = 0
    /// LightGBM's.
    case double = 1
  }

  enum Predictor {
    case forest(Forest<Float>)
    case doubleForest(Forest<Double>)
    /// One weight for each feature, in single precision.
    case linear(weights: [Float], bias: Float)
    case additive(AdditiveModel)
  }

  /// The features that a row must have: 1...32768, in a forest of double precision at most 13107.
  package let featureCount: Int
  /// What a score is.
  package let output: Output
  /// Where the sum begins.
  let baseMargin: Float
  /// By what the sum of trees is divided: 1, or their number where their mean is meant.
  let divisor: Double
  let predictor: Predictor

  /// Whether it is made of trees.
  package var isForest: Bool {
    switch predictor {
    case .forest, .doubleForest: true
    case .linear, .additive: false
    }
  }

  /// The most features that a model can have.
  package static func maxFeatureCount(_ precision: Precision) -> Int {
    precision == .single ? Forest<Float>.maxFeatureCount : Forest<Double>.maxFeatureCount
  }

  /// A model of trees, whose leaf values include the weight of the tree if it has one.
  ///
  /// - Parameter averages: whether the mean of the trees is meant, not their sum.
  package init(
    trees: [SourceTree],
    featureCount: Int,
    precision: Precision = .single,
    baseMargin: Float = 0,
    averages: Bool = false,
    output: Output
  ) throws(ModelFault) {
    let predictor: Predictor =
      switch precision {
      case .single: .forest(try Self.grow(trees, featureCount))
      case .double: .doubleForest(try Self.grow(trees, featureCount))
      }
    try self.init(
      predictor,
      featureCount: featureCount,
      baseMargin: baseMargin,
      averages: averages,
      output: output
    )
  }

  private static func grow<Number: SplitNumber>(
    _ trees: [SourceTree],
    _ featureCount: Int
  ) throws(ModelFault) -> Forest<Number> {
    guard 1...Forest<Number>.maxFeatureCount ~= featureCount else { throw .featureCount(featureCount) }
    var forest = Forest<Number>(featureCount: featureCount)
    for (index, tree) in trees.enumerated() {
      do { try forest.append(tree) } catch { throw .tree(index, error) }
    }
    return forest
  }

  /// A linear model in single precision: the base margin, the bias, and each present feature times its weight.
  package init(weights: [Float], bias: Float, baseMargin: Float, output: Output) throws(ModelFault) {
    try self.init(
      .linear(weights: weights, bias: bias),
      featureCount: weights.count,
      baseMargin: baseMargin,
      output: output
    )
  }

  /// A logistic regression or a scorecard.
  package init(_ model: AdditiveModel, output: Output) throws(ModelFault) {
    try self.init(.additive(model), featureCount: model.terms.count, baseMargin: 0, output: output)
  }

  /// The one feature itself; 0 where it is missing.
  package static let identity = ScoringModel(
    .additive(AdditiveModel(start: 0, terms: [.weight(1, missing: 0)])),
    output: .margin,
    featureCount: 1
  )

  /// Whether it is no more than its one feature.
  package var isIdentity: Bool {
    guard case .additive(let model) = predictor, case .additive(let identity) = Self.identity.predictor else {
      return false
    }
    return model == identity && output == .margin
  }

  /// Of parts that are sound.
  private init(_ predictor: Predictor, output: Output, featureCount: Int) {
    self.predictor = predictor
    self.output = output
    self.featureCount = featureCount
    baseMargin = 0
    divisor = 1
  }

  init(
    _ predictor: Predictor,
    featureCount: Int,
    baseMargin: Float,
    averages: Bool = false,
    output: Output
  ) throws(ModelFault) {
    let most =
      if case .doubleForest = predictor { Forest<Double>.maxFeatureCount } else { Forest<Float>.maxFeatureCount }
    guard 1...most ~= featureCount else { throw .featureCount(featureCount) }
    guard baseMargin.isFinite else { throw .sumNotFinite }
    if case .logistic(let steepness) = output, !steepness.isFinite { throw .sumNotFinite }
    var trees = 1
    switch predictor {
    // No sum of a leaf from each tree may overflow, so the score of any row is a number.
    case .forest(let forest):
      guard forest.reach + Double(abs(baseMargin)) < Float.greatestSum else { throw .sumNotFinite }
      trees = forest.trees.count
    case .doubleForest(let forest):
      guard forest.reach + Double(abs(baseMargin)) < Double.greatestSum else { throw .sumNotFinite }
      trees = forest.trees.count
    case .linear(let weights, let bias):
      guard bias.isFinite, weights.allSatisfy(\.isFinite) else { throw .sumNotFinite }
    case .additive(let model):
      guard model.start.isFinite, model.terms.allSatisfy(\.isSound) else { throw .sumNotFinite }
    }
    self.predictor = predictor
    self.featureCount = featureCount
    self.baseMargin = baseMargin
    divisor = averages ? Double(max(trees, 1)) : 1
    self.output = output
  }

  /// The same model without what only explanations need.
  package func withoutCovers() -> ScoringModel {
    switch predictor {
    case .forest(let forest): ScoringModel(self, .forest(forest.withoutCovers()))
    case .doubleForest(let forest): ScoringModel(self, .doubleForest(forest.withoutCovers()))
    case .linear, .additive: self
    }
  }

  private init(_ model: ScoringModel, _ predictor: Predictor) {
    self.predictor = predictor
    featureCount = model.featureCount
    baseMargin = model.baseMargin
    divisor = model.divisor
    output = model.output
  }

  /// The score of a sum.
  func finish(_ margin: Double) -> Double { output.score(divisor == 1 ? margin : margin / divisor) }
}

/// Why parts do not make a model.
package enum ModelFault: Error, Equatable {
  /// There must be 1...`ScoringModel.maxFeatureCount` features.
  case featureCount(Int)
  /// A number is not finite, the leaves of the trees add up beyond the precision, or bounds of bins do not rise.
  case sumNotFinite
  /// The tree of this number, counted from 0.
  case tree(Int, TreeFault)
}
