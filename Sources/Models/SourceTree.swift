/// One decision tree as a model file tells it: parallel arrays, a node per index, the root first.
///
/// A row without a value for `features[node]` goes to the left when `defaultsLeft[node]`; otherwise it goes to the left
/// when its value is less than `values[node]`. A node whose two children are -1 is a leaf and yields `values[node]`.
package struct SourceTree: Sendable {
  package var left: [Int32]
  package var right: [Int32]
  package var features: [Int32]
  package var values: [Float]
  package var defaultsLeft: [Bool]

  package init(left: [Int32], right: [Int32], features: [Int32], values: [Float], defaultsLeft: [Bool]) {
    self.left = left
    self.right = right
    self.features = features
    self.values = values
    self.defaultsLeft = defaultsLeft
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
  /// A level of the tree holds more nodes than the compact layout can address (about 32,000 leaves).
  case tooWide
}
