/// One node: eight bytes, so that a tree of depth 6 fills sixteen cache lines.
struct ForestNode {
  /// A row goes to the right child when its key reaches this; never at a leaf.
  var threshold: Int32
  /// Low half: the slot of the row's keys to compare. High half: how many nodes ahead the left child lies, 0 for a
  /// leaf; the right child follows the left.
  var link: UInt32

  static let leaf = ForestNode(threshold: .max, link: 0)

  init(threshold: Int32, link: UInt32) {
    self.threshold = threshold
    self.link = link
  }

  var slot: Int { Int(link & 0xFFFF) }
  var distance: Int { Int(link >> 16) }
}

/// Where a tree begins, and how many steps take every row to a leaf of it.
struct ForestTree {
  var root: Int
  var depth: Int
  var nodeCount: Int
}

/// Many trees in one array of nodes, each tree level by level.
///
/// The walk does no checks of its own. It rests on what `append` ensures of every tree, whoever it comes from: children
/// lie after their parent and within the same tree, slots are less than `2 * featureCount`, and `depth` steps from the
/// root end in a leaf, where further steps stay.
struct Forest {
  /// What the 16 bits of a slot can address.
  static let maxFeatureCount = 1 << 15

  let featureCount: Int
  private(set) var nodes: [ForestNode] = []
  /// The leaf's value for a leaf; the threshold, which no walk reads, for a split. As long as `nodes`.
  private(set) var values: [Float] = []
  private(set) var trees: [ForestTree] = []

  init(featureCount: Int) {
    precondition(featureCount > 0 && featureCount <= Forest.maxFeatureCount)
    self.featureCount = featureCount
  }

  /// A split or leaf as it is laid out and as it is stored: `link` as in the node, and the threshold or leaf value.
  struct Entry {
    var link: UInt32
    var value: Float
  }

  /// Lays a tree out with its nodes' children side by side, in the order of its levels.
  mutating func append(_ tree: SourceTree) throws(TreeFault) {
    let count = tree.left.count
    guard count > 0, tree.right.count == count, tree.features.count == count, tree.values.count == count,
      tree.defaultsLeft.count == count
    else { throw .shape }
    var order = [0]
    var isReached = [Bool](repeating: false, count: count)
    isReached[0] = true
    var entries: [Entry] = []
    while entries.count < order.count {
      let node = order[entries.count]
      guard tree.values[node].isFinite else { throw .notFinite(node: node) }
      if tree.left[node] == -1, tree.right[node] == -1 {
        entries.append(Entry(link: 0, value: tree.values[node]))
        continue
      }
      let (left, right) = (Int(tree.left[node]), Int(tree.right[node]))
      guard left >= 0, left < count else { throw .leftOutOfRange(node: node) }
      guard right >= 0, right < count else { throw .rightOutOfRange(node: node) }
      let feature = Int(tree.features[node])
      guard feature >= 0, feature < featureCount else { throw .featureOutOfRange(node: node) }
      for child in [left, right] {
        guard !isReached[child] else { throw .reachedTwice(node: child) }
        isReached[child] = true
      }
      let distance = order.count - entries.count
      guard distance <= 0xFFFF else { throw .tooWide }
      let slot = feature * 2 + (tree.defaultsLeft[node] ? 0 : 1)
      entries.append(Entry(link: UInt32(distance) << 16 | UInt32(slot), value: tree.values[node]))
      order += [left, right]
    }
    guard append(entries) else { throw .shape }
  }

  /// Adds a tree laid out already; false, and nothing added, when it breaks an invariant.
  mutating func append(_ entries: [Entry]) -> Bool {
    guard !entries.isEmpty else { return false }
    var levels = [Int](repeating: 0, count: entries.count)
    var depth = 0
    for (index, entry) in entries.enumerated() {
      guard entry.value.isFinite else { return false }
      if entry.link == 0 { continue }
      let node = ForestNode(threshold: 0, link: entry.link)
      let left = index + node.distance
      guard node.distance > 0, left + 1 < entries.count, node.slot < 2 * featureCount else { return false }
      let level = levels[index] + 1
      levels[left] = max(levels[left], level)
      levels[left + 1] = max(levels[left + 1], level)
      depth = max(depth, level)
    }
    trees.append(ForestTree(root: nodes.count, depth: depth, nodeCount: entries.count))
    for entry in entries {
      nodes.append(entry.link == 0 ? .leaf : ForestNode(threshold: RowKey.of(entry.value), link: entry.link))
      values.append(entry.value)
    }
    return true
  }

  /// The largest margin, either way, that the trees can add up to.
  var reach: Double {
    trees.reduce(0.0) { sum, tree in
      sum + Double(values[tree.root..<tree.root + tree.nodeCount].reduce(Float(0)) { max($0, abs($1)) })
    }
  }
}

/// Integers in the order of the floats that they stand for, so that one integer comparison decides a split.
///
/// A row has two keys for each feature, one read by the splits that send a missing value to the left, one by those that
/// send it to the right: missing is below every threshold in the first and above every threshold in the second.
enum RowKey {
  static let missingGoesLeft = Int32.min
  /// Above infinity's, yet below the threshold of a leaf.
  static let missingGoesRight = Int32.max - 1

  /// The key of a number; -0 and 0, which are equal, have one.
  static func of(_ value: Float) -> Int32 {
    let bits = Int32(bitPattern: (value + 0).bitPattern)
    return bits ^ ((bits >> 31) & 0x7FFF_FFFF)
  }
}
