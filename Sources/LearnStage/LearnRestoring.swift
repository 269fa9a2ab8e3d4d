package import Dataflow
internal import Models
internal import Records

/// What was given back of a saved state so far.
struct Restoration {
  var head: [UInt8]?
  var segments: [UInt32: [UInt8]] = [:]
  var recentRows: [Int: [UInt8]] = [:]
  var trees: [Int: [UInt8]] = [:]
}

extension LearnLogic {
  package mutating func restore(
    _ block: StateBlock,
    from origin: Int,
    _ bytes: Span<UInt8>
  ) throws(StageFailure) {
    guard block.group == KeyGroups.count, origin == 0, let kind = BlockKind(rawValue: block.kind) else {
      throw .damagedModel("there is a block that belongs to no learn stage")
    }
    let copy = bytes.indices.map { bytes[$0] }
    switch kind {
    case .head: restoration.head = copy
    case .segment: restoration.segments[block.number] = copy
    case .recentRows: restoration.recentRows[Int(block.number)] = copy
    case .tree: restoration.trees[Int(block.number)] = copy
    }
  }

  package mutating func endRestore() throws(StageFailure) {
    defer { restoration = Restoration() }
    guard let head = restoration.head else {
      guard restoration.segments.isEmpty, restoration.recentRows.isEmpty, restoration.trees.isEmpty else {
        throw .damagedModel("there are blocks and no head")
      }
      return
    }
    do throws(MalformedBytes) { learner = try Learner(plan, head, restoration) } catch {
      throw .damagedModel("\(error.expected) was expected at byte \(error.offset)")
    }
  }
}

extension Learner {
  init(_ plan: LearnPlan, _ head: [UInt8], _ restoration: Restoration) throws(MalformedBytes) {
    self.init(plan)
    var reader = ByteReader(head)
    guard try reader.read(UInt32.self) == Self.layout else { throw reader.malformed("layout \(Self.layout)") }
    counts.learned = try reader.readCount()
    counts.frauds = try reader.readCount()
    counts.silent = try reader.readCount()
    counts.unlabelled = try reader.readCount()
    counts.unmatched = try reader.readCount()
    validation = try Validation(from: &reader)
    let inputs = plan.inputs.count
    logistic = try reader.readOptional { (reader) throws(MalformedBytes) in
      guard case .logistic(let settings) = plan.model else { throw reader.malformed("a model of the plan's kind") }
      return try OnlineLogistic(settings, inputs: inputs, from: &reader)
    }
    forest = try reader.readOptional { (reader) throws(MalformedBytes) in
      guard case .isolationForest(let settings) = plan.model else {
        throw reader.malformed("a model of the plan's kind")
      }
      return try IsolationForest(
        settings,
        inputs: inputs,
        from: &reader,
        blocks: restoration.recentRows,
        trees: restoration.trees
      )
    }
    guard logistic != nil || forest != nil else { throw reader.malformed("a model") }
    waiting = try reader.readOptional { (reader) throws(MalformedBytes) in
      try WaitingRows(
        inputs: inputs,
        idIsText: plan.idIsText,
        mayMiss: forest != nil,
        next: try reader.read(),
        live: try reader.read { (reader) throws(MalformedBytes) in try reader.read(UInt64.self) },
        segments: restoration.segments
      )
    }
    guard (waiting == nil) == (plan.labels == nil), reader.isAtEnd else { throw reader.malformed("the end") }
  }
}

extension ByteReader {
  fileprivate mutating func readCount() throws(MalformedBytes) -> Int64 {
    let count: Int64 = try read()
    guard 0..<1 << 62 ~= count else { throw malformed("a count") }
    return count
  }
}

extension StageFailure {
  static func damagedModel(_ what: String) -> StageFailure {
    StageFailure("the checkpoint's state of the model is damaged: \(what); go on from an earlier checkpoint")
  }
}
