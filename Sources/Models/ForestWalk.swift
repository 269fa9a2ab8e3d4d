/// Walks rows through the trees.
///
/// Unsafe inside: subscripts are unchecked. `Forest` ensures that an index stays within its tree (`nodes` and `values`
/// are equally long) and that a slot is less than `2 * featureCount`; `keys` holds `rowCount` rows of so many keys and
/// `margins` at least `rowCount` sums, both checked once per block.
///
/// A step has no branch and waits for three loads in a row, so four walks are made at once: four rows in one tree, or,
/// for the rows that remain, one row in four trees. Every walk takes as many steps as the deepest of the four has, for
/// a walk that is at its leaf stays there. A row's sum is made in the order of the trees, whatever the block it is in.
extension Forest {
  /// Adds what each tree yields for each row to the row's margin.
  func walk(keys: Span<Int32>, rowCount: Int, margins: inout MutableSpan<Float>) {
    let width = 2 * featureCount
    precondition(rowCount >= 0 && keys.count >= rowCount * width && margins.count >= rowCount)
    let nodes = self.nodes.span
    let values = self.values.span
    let together = rowCount & ~3
    if together > 0 {
      for tree in trees {
        var row = 0
        var start = 0
        while row < together {
          var (a, b, c, d) = (tree.root, tree.root, tree.root, tree.root)
          let (startB, startC, startD) = (start &+ width, start &+ 2 &* width, start &+ 3 &* width)
          var steps = tree.depth
          while steps > 0 {
            Self.step(nodes, keys, start, &a)
            Self.step(nodes, keys, startB, &b)
            Self.step(nodes, keys, startC, &c)
            Self.step(nodes, keys, startD, &d)
            steps &-= 1
          }
          unsafe margins[unchecked: row] += values[unchecked: a]
          unsafe margins[unchecked: row &+ 1] += values[unchecked: b]
          unsafe margins[unchecked: row &+ 2] += values[unchecked: c]
          unsafe margins[unchecked: row &+ 3] += values[unchecked: d]
          row &+= 4
          start = startD &+ width
        }
      }
    }
    for row in together..<rowCount {
      margins[row] = sum(nodes, values, keys, row &* width, margins[row])
    }
  }

  /// The margin of one row, four trees at once.
  private func sum(
    _ nodes: Span<ForestNode>,
    _ values: Span<Float>,
    _ keys: Span<Int32>,
    _ start: Int,
    _ margin: Float
  ) -> Float {
    let trees = self.trees.span
    var margin = margin
    var next = 0
    while next &+ 4 <= trees.count {
      let (first, second, third, fourth) = (trees[next], trees[next &+ 1], trees[next &+ 2], trees[next &+ 3])
      var (a, b, c, d) = (first.root, second.root, third.root, fourth.root)
      var steps = max(first.depth, second.depth, third.depth, fourth.depth)
      while steps > 0 {
        Self.step(nodes, keys, start, &a)
        Self.step(nodes, keys, start, &b)
        Self.step(nodes, keys, start, &c)
        Self.step(nodes, keys, start, &d)
        steps &-= 1
      }
      unsafe margin += values[unchecked: a]
      unsafe margin += values[unchecked: b]
      unsafe margin += values[unchecked: c]
      unsafe margin += values[unchecked: d]
      next &+= 4
    }
    while next < trees.count {
      var index = trees[next].root
      for _ in 0..<trees[next].depth { Self.step(nodes, keys, start, &index) }
      unsafe margin += values[unchecked: index]
      next &+= 1
    }
    return margin
  }

  @inline(__always)
  private static func step(_ nodes: Span<ForestNode>, _ keys: Span<Int32>, _ start: Int, _ index: inout Int) {
    let node = unsafe nodes[unchecked: index]
    let key = unsafe keys[unchecked: start &+ node.slot]
    index = index &+ node.distance &+ (key >= node.threshold ? 1 : 0)
  }
}
