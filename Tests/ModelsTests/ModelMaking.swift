import Models

/// splitmix64.
struct Draws {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  /// -1...1 in steps of 1/8, so that values often meet thresholds; one in ten missing, now and then extreme.
  mutating func value() -> Double {
    switch below(40) {
    case 0..<4: .nan
    case 4: .infinity
    case 5: -.infinity
    case 6: -0.0
    case 7: Double(Float.leastNonzeroMagnitude)
    default: threshold()
    }
  }
  mutating func threshold() -> Double { Double(below(17) - 8) / 8 }
}

/// A tree grown at random, with its nodes in the order of growth; some splits by category, and as missing values are
/// treated in either precision. Categories are the eighths above 0.
func randomTree(
  _ draws: inout Draws,
  featureCount: Int,
  splits: Int,
  precision: ScoringModel.Precision = .single,
  hasCovers: Bool = false
) -> SourceTree {
  let rules: [MissingRule] =
    precision == .single
    ? [.goesLeft, .goesRight] : [.goesLeft, .goesRight, .zeroGoesLeft, .zeroGoesRight, .isZero]
  var tree = SourceTree(left: [-1], right: [-1], features: [0], values: [draws.threshold()], missing: [.goesRight])
  if hasCovers { tree.covers = [1000] }
  for _ in 0..<splits {
    let node = draws.below(tree.left.count)
    guard tree.left[node] == -1 else { continue }
    tree.left[node] = Int32(tree.left.count)
    tree.right[node] = Int32(tree.left.count + 1)
    tree.features[node] = Int32(draws.below(featureCount))
    tree.missing[node] = rules[draws.below(rules.count)]
    if draws.below(4) == 0 {
      tree.categories[node] = (0..<draws.below(3)).map { _ in UInt32(truncatingIfNeeded: draws.next()) }
    }
    for _ in 0..<2 {
      tree.left.append(-1)
      tree.right.append(-1)
      tree.features.append(0)
      tree.values.append(draws.threshold())
      tree.missing.append(.goesRight)
    }
    if hasCovers {
      let part = Double(1 + draws.below(7)) / 8 * tree.covers[node]
      tree.covers += [part, tree.covers[node] - part]
    }
  }
  return tree
}

/// Whether a row goes to the right at a split, as the definition has it.
func naiveGoesRight(
  _ tree: SourceTree,
  _ node: Int,
  _ row: ArraySlice<Double>,
  _ precision: ScoringModel.Precision = .single
) -> Bool {
  var value = row[row.startIndex + Int(tree.features[node])]
  if let set = tree.categories[node] {
    let isZero = value.isNaN || abs(value) <= Double(Float(1e-35))
    if value.isNaN || tree.missing[node] == .zeroGoesLeft || tree.missing[node] == .zeroGoesRight {
      switch tree.missing[node] {
      case .goesLeft: return false
      case .goesRight: return true
      case .zeroGoesLeft: if isZero { return false }
      case .zeroGoesRight: if isZero { return true }
      case .isZero: value = 0
      }
    }
    // Single precision takes no negative number, double precision cuts it to an integer.
    let isCategory = precision == .single ? value >= 0 : value > -1
    let isMember =
      isCategory && !set.isEmpty && value < Double(set.count * 32)
      && set[Int(value) / 32] >> UInt32(Int(value) % 32) & 1 == 1
    return isMember == (precision == .single)
  }
  let threshold = tree.values[node]
  let byValue = precision == .single ? value >= threshold : value > threshold
  let isZero = value.isNaN || abs(value) <= Double(Float(1e-35))
  switch tree.missing[node] {
  case .goesLeft: return value.isNaN ? false : byValue
  case .goesRight: return value.isNaN ? true : byValue
  case .zeroGoesLeft: return isZero ? false : byValue
  case .zeroGoesRight: return isZero ? true : byValue
  case .isZero: return value.isNaN ? 0 > threshold : byValue
  }
}

/// The walk as the definition has it.
func naiveLeaf(
  _ tree: SourceTree,
  _ row: ArraySlice<Double>,
  _ precision: ScoringModel.Precision = .single
) -> Double {
  var node = 0
  while tree.left[node] != -1 {
    node = Int(naiveGoesRight(tree, node, row, precision) ? tree.right[node] : tree.left[node])
  }
  return tree.values[node]
}

func scores(_ model: ScoringModel, _ rows: [Double], batch: Int? = nil) -> [Double] {
  let count = rows.count / model.featureCount
  var all: [Double] = []
  var first = 0
  while first < count {
    let size = min(batch ?? count, count - first)
    var some = [Double](repeating: -1, count: size)
    var span = some.mutableSpan
    let from = first * model.featureCount
    model.score(rows: rows.span.extracting(from..<from + size * model.featureCount), count: size, into: &span)
    all += some
    first += size
  }
  return all
}
