import Dataflow
import Foundation
import Records
import Synchronization
import TestSupport
import WindowStage

/// What a store of checkpoints keeps of one worker: for each block the bytes written last.
final class SavedBlocks: StateWriter {
  private(set) var bytes: [StateBlock: [UInt8]] = [:]
  /// Refuses the block after so many.
  private let room: Int

  init(room: Int = .max) { self.room = room }

  func write(_ block: StateBlock, _ bytes: Span<UInt8>) throws(StateWriteError) {
    guard self.bytes.count < room else { throw StateWriteError("no room") }
    self.bytes[block] = bytes.indices.map { bytes[$0] }
  }
}

/// Writes a snapshot on a thread of its own.
final class Writing: Sendable {
  private let blocks = Mutex<[StateBlock: [UInt8]]>([:])
  private let isDone = DispatchSemaphore(value: 0)

  init(_ snapshot: any StateSnapshot) {
    Thread.detachNewThread { [self] in
      let saved = SavedBlocks()
      try? snapshot.write(to: saved)
      blocks.withLock { $0 = saved.bytes }
      isDone.signal()
    }
  }

  /// What was written, once all is.
  func finish() -> [StateBlock: [UInt8]] {
    isDone.wait()
    return blocks.withLock { $0 }
  }
}

/// A window stage that can be kept in an array.
class StageBox {
  var writing: Writing?

  /// What runs a plan.
  static func of(_ plan: WindowPlan) -> StageBox {
    guard let resolution = plan.resolution else { return BoxedStage(WindowLogic(plan)) }
    return BoxedStage(CellLogic(plan, resolution: resolution))
  }

  func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {}
  func snapshot(isFull: Bool) -> (any StateSnapshot)? { nil }
  func restore(_ block: StateBlock, from origin: Int, _ bytes: Span<UInt8>) throws(StageFailure) {}
  func endRestore() throws(StageFailure) {}
}

final class BoxedStage<Logic: StageLogic & ~Copyable>: StageBox {
  var logic: Logic

  init(_ logic: consuming Logic) { self.logic = logic }

  override func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
    try logic.process(batch, into: &effects)
  }

  override func snapshot(isFull: Bool) -> (any StateSnapshot)? { logic.snapshot(isFull: isFull) }

  override func restore(_ block: StateBlock, from origin: Int, _ bytes: Span<UInt8>) throws(StageFailure) {
    try logic.restore(block, from: origin, bytes)
  }

  override func endRestore() throws(StageFailure) { try logic.endRestore() }
}

/// The workers of a window stage, each with the rows of its key groups and with what is saved of it.
struct WindowWorkers: ~Copyable {
  let plan: WindowPlan
  /// A worker's blocks after its last snapshot.
  private(set) var saved: [[StateBlock: [UInt8]]] = []
  private var logics: [StageBox] = []

  init(_ plan: WindowPlan, count: Int) {
    self.plan = plan
    for _ in 0..<count {
      logics.append(.of(plan))
      saved.append([:])
    }
  }

  /// Workers that go on from what others saved.
  init(_ plan: WindowPlan, count: Int, from old: [[StateBlock: [UInt8]]], _ random: inout SeededRandom) throws {
    self.init(plan, count: count)
    for worker in 0..<count {
      var origins: Set<Int> = []
      for (origin, blocks) in old.enumerated() {
        for (block, bytes) in blocks.shuffled(using: &random)
        where KeyGroups.worker(ofGroup: Int(block.group), workers: count) == worker {
          try logics[worker].restore(block, from: origin, bytes.span)
          origins.insert(origin)
          saved[worker][block] = bytes
        }
      }
      try logics[worker].endRestore()
      // From several workers the numbers of blocks begin anew.
      if origins.count > 1 { saved[worker] = [:] }
    }
  }

  /// Runs the workers over `rows` in batches of random sizes; with snapshots between them, the last one at the end.
  mutating func run(_ rows: [Row], _ random: inout SeededRandom) throws -> [Row] {
    var results: [Row] = []
    for worker in logics.indices {
      let key = plan.key
      let own = rows.filter { KeyGroups.worker(ofGroup: $0.values[key].keyGroup, workers: logics.count) == worker }
      var effects = StageEffects()
      var rest = own[...]
      while !rest.isEmpty {
        let size = random.chance(oneIn: 3) ? 1 : Int.random(in: 1...100, using: &random)
        try logics[worker].process(.of(plan.inputSchema, Array(rest.prefix(size))), into: &effects)
        rest = rest.dropFirst(size)
        for rows in effects.rows { results += rows.assembled().rows }
        effects.rows.removeAll()
        if random.chance(oneIn: 6) { snapshot(worker, &random) }
      }
      settle(worker)
      keep(worker, random.chance(oneIn: 3))
      settle(worker)
    }
    return results
  }

  /// Takes a snapshot that is written meanwhile, or let go, or fails.
  private mutating func snapshot(_ worker: Int, _ random: inout SeededRandom) {
    settle(worker)
    let isFull = random.chance(oneIn: 4)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: _ = logics[worker].snapshot(isFull: isFull)
    case 1:
      let written = SavedBlocks(room: Int.random(in: 0..<20, using: &random))
      do throws(StateWriteError) {
        try logics[worker].snapshot(isFull: isFull)?.write(to: written)
        saved[worker].merge(written.bytes) { _, new in new }
      } catch {
        // What was written of it before is given up with it.
      }
    default: keep(worker, isFull)
    }
  }

  private func keep(_ worker: Int, _ isFull: Bool) {
    guard let snapshot = logics[worker].snapshot(isFull: isFull) else { return }
    logics[worker].writing = Writing(snapshot)
  }

  private mutating func settle(_ worker: Int) {
    guard let writing = logics[worker].writing else { return }
    logics[worker].writing = nil
    saved[worker].merge(writing.finish()) { _, new in new }
  }
}

extension Value {
  /// The key group of a key.
  var keyGroup: Int {
    switch self {
    case .int(let value): KeyGroups.group(ofHash: StableHash.of(value))
    case .text(let text): KeyGroups.group(ofHash: StableHash.of(Array(text.utf8).span))
    default: 0
    }
  }
}
