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
  mutating func value() -> Float {
    switch below(40) {
    case 0..<4: .nan
    case 4: .infinity
    case 5: -.infinity
    case 6: -0.0
    case 7: .leastNonzeroMagnitude
    default: threshold()
    }
  }
  mutating func threshold() -> Float { Float(below(17) - 8) / 8 }
}

/// A tree grown at random, with its nodes in the order of growth.
func randomTree(_ draws: inout Draws, featureCount: Int, splits: Int) -> SourceTree {
  var tree = SourceTree(left: [-1], right: [-1], features: [0], values: [draws.threshold()], defaultsLeft: [false])
  for _ in 0..<splits {
    let node = draws.below(tree.left.count)
    guard tree.left[node] == -1 else { continue }
    tree.left[node] = Int32(tree.left.count)
    tree.right[node] = Int32(tree.left.count + 1)
    tree.features[node] = Int32(draws.below(featureCount))
    tree.defaultsLeft[node] = draws.next() & 1 == 0
    for _ in 0..<2 {
      tree.left.append(-1)
      tree.right.append(-1)
      tree.features.append(0)
      tree.values.append(draws.threshold())
      tree.defaultsLeft.append(false)
    }
  }
  return tree
}

/// The walk as the definition has it.
func naiveLeaf(_ tree: SourceTree, _ row: ArraySlice<Float>) -> Float {
  var node = 0
  while tree.left[node] != -1 {
    let value = row[row.startIndex + Int(tree.features[node])]
    let goesLeft = value.isNaN ? tree.defaultsLeft[node] : value < tree.values[node]
    node = Int(goesLeft ? tree.left[node] : tree.right[node])
  }
  return tree.values[node]
}

func scores(_ model: ScoringModel, _ rows: [Float], batch: Int? = nil) -> [Double] {
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
