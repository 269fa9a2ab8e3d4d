/// One node: eight bytes in single precision, so that a tree of depth 6 fills sixteen cache lines.
struct ForestNode<Number: SplitNumber>: Sendable {
  /// A row goes to the right child when its key reaches this; never at a leaf. Below the limit of every number: the
  /// number of a set of categories.
  var limit: Number.Key
  /// Low half: the slot of the row's keys to compare. High half: how many nodes ahead the left child lies, 0 for a
  /// leaf; the right child follows the left.
  var link: UInt32

  init(limit: Number.Key, link: UInt32) {
    self.limit = limit
    self.link = link
  }

  var slot: Int { Int(link & 0xFFFF) }
  var distance: Int { Int(link >> 16) }
  var feature: Int { slot / Number.slotsPerFeature }
}

/// Where a tree begins, and how many steps take every row to a leaf of it.
struct ForestTree: Sendable {
  var root: Int
  var depth: Int
  var nodeCount: Int
  /// Whether it has splits by category.
  var hasSets: Bool
}

/// Many trees in one array of nodes, each tree level by level.
///
/// The walk does no checks of its own. It rests on what `append` ensures of every tree, whoever it comes from: children
/// lie after their parent and within the same tree, where one way leads to each, slots are less than
/// `slotsPerFeature * featureCount`, `depth` steps from the root end in a leaf, where further steps stay, and the sets that
/// nodes name are there.
struct Forest<Number: SplitNumber>: Sendable {
  /// What the 16 bits of a slot can address.
  static var maxFeatureCount: Int { (1 << 16) / Number.slotsPerFeature }

  let featureCount: Int
  private(set) var nodes: [ForestNode<Number>] = []
  /// The leaf's value for a leaf; the threshold, which no walk reads, for a split, 0 for one by category. As long as
  /// `nodes`.
  private(set) var values: [Number] = []
  private(set) var sets = CategorySets()
  private(set) var trees: [ForestTree] = []
  /// How much of the training data came to each node; as long as `nodes`, or empty, when it is known of some trees only.
  private(set) var covers: [Float] = []
  /// A lack of covers in one tree drops those of all.
  private var hasCovers = true

  init(featureCount: Int) {
    precondition(featureCount > 0 && featureCount <= Self.maxFeatureCount)
    self.featureCount = featureCount
  }

  /// A split or leaf as it is laid out and as it is stored: `link` as in the node, and the threshold or leaf value.
  struct Entry {
    var link: UInt32
    var value: Number
  }

  /// A tree as it is laid out and as it is stored.
  struct Layout {
    var entries: [Entry] = []
    /// The sets of the nodes that split by category.
    var categories: [(node: Int, words: [UInt32])] = []
    /// Of each node; empty: nobody knows.
    var covers: [Float] = []
  }

  /// Lays a tree out with its nodes' children side by side, in the order of its levels.
  mutating func append(_ tree: SourceTree) throws(TreeFault) {
    let count = tree.left.count
    guard count > 0, tree.right.count == count, tree.features.count == count, tree.values.count == count,
      tree.missing.count == count, tree.covers.isEmpty || tree.covers.count == count
    else { throw .shape }
    var order = [0]
    var isReached = [Bool](repeating: false, count: count)
    isReached[0] = true
    var layout = Layout()
    while layout.entries.count < order.count {
      let node = order[layout.entries.count]
      if !tree.covers.isEmpty {
        let cover = Float(tree.covers[node])
        guard cover.isFinite, cover >= 0 else { throw .cover(node: node) }
        layout.covers.append(cover)
      }
      let value = Number(tree.values[node])
      let set = tree.categories[node]
      guard value.isFinite || set != nil else { throw .notFinite(node: node) }
      if tree.left[node] == -1, tree.right[node] == -1 {
        guard set == nil else { throw .shape }
        layout.entries.append(Entry(link: 0, value: value))
        continue
      }
      let (left, right) = (Int(tree.left[node]), Int(tree.right[node]))
      guard left >= 0, left < count else { throw .leftOutOfRange(node: node) }
      guard right >= 0, right < count else { throw .rightOutOfRange(node: node) }
      let feature = Int(tree.features[node])
      guard feature >= 0, feature < featureCount else { throw .featureOutOfRange(node: node) }
      guard let offset = Number.slot(of: tree.missing[node]) else { throw .missingRule(node: node) }
      for child in [left, right] {
        guard !isReached[child] else { throw .reachedTwice(node: child) }
        isReached[child] = true
      }
      let distance = order.count - layout.entries.count
      guard distance <= 0xFFFF else { throw .tooWide }
      if let set { layout.categories.append((layout.entries.count, set)) }
      let slot = feature * Number.slotsPerFeature + offset
      layout.entries.append(
        Entry(link: UInt32(distance) << 16 | UInt32(slot), value: set == nil ? value : 0)
      )
      order += [left, right]
    }
    guard append(layout) else { throw .shape }
  }

  /// Adds a tree laid out already; false, and nothing added, when it breaks an invariant.
  mutating func append(_ layout: Layout) -> Bool {
    let entries = layout.entries
    guard !entries.isEmpty, layout.covers.isEmpty || layout.covers.count == entries.count,
      layout.covers.allSatisfy({ $0.isFinite && $0 >= 0 })
    else { return false }
    var levels = [Int](repeating: 0, count: entries.count)
    var depth = 0
    // The children of the next split, so that one way leads to every node.
    var next = 1
    for (index, entry) in entries.enumerated() {
      guard entry.value.isFinite else { return false }
      if entry.link == 0 { continue }
      let node = ForestNode<Number>(limit: 0, link: entry.link)
      let left = index + node.distance
      guard node.distance > 0, left == next, left + 1 < entries.count,
        node.slot < Number.slotsPerFeature * featureCount
      else { return false }
      next += 2
      let level = levels[index] + 1
      levels[left] = level
      levels[left + 1] = level
      depth = max(depth, level)
    }
    guard next == entries.count else { return false }
    // There are fewer sets than limits for them.
    guard sets.count + layout.categories.count <= CategorySets.mostSets,
      layout.categories.reduce(sets.words.count, { $0 + $1.words.count }) <= CategorySets.mostWordsInAll,
      zip(layout.categories, layout.categories.dropFirst()).allSatisfy({ $0.node < $1.node }),
      layout.categories.allSatisfy({
        entries.indices.contains($0.node) && entries[$0.node].link != 0 && $0.words.count <= CategorySets.mostWords
      })
    else { return false }
    let root = nodes.count
    trees.append(
      ForestTree(root: root, depth: depth, nodeCount: entries.count, hasSets: !layout.categories.isEmpty)
    )
    for entry in entries {
      let limit = entry.link == 0 ? Number.leafLimit : Number.limit(of: entry.value)
      nodes.append(ForestNode(limit: limit, link: entry.link))
      values.append(entry.value)
    }
    for (node, words) in layout.categories {
      nodes[root + node].limit = Number.firstSetLimit + Number.Key(sets.append(words))
    }
    hasCovers = hasCovers && !layout.covers.isEmpty
    if hasCovers { covers += layout.covers } else { covers = [] }
    return true
  }

  /// The tree of this number, as it was laid out.
  func layout(_ tree: ForestTree) -> Layout {
    let range = tree.root..<tree.root + tree.nodeCount
    return Layout(
      entries: range.map { Entry(link: nodes[$0].link, value: values[$0]) },
      categories: range.compactMap { node in set(of: nodes[node]).map { (node - tree.root, sets.words(of: $0)) } },
      covers: covers.isEmpty ? [] : Array(covers[range])
    )
  }

  /// The set of categories by which a node splits; nil: it is a leaf, or splits by number.
  func set(of node: ForestNode<Number>) -> Int? {
    node.limit < Number.leastLimit ? Int(node.limit - Number.firstSetLimit) : nil
  }

  /// The same without what only explanations need.
  func withoutCovers() -> Forest {
    var copy = self
    copy.covers = []
    copy.hasCovers = false
    return copy
  }

  /// The largest margin, either way, that the trees can add up to.
  var reach: Double {
    trees.reduce(0.0) { sum, tree in
      sum + Double(values[tree.root..<tree.root + tree.nodeCount].reduce(Number(0)) { max($0, abs($1)) })
    }
  }
}
