extension ScoringModel {
  /// Scores `count` rows; allocates nothing for a model of up to 512 features, in double precision up to 204.
  ///
  /// `rows` holds the features of one row after the other, NaN where a value is missing; the caller ensures that it has
  /// `count * featureCount` of them and that `scores` has room for `count`. With trees every score is a number; other
  /// models yield NaN for infinities that cancel.
  package func score(rows: Span<Double>, count: Int, into scores: inout MutableSpan<Double>) {
    precondition(count >= 0 && rows.count >= count * featureCount && scores.count >= count)
    switch predictor {
    case .forest(let forest): score(forest, rows, count, into: &scores)
    case .doubleForest(let forest): score(forest, rows, count, into: &scores)
    case .linear(let weights, let bias): score(weights, bias, rows, count, into: &scores)
    case .additive(let model):
      for row in 0..<count { scores[row] = finish(model.sum(rows, row &* featureCount)) }
    }
  }

  private func score(
    _ weights: [Float],
    _ bias: Float,
    _ rows: Span<Double>,
    _ count: Int,
    into scores: inout MutableSpan<Double>
  ) {
    for row in 0..<count {
      var sum = bias + baseMargin
      for feature in weights.indices {
        let value = Float(rows[row &* featureCount &+ feature])
        // A missing value is no number and differs from itself.
        sum = value == value ? sum + value * weights[feature] : sum
      }
      scores[row] = finish(Double(sum))
    }
  }

  private func score<Number: SplitNumber>(
    _ forest: Forest<Number>,
    _ rows: Span<Double>,
    _ count: Int,
    into scores: inout MutableSpan<Double>
  ) {
    if forest.width <= 1024 {
      var keys = InlineArray<1024, Number.Key>(repeating: 0)
      var span = keys.mutableSpan
      score(forest, rows, count, keys: &span, into: &scores)
    } else {
      var keys = [Number.Key](repeating: 0, count: forest.width)
      var span = keys.mutableSpan
      score(forest, rows, count, keys: &span, into: &scores)
    }
  }

  /// Scores blocks of as many rows as `keys` has room for: a tree stays in the nearest cache while a block walks it.
  private func score<Number: SplitNumber>(
    _ forest: Forest<Number>,
    _ rows: Span<Double>,
    _ count: Int,
    keys: inout MutableSpan<Number.Key>,
    into scores: inout MutableSpan<Double>
  ) {
    var margins = InlineArray<64, Number>(repeating: 0)
    let blockSize = min(margins.count, keys.count / forest.width)
    var first = 0
    while first < count {
      let size = min(blockSize, count - first)
      forest.fill(keys: &keys, rows: rows.extracting(first * featureCount..<(first + size) * featureCount))
      for row in 0..<size { margins[row] = Number(baseMargin) }
      var sums = margins.mutableSpan
      forest.walk(keys: keys.span, rowCount: size, margins: &sums)
      for row in 0..<size { scores[first + row] = finish(Double(margins[row])) }
      first += size
    }
  }
}
