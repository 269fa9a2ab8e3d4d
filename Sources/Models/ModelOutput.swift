/// What the sum of a model becomes: the score.
package enum ModelOutput: Equatable, Sendable {
  /// The sum itself.
  case margin
  /// 1 / (1 + e^(-steepness sum)), 0...1.
  case logistic(steepness: Double)
  /// e^sum.
  case exponential
  /// 1 where the sum is above 0, otherwise 0.
  case side
  /// The sum times its absolute value.
  case square

  /// The sum's logistic.
  package static let probability = ModelOutput.logistic(steepness: 1)

  /// The score of a sum.
  @inline(__always)
  func score(_ sum: Double) -> Double {
    switch self {
    case .margin: sum
    case .logistic(let steepness): Sigmoid.of(steepness * sum)
    case .exponential: Exponential.of(sum)
    case .side: sum > 0 ? 1 : 0
    case .square: sum * abs(sum)
    }
  }
}
