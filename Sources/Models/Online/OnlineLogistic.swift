package import Records

/// A logistic regression that learns from one row after the other by FTRL-Proximal, with a learning rate of its own for each
/// weight: McMahan et al. (2013), "Ad click prediction: a view from the trenches", algorithm 1.
///
/// Sums are made in a fixed order of operations that IEEE 754 defines, so the same rows give the same bits everywhere.
package struct OnlineLogistic: Sendable, Equatable {
  package struct Settings: Sendable, Hashable {
    /// How fast it learns.
    package let rate: Double
    /// Keeps weights at 0 that matter little.
    package let l1: Double
    /// Keeps weights small.
    package let l2: Double
    /// For how many genuine rows one fraud counts.
    package let fraudWeight: Double

    /// Within these no sum of the model overflows, however long it learns.
    package static let rates = 0.0001...100
    package static let penalties = 0.0...1_000_000
    package static let weights = 0.001...1_000_000

    package init(rate: Double = 0.5, l1: Double = 0, l2: Double = 0, fraudWeight: Double = 1) {
      self.rate = rate
      self.l1 = l1
      self.l2 = l2
      self.fraudWeight = fraudWeight
    }

    package var isSound: Bool {
      Self.rates ~= rate && Self.penalties ~= l1 && Self.penalties ~= l2 && Self.weights ~= fraudWeight
    }
  }

  private let settings: Settings
  private var scale: RunningScale
  /// Of each input, and at last of the constant: what the paper calls z and n, and the weight that follows from them.
  private var gradients: [Double]
  private var squares: [Double]
  private var weights: [Double]

  package init(_ settings: Settings, inputs: Int) {
    self.settings = settings
    scale = RunningScale(inputs: inputs)
    gradients = Array(repeating: 0, count: inputs + 1)
    squares = gradients
    weights = gradients
  }

  /// Takes in the inputs of a row that is to be scored, and brings them to the model's scale.
  package mutating func take(_ row: inout MutableSpan<Double>) { scale.take(&row) }

  /// The probability of fraud, 0...1.
  ///
  /// - Parameter row: the inputs of a row on the model's scale.
  package func score(_ row: Span<Double>) -> Double { Sigmoid.of(sum(row)) }

  /// What each input adds to the logarithm of the odds; the constant is no input's.
  package func explain(_ row: Span<Double>, into contributions: inout MutableSpan<Double>) {
    for input in 0..<weights.count - 1 { contributions[input] = weights[input] * row[input] }
  }

  private func sum(_ row: Span<Double>) -> Double {
    let constant = weights.count - 1
    var sum = weights[constant]
    for input in 0..<constant { sum += weights[input] * row[input] }
    return sum
  }

  /// Learns what a row was.
  ///
  /// - Parameter row: its inputs on the scale that the model had when it scored it.
  package mutating func learn(_ row: Span<Double>, isFraud: Bool) {
    let error = (score(row) - (isFraud ? 1 : 0)) * (isFraud ? settings.fraudWeight : 1)
    let constant = weights.count - 1
    for input in 0..<constant { update(input, error * row[input]) }
    update(constant, error)
  }

  private mutating func update(_ input: Int, _ gradient: Double) {
    let (before, square) = (squares[input], squares[input] + gradient * gradient)
    let root = square.squareRoot()
    let step = (root - before.squareRoot()) / settings.rate
    let sum = gradients[input] + gradient - step * weights[input]
    squares[input] = square
    gradients[input] = sum
    let shrunk = abs(sum) - settings.l1
    guard shrunk > 0 else {
      weights[input] = 0
      return
    }
    // 1 is what the paper calls beta.
    let weight = shrunk / ((1 + root) / settings.rate + settings.l2)
    weights[input] = sum > 0 ? -weight : weight
  }

  package func encode(into writer: inout ByteWriter) {
    scale.encode(into: &writer)
    for values in [gradients, squares, weights] { for value in values { writer.write(value) } }
  }

  package init(_ settings: Settings, inputs: Int, from reader: inout ByteReader) throws(MalformedBytes) {
    self.init(settings, inputs: inputs)
    scale = try RunningScale(inputs: inputs, from: &reader)
    for input in 0...inputs { gradients[input] = try reader.readFinite() }
    for input in 0...inputs { squares[input] = try reader.readPositive() }
    for input in 0...inputs { weights[input] = try reader.readFinite() }
  }
}
