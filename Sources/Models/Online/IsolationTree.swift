internal import Records

/// A tree that parts rows at random until each is alone: what is unusual is alone soon.
struct IsolationTree {
  /// A split, or an end.
  struct Node: Sendable, Equatable {
    /// Values up to here go left, others and missing ones right; of an end, how far it is from the root.
    var value: Double
    /// Which input is compared; `end` of an end.
    var input: UInt16
    /// The number of the left one of the two behind it; the right one follows.
    var left: UInt16

    static let end = UInt16.max
    static let root = Node(value: 0, input: end, left: 0)
  }

  /// Splits that it takes on average to find one of so many rows: c(n) of the paper, with the harmonic numbers themselves.
  static func lengths(upTo rows: Int) -> [Double] {
    var lengths = Array(repeating: 0.0, count: rows + 1)
    var harmonic = 0.0
    for count in 2...rows {
      harmonic += 1 / Double(count - 1)
      lengths[count] = 2 * harmonic - 2 * Double(count - 1) / Double(count)
    }
    return lengths
  }

  /// Nodes that a tree over so many rows has at most.
  static func mostNodes(rows: Int) -> Int { 2 * rows - 1 }

  /// Trees that are walked at a time, so that their reads of memory overlap.
  static let width = 8

  /// For each of some trees, how many splits lie between the root and a row, with what a further tree of the rows that end there
  /// with it would add.
  ///
  /// - Parameters:
  ///   - nodes: of all of them, those of each next tree `room` behind.
  ///   - count: of trees; no more than `width`, for which there is room.
  ///   - depth: of the deepest tree.
  @inline(__always)
  static func lengths(
    _ nodes: Span<Node>,
    room: Int,
    count: Int,
    depth: Int,
    _ row: Span<Double>
  ) -> InlineArray<8, Double> {
    var places = InlineArray<8, Int>(repeating: 0)
    for tree in 0..<width { places[tree] = tree &* room }
    for _ in 0..<depth {
      for tree in 0..<width {
        let node = nodes[places[tree]]
        let isEnd = node.input == Node.end
        let step = row[isEnd ? 0 : Int(node.input)] <= node.value ? 0 : 1
        places[tree] = isEnd ? places[tree] : tree &* room &+ Int(node.left) &+ step
      }
    }
    var lengths = InlineArray<8, Double>(repeating: 0)
    for tree in 0..<count { lengths[tree] = nodes[places[tree]].value }
    return lengths
  }

  /// What trees are grown with, used again from one to the next.
  struct Growing {
    let inputs: Int
    let depth: Int
    let lengths: [Double]
    /// The inputs of the sample's rows, row after row.
    var values: [Double] = []
    /// The numbers of those rows, parted as the tree parts them.
    private var order: [Int] = []
    /// Nodes that may yet be split, with their rows, and how far they are from the root.
    private var open: [(node: Int, rows: Range<Int>, depth: Int)] = []
    private(set) var nodes: [Node] = []

    init(inputs: Int, sample: Int) {
      self.inputs = inputs
      // Deep enough for each row to be alone where every split halves them.
      depth = Int.bitWidth - (sample - 1).leadingZeroBitCount
      lengths = IsolationTree.lengths(upTo: sample)
    }

    /// Grows a tree over the rows of `values`, and leaves its nodes in `nodes`.
    mutating func grow(_ draws: inout SeededDraws) {
      order.removeAll(keepingCapacity: true)
      order.append(contentsOf: 0..<values.count / inputs)
      nodes.removeAll(keepingCapacity: true)
      nodes.append(.root)
      open.append((0, order.indices, 0))
      while let (node, rows, level) = open.popLast() {
        guard rows.count > 1, level < depth, let (input, bounds) = splittable(rows, first: draws.index(below: inputs))
        else {
          nodes[node].value = Double(level) + lengths[rows.count]
          continue
        }
        var split = bounds.lowerBound + draws.fraction() * (bounds.upperBound - bounds.lowerBound)
        // What is rounded up to the greatest would leave nothing on the right.
        if split >= bounds.upperBound { split = bounds.lowerBound }
        var middle = rows.lowerBound
        for place in rows where values[order[place] &* inputs &+ input] <= split {
          order.swapAt(place, middle)
          middle += 1
        }
        let left = nodes.count
        nodes[node] = Node(value: split, input: UInt16(input), left: UInt16(left))
        nodes.append(.root)
        nodes.append(.root)
        open.append((left, rows.lowerBound..<middle, level + 1))
        open.append((left + 1, middle..<rows.upperBound, level + 1))
      }
    }

    /// The first input, from one on in a circle, of which the rows have values that differ; with the least and the greatest.
    private func splittable(_ rows: Range<Int>, first: Int) -> (input: Int, bounds: ClosedRange<Double>)? {
      for step in 0..<inputs {
        let input = (first + step) % inputs
        var (least, greatest) = (Double.infinity, -Double.infinity)
        for place in rows {
          let value = values[order[place] &* inputs &+ input]
          // A missing one is neither.
          if value < least { least = value }
          if value > greatest { greatest = value }
        }
        if least < greatest { return (input, least...greatest) }
      }
      return nil
    }
  }

  static func encode(_ nodes: [Node], into writer: inout ByteWriter) {
    writer.write(nodes) { node, writer in
      writer.write(node.value)
      writer.write(node.input)
      writer.write(node.left)
    }
  }

  /// - Parameters:
  ///   - sample: rows that it was grown over.
  ///   - depth: that it has at most.
  static func nodes(_ bytes: [UInt8], inputs: Int, sample: Int, depth: Int) throws(MalformedBytes) -> [Node] {
    let most = mostNodes(rows: sample)
    var reader = ByteReader(bytes)
    let nodes = try reader.read { (reader) throws(MalformedBytes) in
      Node(value: try reader.readFinite(), input: try reader.read(), left: try reader.read())
    }
    guard 1...most ~= nodes.count, reader.isAtEnd else { throw reader.malformed("a tree of at most \(most) nodes") }
    var depths = Array(repeating: 0, count: nodes.count)
    for (number, node) in nodes.enumerated() {
      if node.input == Node.end {
        // No longer than the way to a row that ends with all others as deep as can be.
        guard 0...Double(depth + sample) ~= node.value else { throw reader.malformed("the length of a way") }
        continue
      }
      // Behind itself, so that no way is a circle.
      guard Int(node.input) < inputs, Int(node.left) > number, Int(node.left) + 1 < nodes.count, depths[number] < depth
      else { throw reader.malformed("a node with two others behind it") }
      for next in 0..<2 { depths[Int(node.left) + next] = max(depths[Int(node.left) + next], depths[number] + 1) }
    }
    return nodes
  }
}
