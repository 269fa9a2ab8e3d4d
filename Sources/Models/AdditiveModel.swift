/// A model that adds up what each feature says by itself, in double precision: a logistic regression, or a scorecard.
package struct AdditiveModel: Sendable, Equatable {
  /// What a feature adds.
  package enum Term: Sendable, Equatable {
    /// So much for each unit; the second number is added where the value is missing.
    case weight(Double, missing: Double)
    /// By where the value lies: below the first bound, from there to below the second, and so on to the last; so there is
    /// one value more than bounds, which rise.
    case bins(bounds: [Double], values: [Double], missing: Double)

    /// What a value adds; NaN is a missing one.
    @inline(__always)
    func value(_ input: Double) -> Double {
      switch self {
      case .weight(let weight, let missing): return input.isNaN ? missing : input * weight
      case .bins(let bounds, let values, let missing):
        if input.isNaN { return missing }
        var bin = 0
        while bin < bounds.count, input >= bounds[bin] { bin &+= 1 }
        return values[bin]
      }
    }

    /// Whether every value of it adds a number, unless the value is infinite.
    var isSound: Bool {
      switch self {
      case .weight(let weight, let missing): weight.isFinite && missing.isFinite
      case .bins(let bounds, let values, let missing):
        values.count == bounds.count + 1 && values.allSatisfy(\.isFinite) && missing.isFinite
          && bounds.allSatisfy { !$0.isNaN } && zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 }
      }
    }
  }

  /// Where sums begin.
  package let start: Double
  /// One for each feature.
  package let terms: [Term]

  package init(start: Double, terms: [Term]) {
    self.start = start
    self.terms = terms
  }

  /// What the features of the row that begins at `first` add up to, in their order.
  func sum(_ rows: Span<Double>, _ first: Int) -> Double {
    var sum = start
    for index in terms.indices { sum += terms[index].value(rows[first &+ index]) }
    return sum
  }
}
