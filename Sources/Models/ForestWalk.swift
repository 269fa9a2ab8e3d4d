/// Walks rows through the trees.
///
/// Unsafe inside: subscripts are unchecked. `Forest` ensures that an index stays within its tree (`nodes` and `values`
/// are equally long) and that a slot is one of a row's keys; `keys` holds `rowCount` rows of these and `margins` at least
/// `rowCount` sums, both checked once per block.
///
/// A step has no branch, unless the tree has splits by category, and waits for three loads in a row, so four walks are
/// made at once: four rows in one tree, or, for the rows that remain, one row in four trees. Every walk takes as many
/// steps as the deepest of the four has, for a walk that is at its leaf stays there. A row's sum is made in the order of
/// the trees, whatever the block it is in.
extension Forest {
  /// The keys of a row.
  var width: Int { Number.slotsPerFeature * featureCount }

  /// Writes the keys of rows whose values stand one row after the other; NaN is a missing value.
  @inline(__always)
  func fill(keys: inout MutableSpan<Number.Key>, rows: Span<Double>) {
    precondition(keys.count >= rows.count * Number.slotsPerFeature)
    for index in rows.indices {
      Number.storeKeys(of: unsafe rows[unchecked: index], at: index &* Number.slotsPerFeature, in: &keys)
    }
  }

  /// Adds what each tree yields for each row to the row's margin.
  func walk(keys: Span<Number.Key>, rowCount: Int, margins: inout MutableSpan<Number>) {
    let width = width
    precondition(rowCount >= 0 && keys.count >= rowCount * width && margins.count >= rowCount)
    let nodes = self.nodes.span
    let values = self.values.span
    let sets = CategorySpans(self.sets)
    let together = rowCount & ~3
    if together > 0 {
      for tree in trees {
        var row = 0
        var start = 0
        while row < together {
          var (a, b, c, d) = (tree.root, tree.root, tree.root, tree.root)
          let (startB, startC, startD) = (start &+ width, start &+ 2 &* width, start &+ 3 &* width)
          var steps = tree.depth
          if tree.hasSets {
            while steps > 0 {
              Self.step(nodes, keys, sets, start, &a, hasSets: true)
              Self.step(nodes, keys, sets, startB, &b, hasSets: true)
              Self.step(nodes, keys, sets, startC, &c, hasSets: true)
              Self.step(nodes, keys, sets, startD, &d, hasSets: true)
              steps &-= 1
            }
          } else {
            while steps > 0 {
              Self.step(nodes, keys, sets, start, &a, hasSets: false)
              Self.step(nodes, keys, sets, startB, &b, hasSets: false)
              Self.step(nodes, keys, sets, startC, &c, hasSets: false)
              Self.step(nodes, keys, sets, startD, &d, hasSets: false)
              steps &-= 1
            }
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
    // With a constant, the forest without sets asks for none.
    if self.sets.count > 0 {
      for row in together..<rowCount {
        margins[row] = sum(nodes, values, keys, sets, row &* width, margins[row], hasSets: true)
      }
    } else {
      for row in together..<rowCount {
        margins[row] = sum(nodes, values, keys, sets, row &* width, margins[row], hasSets: false)
      }
    }
  }

  /// The margin of one row, four trees at once.
  @inline(__always)
  private func sum(
    _ nodes: Span<ForestNode<Number>>,
    _ values: Span<Number>,
    _ keys: Span<Number.Key>,
    _ sets: borrowing CategorySpans,
    _ start: Int,
    _ margin: Number,
    hasSets: Bool
  ) -> Number {
    let trees = self.trees.span
    var margin = margin
    var next = 0
    while next &+ 4 <= trees.count {
      let (first, second, third, fourth) = (trees[next], trees[next &+ 1], trees[next &+ 2], trees[next &+ 3])
      var (a, b, c, d) = (first.root, second.root, third.root, fourth.root)
      var steps = max(first.depth, second.depth, third.depth, fourth.depth)
      while steps > 0 {
        Self.step(nodes, keys, sets, start, &a, hasSets: hasSets)
        Self.step(nodes, keys, sets, start, &b, hasSets: hasSets)
        Self.step(nodes, keys, sets, start, &c, hasSets: hasSets)
        Self.step(nodes, keys, sets, start, &d, hasSets: hasSets)
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
      for _ in 0..<trees[next].depth { Self.step(nodes, keys, sets, start, &index, hasSets: hasSets) }
      unsafe margin += values[unchecked: index]
      next &+= 1
    }
    return margin
  }

  @inline(__always)
  private static func step(
    _ nodes: Span<ForestNode<Number>>,
    _ keys: Span<Number.Key>,
    _ sets: borrowing CategorySpans,
    _ start: Int,
    _ index: inout Int,
    hasSets: Bool
  ) {
    let node = unsafe nodes[unchecked: index]
    let key = unsafe keys[unchecked: start &+ node.slot]
    let goesRight =
      hasSets && node.limit < Number.leastLimit ? sets.sendsRight(node.limit, key, Number.self) : key >= node.limit
    index = index &+ node.distance &+ (goesRight ? 1 : 0)
  }

  /// Whether a row with these keys goes to the right at a split.
  @inline(__always)
  static func goesRight(
    _ node: ForestNode<Number>,
    _ keys: Span<Number.Key>,
    _ sets: borrowing CategorySpans
  ) -> Bool {
    let key = keys[node.slot]
    return node.limit < Number.leastLimit ? sets.sendsRight(node.limit, key, Number.self) : key >= node.limit
  }
}
