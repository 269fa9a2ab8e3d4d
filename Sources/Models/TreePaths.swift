/// The trees of a forest as contributions need them: every node but the roots, a parent before its children, with what lies
/// on the way to it.
struct TreePaths: Sendable {
  /// A node, as the end of the branch that leads to it.
  struct Branch: Sendable {
    /// The node in the forest whose split the branch follows, and the side.
    var split: Int32
    var isRight: Bool
    var isLeaf: Bool
    /// Places within the tree, in which the root is 0: of the parent, and of the last branch on the way here that follows
    /// a split of the same feature, 0 where there is none.
    var parent: Int32
    var previous: Int32
    var feature: Int32
    /// Of the training data at the first split of this feature on the way, the share that follows its splits to here.
    var share: Double
    /// The leaf's value.
    var value: Double
  }

  private(set) var branches: [Branch] = []
  /// Where the branches of each tree begin, and where the last end.
  private(set) var starts: [Int] = [0]
  /// The most branches of a tree.
  private(set) var mostBranches = 0
  /// The most features that decide together about a leaf.
  private(set) var mostFeatures = 0
  /// What the trees add up to on average over the training data.
  private(set) var expected = 0.0

  /// Trees within these bounds are explained.
  static let mostFeatures = 64

  init<Number: SplitNumber>(_ forest: Forest<Number>) throws(Explainer.Refusal) {
    guard forest.covers.count == forest.nodes.count else { throw .noCovers }
    for (number, tree) in forest.trees.enumerated() {
      guard add(forest, tree) else { throw .manyFeatures(tree: number) }
    }
  }

  /// A node that is still to be looked below.
  private struct Place {
    var node: Int
    var branch: Int
    /// How many features have split on the way, and the share of the training data that came here.
    var features: Int
    var share: Double
  }

  /// - Returns: false where a way to a leaf asks for more than `mostFeatures` features.
  private mutating func add<Number: SplitNumber>(_ forest: Forest<Number>, _ tree: ForestTree) -> Bool {
    let start = branches.count
    var places = [Place(node: tree.root, branch: 0, features: 0, share: 1)]
    while let place = places.popLast() {
      let node = forest.nodes[place.node]
      guard node.distance > 0 else {
        expected += place.share * Double(forest.values[place.node])
        continue
      }
      let feature = Int32(node.feature)
      var previous = place.branch
      while previous != 0, branches[start + previous - 1].feature != feature {
        previous = Int(branches[start + previous - 1].parent)
      }
      let features = place.features + (previous == 0 ? 1 : 0)
      guard features <= Self.mostFeatures else { return false }
      mostFeatures = max(mostFeatures, features)
      for isRight in [false, true] {
        let child = place.node + node.distance + (isRight ? 1 : 0)
        let (part, whole) = (Double(forest.covers[child]), Double(forest.covers[place.node]))
        // What no row reached must not make the share 0, by which is divided; nor does more come to a child than to its
        // parent, whatever the file says.
        let share = min(max(whole > 0 ? part / whole : 0.5, 1e-9), 1)
        let isLeaf = forest.nodes[child].distance == 0
        branches.append(
          Branch(
            split: Int32(place.node),
            isRight: isRight,
            isLeaf: isLeaf,
            parent: Int32(place.branch),
            previous: Int32(previous),
            feature: feature,
            share: max(share * (previous == 0 ? 1 : branches[start + previous - 1].share), 1e-150),
            value: isLeaf ? Double(forest.values[child]) : 0
          )
        )
        places.append(
          Place(
            node: child,
            branch: branches.count - start,
            features: features,
            share: place.share * share
          )
        )
      }
    }
    starts.append(branches.count)
    mostBranches = max(mostBranches, branches.count - start)
    return true
  }
}
