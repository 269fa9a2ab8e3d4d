import Dataflow
import Records
import TestSupport

/// A worker of the core with a driver that keeps the rules, in one of two ways: it does whatever it may in any order, or it
/// runs the loop of the real drivers, and sleeps where that would.
final class SimulatedWorker {
  enum Driver: Hashable { case free, stageLoop, sourceLoop }

  /// What a loop does next.
  private enum Phase: Hashable { case sending, receiving, stepping, settling, sleeping }

  let name: String
  private let core: any SimulatedCore
  private let driver: Driver
  private let limit: Int
  private let isOrdered: Bool
  private let inputs: [SimulatedChannel]
  private let outputs: [SimulatedChannel]
  /// Frames that were taken and had no room.
  private var waiting: [Frame?]
  private var received = 0
  /// Rows of frames that were taken from the outputs.
  private var taken = 0
  private var largestFrame = 0
  private var phase = Phase.sending
  private var isBusy: Bool
  private var hadRoom = true
  private(set) var isDone = false
  /// The worker that a busy machine lets run again only at this turn.
  var stalledUntil = 0

  init(
    _ name: String,
    _ core: any SimulatedCore,
    driver: Driver,
    limit: Int,
    isOrdered: Bool,
    inputs: [SimulatedChannel],
    outputs: [SimulatedChannel]
  ) {
    self.name = name
    self.core = core
    self.driver = driver
    self.limit = limit
    self.isOrdered = isOrdered
    self.inputs = inputs
    self.outputs = outputs
    waiting = Array(repeating: nil, count: outputs.count)
    isBusy = inputs.isEmpty
  }

  /// Does one thing.
  ///
  /// - Returns: whether it was of any use.
  func act(_ random: inout SeededRandom) throws -> Bool {
    let isUseful =
      switch driver {
      case .free: try actFreely(&random)
      case .stageLoop: try actAsStage(&random)
      case .sourceLoop: try actAsSource()
      }
    if core.hasEnded, outputs.allSatisfy(\.hasEnded) { isDone = true }
    return isUseful
  }

  /// Does all that it can without anybody else.
  func exhaust(_ random: inout SeededRandom) throws -> Bool {
    var isUseful = false
    if driver == .free {
      for index in inputs.indices { while try receive(on: index, &random) { isUseful = true } }
      while core.hasRoom, try step() { isUseful = true }
      for index in outputs.indices { while try send(on: index, isBusy: false) { isUseful = true } }
    } else {
      for _ in 0..<1000 where !isDone {
        if try act(&random) { isUseful = true }
        if phase == .sleeping, !isAwake { break }
      }
    }
    if core.hasEnded, outputs.allSatisfy(\.hasEnded) { isDone = true }
    return isUseful
  }

  // MARK: Any order

  private func actFreely(_ random: inout SeededRandom) throws -> Bool {
    switch Int.random(in: 0..<3, using: &random) {
    case 0:
      guard let index = outputs.indices.randomElement(using: &random) else { return false }
      return try send(on: index, isBusy: isBusy && core.hasRoom && random.chance(oneIn: 2))
    case 1:
      guard let index = inputs.indices.randomElement(using: &random) else { return false }
      return try receive(on: index, &random)
    default: return try core.hasRoom && step()
    }
  }

  /// Sends one frame, or keeps the one that finds no room.
  private func send(on index: Int, isBusy: Bool) throws -> Bool {
    guard let frame = waiting[index] ?? core.takeFrame(for: index, isBusy: isBusy) else { return false }
    let wasWaiting = waiting[index] != nil
    if !wasWaiting { taken += frame.batch?.rowCount ?? 0 }
    waiting[index] = nil
    let isFull = outputs[index].isFull
    if isFull { waiting[index] = frame } else { try outputs[index].send(frame) }
    core.setBlocked(isFull, index)
    return !(isFull && wasWaiting)
  }

  private func receive(on index: Int, _ random: inout SeededRandom) throws -> Bool {
    guard !inputs[index].isEmpty, core.wants(index) else { return false }
    if isOrdered {
      let queued = inputs[index].queuedRows(after: core.workedOn)
      guard queued < limit else {
        throw SimulationFailure("\(name): wants more than its \(queued) rows of \(inputs[index].name), above \(limit)")
      }
    }
    guard let storage = inputs[index].receive(copied: random.chance(oneIn: 2)) else { return false }
    try core.receive(storage, on: index)
    received += inputs[index].lastRows
    largestFrame = max(largestFrame, inputs[index].lastRows)
    guard received - core.rowsIn < inputs.count * (limit + largestFrame) else {
      throw SimulationFailure("\(name): holds \(received - core.rowsIn) rows")
    }
    return true
  }

  private func step() throws -> Bool {
    guard !core.hasEnded else { return false }
    let step = try core.step()
    isBusy = step == .working
    // At each channel waits what one step has left, and what that left in smaller pieces.
    guard core.rowsOut - taken <= 2 * limit * outputs.count || outputs.isEmpty else {
      throw SimulationFailure("\(name): \(core.rowsOut - taken) rows wait in its outputs")
    }
    return step != .needsInput
  }

  // MARK: The real loops

  /// Sends what there is, on each channel as far as it has room.
  private func sendAll(isBusy: Bool) throws -> (allSent: Bool, any: Bool) {
    var any = false
    for index in outputs.indices {
      while waiting[index] == nil || !outputs[index].isFull {
        guard try send(on: index, isBusy: isBusy) else { break }
        any = true
      }
    }
    return (waiting.allSatisfy { $0 == nil }, any)
  }

  /// Something has happened that wakes a loop that sleeps.
  private var isAwake: Bool {
    inputs.indices.contains { !inputs[$0].isEmpty && core.wants($0) }
      || outputs.indices.contains { waiting[$0] != nil && !outputs[$0].isFull }
  }

  private func actAsStage(_ random: inout SeededRandom) throws -> Bool {
    switch phase {
    case .sending:
      phase = .receiving
      return try sendAll(isBusy: isBusy).any
    case .receiving:
      phase = .stepping
      var any = false
      for index in inputs.indices {
        var left = Int.random(in: 1...4, using: &random)
        while left > 0, try receive(on: index, &random) {
          any = true
          left -= 1
        }
      }
      return any
    case .stepping:
      hadRoom = core.hasRoom
      isBusy = false
      let any = try hadRoom && step()
      phase = isBusy ? .sending : .settling
      return any
    case .settling:
      let (isIdle, any) = try sendAll(isBusy: false)
      phase = isIdle && core.hasEnded || !hadRoom && core.hasRoom ? .sending : .sleeping
      return any
    case .sleeping:
      if isAwake { phase = .sending }
      return false
    }
  }

  private func actAsSource() throws -> Bool {
    switch phase {
    case .sending:
      let any = try sendAll(isBusy: isBusy).any
      if core.hasRoom, !core.hasEnded {
        phase = .stepping
      } else if isBusy {
        isBusy = false
      } else {
        phase = .sleeping
      }
      return any
    case .sleeping:
      if isAwake { phase = .sending }
      return false
    default:
      let any = try step()
      if !isBusy { _ = try sendAll(isBusy: false) }
      phase = .sending
      return any
    }
  }
}

extension SimulatedWorker: CustomStringConvertible {
  var description: String {
    let wanted = inputs.indices.map { core.wants($0) ? "+" : "-" }.joined()
    let full = waiting.map { $0 == nil ? "." : "|" }.joined()
    return """
      \(name) \(driver) \(phase): room \(core.hasRoom), busy \(isBusy), ended \(core.hasEnded), worked on \
      \(core.workedOn), took \(received), used \(core.rowsIn), wants \(wanted), waiting \(full)
      """
  }
}
