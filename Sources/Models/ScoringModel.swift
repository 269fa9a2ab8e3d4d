/// A gradient-boosted model that scores rows in process: decision trees (XGBoost's `gbtree` and `dart`) or a linear
/// model (`gblinear`).
///
/// Sums are made in single precision and in XGBoost's order, so scores agree with its predictions. A row's score has
/// the same bits on every machine and in every batch.
package struct ScoringModel: Sendable {
  /// What a score is.
  package enum Output: UInt8, Sendable {
    /// The sum itself (`reg:squarederror`, `binary:logitraw`).
    case margin = 0
    /// The sum's logistic, 0...1 (`binary:logistic`).
    case probability = 1
  }

  enum Predictor {
    case forest(Forest)
    /// One weight for each feature.
    case linear(weights: [Float], bias: Float)
  }

  /// The features that a row must have: 1...32768.
  package let featureCount: Int
  /// What a score is.
  package let output: Output
  /// Where the sum begins.
  let baseMargin: Float
  let predictor: Predictor

  /// The most features that a model can have.
  package static let maxFeatureCount = Forest.maxFeatureCount

  /// A model of trees, whose leaf values include the weight of the tree if it has one.
  package init(
    trees: [SourceTree],
    featureCount: Int,
    baseMargin: Float,
    output: Output
  ) throws(ModelFault) {
    guard featureCount > 0, featureCount <= Forest.maxFeatureCount else { throw .featureCount(featureCount) }
    var forest = Forest(featureCount: featureCount)
    for (index, tree) in trees.enumerated() {
      do { try forest.append(tree) } catch { throw .tree(index, error) }
    }
    try self.init(.forest(forest), featureCount: featureCount, baseMargin: baseMargin, output: output)
  }

  /// A linear model: the base margin, the bias, and each present feature times its weight.
  package init(weights: [Float], bias: Float, baseMargin: Float, output: Output) throws(ModelFault) {
    try self.init(
      .linear(weights: weights, bias: bias),
      featureCount: weights.count,
      baseMargin: baseMargin,
      output: output
    )
  }

  init(_ predictor: Predictor, featureCount: Int, baseMargin: Float, output: Output) throws(ModelFault) {
    guard featureCount > 0, featureCount <= Forest.maxFeatureCount else { throw .featureCount(featureCount) }
    guard baseMargin.isFinite else { throw .sumNotFinite }
    switch predictor {
    case .forest(let forest):
      // No sum of a leaf from each tree may overflow, so the score of any row is a number.
      guard forest.reach + Double(abs(baseMargin)) < 1e38 else { throw .sumNotFinite }
    case .linear(let weights, let bias):
      guard bias.isFinite, weights.allSatisfy(\.isFinite) else { throw .sumNotFinite }
    }
    self.predictor = predictor
    self.featureCount = featureCount
    self.baseMargin = baseMargin
    self.output = output
  }

  /// Scores `count` rows; allocates nothing for a model of up to 512 features.
  ///
  /// `rows` holds the features of one row after the other, NaN where a value is missing; the caller ensures that it has
  /// `count * featureCount` of them and that `scores` has room for `count`. With trees every score is a number; a
  /// linear model yields NaN for infinities that cancel.
  package func score(rows: Span<Float>, count: Int, into scores: inout MutableSpan<Double>) {
    precondition(count >= 0 && rows.count >= count * featureCount && scores.count >= count)
    switch predictor {
    case .forest(let forest):
      if 2 * featureCount <= 1024 {
        var keys = InlineArray<1024, Int32>(repeating: 0)
        var span = keys.mutableSpan
        score(forest, rows, count, keys: &span, into: &scores)
      } else {
        var keys = [Int32](repeating: 0, count: 2 * featureCount)
        var span = keys.mutableSpan
        score(forest, rows, count, keys: &span, into: &scores)
      }
    case .linear(let weights, let bias): score(weights, bias, rows, count, into: &scores)
    }
  }

  private func score(
    _ weights: [Float],
    _ bias: Float,
    _ rows: Span<Float>,
    _ count: Int,
    into scores: inout MutableSpan<Double>
  ) {
    var first = 0
    while first < count {
      let size = min(8, count - first)
      let block = rows.extracting(first * featureCount..<(first + size) * featureCount)
      // A full block apart, so that its loop over the rows is unrolled.
      let sums = size == 8 ? margins(of: block, 8, weights, bias) : margins(of: block, size, weights, bias)
      for row in 0..<size { scores[first + row] = finish(sums[row]) }
      first += size
    }
  }

  /// The sums of up to eight rows, side by side, for each is a chain of additions that wait for one another.
  @inline(__always)
  private func margins(of rows: Span<Float>, _ count: Int, _ weights: [Float], _ bias: Float) -> SIMD8<Float> {
    var margins = SIMD8<Float>(repeating: bias + baseMargin)
    for feature in 0..<featureCount {
      var values = SIMD8<Float>()
      for row in 0..<count { values[row] = rows[row &* featureCount &+ feature] }
      // A missing value is no number and differs from itself.
      margins.replace(with: margins + values * weights[feature], where: values .== values)
    }
    return margins
  }

  /// Scores blocks of as many rows as `keys` has room for: a tree stays in the nearest cache while a block walks it.
  private func score(
    _ forest: Forest,
    _ rows: Span<Float>,
    _ count: Int,
    keys: inout MutableSpan<Int32>,
    into scores: inout MutableSpan<Double>
  ) {
    var margins = InlineArray<64, Float>(repeating: 0)
    let blockSize = min(margins.count, keys.count / (2 * featureCount))
    var first = 0
    while first < count {
      let size = min(blockSize, count - first)
      let from = first * featureCount
      for index in 0..<size * featureCount {
        let value = rows[from + index]
        let key = RowKey.of(value)
        keys[2 * index] = value.isNaN ? RowKey.missingGoesLeft : key
        keys[2 * index + 1] = value.isNaN ? RowKey.missingGoesRight : key
      }
      for row in 0..<size { margins[row] = baseMargin }
      var sums = margins.mutableSpan
      forest.walk(keys: keys.span, rowCount: size, margins: &sums)
      for row in 0..<size { scores[first + row] = finish(margins[row]) }
      first += size
    }
  }

  /// The score of a sum.
  func finish(_ margin: Float) -> Double {
    switch output {
    case .margin: Double(margin)
    case .probability: Sigmoid.of(Double(margin))
    }
  }
}

/// Why parts do not make a model.
package enum ModelFault: Error, Equatable {
  /// There must be 1...`ScoringModel.maxFeatureCount` features.
  case featureCount(Int)
  /// The base margin or a weight is not finite, or the leaves of the trees add up beyond single precision.
  case sumNotFinite
  /// The tree of this number, counted from 0.
  case tree(Int, TreeFault)
}
