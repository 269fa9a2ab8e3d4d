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
          var at = SIMD4<Int>(repeating: tree.root)
          let starts = SIMD4(start, start &+ width, start &+ 2 &* width, start &+ 3 &* width)
          if tree.hasSets {
            Self.descend(nodes, keys, sets, starts, tree.depth, &at, hasSets: true)
          } else {
            Self.descend(nodes, keys, sets, starts, tree.depth, &at, hasSets: false)
          }
          unsafe margins[unchecked: row] += values[unchecked: at[0]]
          unsafe margins[unchecked: row &+ 1] += values[unchecked: at[1]]
          unsafe margins[unchecked: row &+ 2] += values[unchecked: at[2]]
          unsafe margins[unchecked: row &+ 3] += values[unchecked: at[3]]
          row &+= 4
          start = starts[3] &+ width
        }
      }
    }
    for row in together..<rowCount {
      margins[row] = sum(nodes, values, keys, sets, row &* width, margins[row])
    }
  }

  /// The margin of one row, four trees at once.
  private func sum(
    _ nodes: Span<ForestNode<Number>>,
    _ values: Span<Number>,
    _ keys: Span<Number.Key>,
    _ sets: borrowing CategorySpans,
    _ start: Int,
    _ margin: Number
  ) -> Number {
    let trees = self.trees.span
    let starts = SIMD4(repeating: start)
    var margin = margin
    var next = 0
    while next &+ 4 <= trees.count {
      let (first, second, third, fourth) = (trees[next], trees[next &+ 1], trees[next &+ 2], trees[next &+ 3])
      var at = SIMD4(first.root, second.root, third.root, fourth.root)
      let depth = max(first.depth, second.depth, third.depth, fourth.depth)
      if first.hasSets || second.hasSets || third.hasSets || fourth.hasSets {
        Self.descend(nodes, keys, sets, starts, depth, &at, hasSets: true)
      } else {
        Self.descend(nodes, keys, sets, starts, depth, &at, hasSets: false)
      }
      unsafe margin += values[unchecked: at[0]]
      unsafe margin += values[unchecked: at[1]]
      unsafe margin += values[unchecked: at[2]]
      unsafe margin += values[unchecked: at[3]]
      next &+= 4
    }
    while next < trees.count {
      var index = trees[next].root
      for _ in 0..<trees[next].depth { Self.step(nodes, keys, sets, start, &index, hasSets: true) }
      unsafe margin += values[unchecked: index]
      next &+= 1
    }
    return margin
  }

  /// Four walks of so many steps, from the nodes at `at`, with the keys from `starts` on.
  @inline(__always)
  private static func descend(
    _ nodes: Span<ForestNode<Number>>,
    _ keys: Span<Number.Key>,
    _ sets: borrowing CategorySpans,
    _ starts: SIMD4<Int>,
    _ depth: Int,
    _ at: inout SIMD4<Int>,
    hasSets: Bool
  ) {
    var (a, b, c, d) = (at[0], at[1], at[2], at[3])
    let (startA, startB, startC, startD) = (starts[0], starts[1], starts[2], starts[3])
    var steps = depth
    while steps > 0 {
      step(nodes, keys, sets, startA, &a, hasSets: hasSets)
      step(nodes, keys, sets, startB, &b, hasSets: hasSets)
      step(nodes, keys, sets, startC, &c, hasSets: hasSets)
      step(nodes, keys, sets, startD, &d, hasSets: hasSets)
      steps &-= 1
    }
    at = SIMD4(a, b, c, d)
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
