/// One decision tree as a model file tells it: parallel arrays, a node per index, the root first.
///
/// A node whose two children are -1 is a leaf and yields `values[node]`. At any other node a row without a value for
/// `features[node]` goes where `missing[node]` says. With a value it goes to the left where the value is less than
/// `values[node]`, in double precision also where it equals that; or, at a node with `categories`, by whether its category
/// is among these: in single precision they go to the right, in double precision to the left.
package struct SourceTree: Sendable {
  package var left: [Int32]
  package var right: [Int32]
  package var features: [Int32]
  package var values: [Double]
  package var missing: [MissingRule]
  /// Of the nodes that split by category: a bit for each category, the lowest bit of the first word for category 0.
  package var categories: [Int: [UInt32]]
  /// How much of the training data, in rows or weight, came to each node, finite and at least 0; empty where nobody
  /// knows.
  package var covers: [Double]

  package init(
    left: [Int32],
    right: [Int32],
    features: [Int32],
    values: [Double],
    missing: [MissingRule],
    categories: [Int: [UInt32]] = [:],
    covers: [Double] = []
  ) {
    self.left = left
    self.right = right
    self.features = features
    self.values = values
    self.missing = missing
    self.categories = categories
    self.covers = covers
  }
}

/// Why a tree cannot be scored. Nodes are counted as in the `SourceTree`.
package enum TreeFault: Error, Equatable {
  /// There is no root, or the arrays differ in length.
  case shape
  /// The left child is no node of the tree.
  case leftOutOfRange(node: Int)
  /// The right child is no node of the tree.
  case rightOutOfRange(node: Int)
  /// More than one way leads to the node: the nodes form a cycle, or not a tree.
  case reachedTwice(node: Int)
  /// The node asks for a feature that the model does not have.
  case featureOutOfRange(node: Int)
  /// The threshold or leaf value is not a finite number.
  case notFinite(node: Int)
  /// The library that computes in these numbers does not treat a missing value so.
  case missingRule(node: Int)
  /// The cover is not a finite number from 0 on.
  case cover(node: Int)
  /// A level of the tree holds more nodes than the compact layout can address (about 32,000 leaves).
  case tooWide
}
