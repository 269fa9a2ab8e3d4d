/// Points and weights on 0...1 by which sums integrate polynomials exactly.
///
/// Made of additions, multiplications and divisions alone, so they are the same on every machine.
struct GaussLegendre {
  /// The points, rising within 0...1.
  let points: [Double]
  let weights: [Double]

  /// `count` points integrate every polynomial of a degree up to `2 * count - 1`.
  init(count: Int) {
    // The roots of each Legendre polynomial lie between those of the one before it.
    var roots: [Double] = []
    for degree in 1...max(count, 1) {
      let bounds = [-1] + roots + [1]
      roots = zip(bounds, bounds.dropFirst()).map { Self.root(degree, between: $0, and: $1) }
    }
    points = roots.map { ($0 + 1) / 2 }
    // On -1...1 a weight is 2 / ((1 - x^2) P'(x)^2).
    weights = roots.map { x in
      let (value, before) = Self.legendre(roots.count, x)
      let slope = Double(roots.count) * (before - x * value) / (1 - x * x)
      return 1 / ((1 - x * x) * slope * slope)
    }
  }

  /// The Legendre polynomial of a degree and the one before it, at x.
  private static func legendre(_ degree: Int, _ x: Double) -> (value: Double, before: Double) {
    var (value, before) = (x, 1.0)
    for n in 1..<degree {
      let number = Double(n)
      (value, before) = (((2 * number + 1) * x * value - number * before) / (number + 1), value)
    }
    return (value, before)
  }

  /// The only root between two numbers, by halving.
  private static func root(_ degree: Int, between low: Double, and high: Double) -> Double {
    if low == -high { return 0 }
    var (low, high) = (low, high)
    let isNegative = legendre(degree, low).value < 0
    while true {
      let middle = (low + high) / 2
      if middle <= low || middle >= high { return middle }
      if (legendre(degree, middle).value < 0) == isNegative { low = middle } else { high = middle }
    }
  }
}
