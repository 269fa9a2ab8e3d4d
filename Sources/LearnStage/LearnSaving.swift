package import Dataflow
internal import Models
internal import Records
internal import Synchronization

/// What the blocks of a saved state hold; all belong to no key.
enum BlockKind: UInt8 {
  /// The model but for what stands in other blocks, what it was good for, and which blocks there are.
  case head = 1
  /// A segment of the rows that wait.
  case segment = 2
  /// Some of the rows that a forest grows trees over, and a tree.
  case recentRows = 3
  case tree = 4
}

extension LearnLogic {
  package mutating func snapshot(isFull: Bool) -> (any StateSnapshot)? {
    // What was to be written and was not is written now.
    let all = isFull || !(lastWriting?.isDone ?? true)
    var parts: [LearnSnapshot.Part] = []
    if let waiting = learner.waiting {
      for (place, segment) in waiting.segments.enumerated()
      where all || waiting.changed[place] {
        parts.append(.segment(UInt32(truncatingIfNeeded: waiting.numbers[place]), segment))
      }
    }
    if let forest = learner.forest {
      let blocks = forest.changedBlocks.indices.filter { all || forest.changedBlocks[$0] }
      let trees = forest.changedTrees.indices.filter { all || forest.changedTrees[$0] }
      parts.append(.forest(forest, blocks: blocks, trees: trees))
    }
    learner.waiting?.forgetChanges()
    learner.forest?.forgetChanges()
    let writing = Writing()
    lastWriting = writing
    return LearnSnapshot(head: learner.head, parts: parts, writing)
  }
}

extension Learner {
  /// Differs where the state of the model means something else.
  static var layout: UInt32 { 1 }

  var head: [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.layout)
    for count in [counts.learned, counts.frauds, counts.silent, counts.unlabelled, counts.unmatched] {
      writer.write(count)
    }
    validation.encode(into: &writer)
    writer.write(logistic) { $0.encode(into: &$1) }
    writer.write(forest) { $0.encode(into: &$1) }
    writer.write(waiting) { waiting, writer in
      writer.write(waiting.next)
      writer.write(waiting.numbers) { $1.write($0) }
    }
    return writer.bytes
  }
}

/// Tells whether a snapshot was written, without keeping what it holds.
final class Writing: Sendable {
  private let done = Atomic(false)

  var isDone: Bool { done.load(ordering: .acquiring) }

  func conclude() { done.store(true, ordering: .releasing) }
}

/// The state of a learn stage at one place of the stream.
final class LearnSnapshot: StateSnapshot {
  enum Part: Sendable {
    case segment(UInt32, WaitingRows.Segment)
    case forest(IsolationForest, blocks: [Int], trees: [Int])
  }

  private let head: [UInt8]
  private let parts: [Part]
  private let writing: Writing

  init(head: [UInt8], parts: [Part], _ writing: Writing) {
    self.head = head
    self.parts = parts
    self.writing = writing
  }

  func write(to writer: any StateWriter) throws(StateWriteError) {
    let head = head
    try writer.write(block(.head, 0), head.span)
    for part in parts {
      switch part {
      case .segment(let number, let segment):
        try write(block(.segment, Int(number)), to: writer) { segment.encode(into: &$0) }
      case .forest(let forest, let blocks, let trees):
        for number in blocks {
          try write(block(.recentRows, number), to: writer) { forest.encode(block: number, into: &$0) }
        }
        for number in trees { try write(block(.tree, number), to: writer) { forest.encode(tree: number, into: &$0) } }
      }
    }
    writing.conclude()
  }

  private func block(_ kind: BlockKind, _ number: Int) -> StateBlock {
    StateBlock(group: KeyGroups.count, kind: kind.rawValue, number: number)
  }

  private func write(
    _ block: StateBlock,
    to writer: any StateWriter,
    _ encode: (inout ByteWriter) -> Void
  ) throws(StateWriteError) {
    var contents = ByteWriter()
    encode(&contents)
    let bytes = contents.bytes
    try writer.write(block, bytes.span)
  }
}
