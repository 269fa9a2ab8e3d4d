package import Records

/// Tells how unusual a row is among the last ones, without any labels: an isolation forest, Liu, Ting, Zhou (2008), of which the
/// oldest tree is grown anew over the rows that came last, again and again.
///
/// Its trees know nothing of the ranges of values beforehand, and follow them: so features that need weeks to fill do no harm.
package struct IsolationForest: Sendable {
  package struct Settings: Sendable, Hashable {
    package let trees: Int
    /// Rows that a tree is grown over; a power of two serves best.
    package let sample: Int
    /// Rows that a tree's are drawn from: the last so many. All trees are of these, or of as many before them.
    package let recent: Int
    package let seed: Int64

    package static let treeBounds = 1...1000
    package static let sampleBounds = 2...4096
    package static let recentBounds = 2...1_048_576

    package init(trees: Int = 100, sample: Int = 256, recent: Int = 4096, seed: Int64 = 1) {
      self.trees = trees
      self.sample = sample
      self.recent = recent
      self.seed = seed
    }

    package var isSound: Bool {
      Self.treeBounds ~= trees && Self.sampleBounds ~= sample && Self.recentBounds ~= recent && sample <= recent
    }

    /// Learned rows from one tree to the next.
    fileprivate var interval: UInt64 { UInt64(max(recent / trees, 1)) }
  }

  private let settings: Settings
  private let inputs: Int
  /// The last rows, in blocks of `rowsPerBlock`; the next one goes where the oldest is.
  private var blocks: [[Double]] = []
  /// The nodes of so many trees as are walked at a time, in rooms of one size: few enough to be copied where a snapshot holds them.
  private var nodes: [[IsolationTree.Node]] = []
  private var nodeCounts: [Int] = []
  private var growing: IsolationTree.Growing
  /// Rows learned from, and trees grown.
  package private(set) var learned: UInt64 = 0
  private var grown: UInt64 = 0
  /// Whether blocks and trees were written to since their changes were forgotten.
  package private(set) var changedBlocks: [Bool] = []
  package private(set) var changedTrees: [Bool] = []

  private static let rowsPerBlock = 256

  package init(_ settings: Settings, inputs: Int) {
    self.settings = settings
    self.inputs = inputs
    growing = IsolationTree.Growing(inputs: inputs, sample: settings.sample)
  }

  /// Nodes that there is room for in each tree.
  private var room: Int { IsolationTree.mostNodes(rows: settings.sample) }

  /// Takes in the inputs of a row that is to be scored: a value beyond any real one counts as missing, so that no range of values
  /// overflows.
  package func take(_ row: inout MutableSpan<Double>) {
    for input in 0..<inputs where !(abs(row[input]) <= RunningScale.greatest) { row[input] = .nan }
  }

  /// How unusual a row is: near 1 for what stands alone, 0.5 or less for what is like the others; NaN before there is a tree.
  package func score(_ row: Span<Double>) -> Double {
    guard !nodeCounts.isEmpty else { return .nan }
    var sum = 0.0
    for group in nodes.indices {
      let count = min(nodeCounts.count - group * IsolationTree.width, IsolationTree.width)
      let trees = nodes[group]
      let lengths = IsolationTree.lengths(trees.span, room: room, count: count, depth: growing.depth, row)
      for place in 0..<count { sum += lengths[place] }
    }
    return Elementary.exp2(-(sum / Double(nodeCounts.count)) / growing.lengths[settings.sample])
  }

  /// Takes a row in among the last ones, with its inputs as they were taken.
  package mutating func learn(_ row: Span<Double>) {
    let place = Int(learned % UInt64(settings.recent))
    let (block, start) = (place / Self.rowsPerBlock, place % Self.rowsPerBlock * inputs)
    if block == blocks.count {
      blocks.append([])
      blocks[block].reserveCapacity(min(Self.rowsPerBlock, settings.recent - place) * inputs)
      changedBlocks.append(true)
    }
    for input in 0..<inputs {
      if start + input == blocks[block].count {
        blocks[block].append(row[input])
      } else {
        blocks[block][start + input] = row[input]
      }
    }
    changedBlocks[block] = true
    learned += 1
    let sample = UInt64(settings.sample)
    if learned >= sample, (learned - sample) % settings.interval == 0 { grow() }
  }

  private mutating func grow() {
    var draws = SeededDraws(seed: settings.seed, number: grown)
    // As many of the rows as a sample has, each with the same chance: Knuth, The Art of Computer Programming, 3.4.2, algorithm S.
    let count = Int(min(learned, UInt64(settings.recent)))
    var missing = settings.sample
    growing.values.removeAll(keepingCapacity: true)
    for row in 0..<count where draws.index(below: count - row) < missing {
      missing -= 1
      let start = row % Self.rowsPerBlock * inputs
      growing.values.append(contentsOf: blocks[row / Self.rowsPerBlock][start..<start + inputs])
    }
    growing.grow(&draws)
    let tree = Int(grown % UInt64(settings.trees))
    set(tree, growing.nodes)
    grown += 1
  }

  /// - Parameter tree: one that there is, or the next.
  private mutating func set(_ tree: Int, _ nodes: [IsolationTree.Node]) {
    let (group, first) = (tree / IsolationTree.width, tree % IsolationTree.width * room)
    if group == self.nodes.count {
      self.nodes.append(Array(repeating: .root, count: room * IsolationTree.width))
    }
    if tree == nodeCounts.count {
      nodeCounts.append(0)
      changedTrees.append(true)
    }
    for number in nodes.indices { self.nodes[group][first + number] = nodes[number] }
    nodeCounts[tree] = nodes.count
    changedTrees[tree] = true
  }

  // MARK: State

  /// Memory of its rows and trees.
  package var memoryBytes: Int {
    blocks.reduce(0) { $0 + $1.capacity * 8 }
      + nodes.reduce(0) { $0 + $1.capacity * MemoryLayout<IsolationTree.Node>.stride }
  }

  package mutating func forgetChanges() {
    for block in changedBlocks.indices { changedBlocks[block] = false }
    for tree in changedTrees.indices { changedTrees[tree] = false }
  }

  /// What is no block and no tree.
  package func encode(into writer: inout ByteWriter) {
    writer.write(learned)
    writer.write(grown)
  }

  package func encode(block: Int, into writer: inout ByteWriter) {
    for value in blocks[block] { writer.write(value) }
  }

  package func encode(tree: Int, into writer: inout ByteWriter) {
    let first = tree % IsolationTree.width * room
    IsolationTree.encode(Array(nodes[tree / IsolationTree.width][first..<first + nodeCounts[tree]]), into: &writer)
  }

  /// - Parameters:
  ///   - blocks: their bytes by their numbers.
  ///   - trees: likewise.
  package init(
    _ settings: Settings,
    inputs: Int,
    from reader: inout ByteReader,
    blocks: [Int: [UInt8]],
    trees: [Int: [UInt8]]
  ) throws(MalformedBytes) {
    self.init(settings, inputs: inputs)
    learned = try reader.read()
    grown = try reader.read()
    let sample = UInt64(settings.sample)
    guard learned < 1 << 62 else { throw reader.malformed("a count") }
    guard grown == (learned < sample ? 0 : (learned - sample) / settings.interval + 1) else {
      throw reader.malformed("as many trees as were due")
    }
    let rows = Int(min(learned, UInt64(settings.recent)))
    for block in 0..<(rows + Self.rowsPerBlock - 1) / Self.rowsPerBlock {
      let values = min(rows - block * Self.rowsPerBlock, Self.rowsPerBlock) * inputs
      guard let bytes = blocks[block], bytes.count == values * 8 else {
        throw reader.malformed("block \(block) of rows")
      }
      self.blocks.append(try Self.values(bytes))
      changedBlocks.append(true)
    }
    for tree in 0..<Int(min(grown, UInt64(settings.trees))) {
      guard let bytes = trees[tree] else { throw reader.malformed("tree \(tree)") }
      set(tree, try IsolationTree.nodes(bytes, inputs: inputs, sample: settings.sample, depth: growing.depth))
    }
  }

  private static func values(_ bytes: [UInt8]) throws(MalformedBytes) -> [Double] {
    var reader = ByteReader(bytes)
    var values: [Double] = []
    values.reserveCapacity(bytes.count / 8)
    while !reader.isAtEnd {
      let value = try reader.read(Double.self)
      guard value.isNaN || abs(value) <= RunningScale.greatest else { throw reader.malformed("a value, or none") }
      values.append(value)
    }
    return values
  }
}
