import Models
import TestSupport

/// A tree by its definition, one node at a time.
indirect enum NaiveTree {
  case leaf(Double, cover: Double)
  /// By a number: what is less than the threshold goes to the left; what is missing where it says.
  case split(Int, below: Double, missingGoesLeft: Bool, left: NaiveTree, right: NaiveTree)
  /// By category: what is among them goes to the right.
  case categories(Int, Set<Int>, missingGoesLeft: Bool, left: NaiveTree, right: NaiveTree)

  static func random(_ depth: Int, _ kinds: [Int: Int], features: Int, _ random: inout SeededRandom) -> NaiveTree {
    if depth == 0 || random.chance(oneIn: 5) {
      return .leaf(.random(in: -1...1, using: &random), cover: .random(in: 1...9, using: &random))
    }
    let feature = Int.random(in: 0..<features, using: &random)
    let (left, right) = (
      Self.random(depth - 1, kinds, features: features, &random),
      Self.random(depth - 1, kinds, features: features, &random)
    )
    let missingGoesLeft = random.chance(oneIn: 2)
    guard let count = kinds[feature] else {
      let threshold = Double(Int.random(in: -20...20, using: &random)) / 4
      return .split(feature, below: threshold, missingGoesLeft: missingGoesLeft, left: left, right: right)
    }
    let set = (0..<count).filter { _ in random.chance(oneIn: 2) }
    return .categories(feature, Set(set), missingGoesLeft: missingGoesLeft, left: left, right: right)
  }

  var cover: Double {
    switch self {
    case .leaf(_, let cover): cover
    case .split(_, _, _, let left, let right), .categories(_, _, _, let left, let right): left.cover + right.cover
    }
  }

  /// What it yields when only the features of `known` are: at the splits of others both sides, by their covers.
  func value(_ row: [Double], known: Int) -> Double {
    func both(_ left: NaiveTree, _ right: NaiveTree, _ feature: Int, _ goesLeft: Bool) -> Double {
      if known >> feature & 1 == 1 { return (goesLeft ? left : right).value(row, known: known) }
      let sum = left.cover * left.value(row, known: known) + right.cover * right.value(row, known: known)
      return sum / (left.cover + right.cover)
    }
    switch self {
    case .leaf(let value, _): return value
    case .split(let feature, let threshold, let missingGoesLeft, let left, let right):
      let value = row[feature]
      return both(left, right, feature, value.isNaN ? missingGoesLeft : value < threshold)
    case .categories(let feature, let set, let missingGoesLeft, let left, let right):
      let value = row[feature]
      return both(left, right, feature, value.isNaN ? missingGoesLeft : !set.contains(Int(value)))
    }
  }

  var source: SourceTree {
    var tree = SourceTree(left: [], right: [], features: [], values: [], missing: [])
    add(to: &tree)
    return tree
  }

  private func add(to tree: inout SourceTree) {
    let node = tree.left.count
    tree.left.append(-1)
    tree.right.append(-1)
    tree.features.append(0)
    tree.values.append(0)
    tree.missing.append(.goesRight)
    tree.covers.append(cover)
    func addChildren(_ feature: Int, _ missingGoesLeft: Bool, _ left: NaiveTree, _ right: NaiveTree) {
      tree.features[node] = Int32(feature)
      tree.missing[node] = missingGoesLeft ? .goesLeft : .goesRight
      tree.left[node] = Int32(tree.left.count)
      left.add(to: &tree)
      tree.right[node] = Int32(tree.left.count)
      right.add(to: &tree)
    }
    switch self {
    case .leaf(let value, _): tree.values[node] = value
    case .split(let feature, let threshold, let missingGoesLeft, let left, let right):
      tree.values[node] = threshold
      addChildren(feature, missingGoesLeft, left, right)
    case .categories(let feature, let set, let missingGoesLeft, let left, let right):
      tree.categories[node] = [set.reduce(0) { $0 | 1 << UInt32($1) }]
      addChildren(feature, missingGoesLeft, left, right)
    }
  }
}

/// Shapley's values by their definition: the average over all orders of the players of what each adds.
func shapley(_ count: Int, _ value: (Int) -> Double) -> [Double] {
  let factorials = (0...count).map { (1...max($0, 1)).reduce(1.0) { $0 * Double($1) } }
  let values = (0..<1 << count).map(value)
  return (0..<count).map { player in
    (0..<1 << count).reduce(0.0) { sum, set in
      guard set >> player & 1 == 0 else { return sum }
      let size = set.nonzeroBitCount
      let weight = factorials[size] * factorials[count - size - 1] / factorials[count]
      return sum + weight * (values[set | 1 << player] - values[set])
    }
  }
}
