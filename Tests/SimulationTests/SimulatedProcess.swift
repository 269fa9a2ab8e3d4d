import Checkpoints
import Dataflow
import Plan
import Records
import TestSupport
import WorkerRuntime

/// A worker's process: the life that `WorkerRun` leads, step by step.
final class SimulatedProcess {
  private enum Life {
    case greeting
    case awaitingPlan
    case awaitingStart(SimulatedEpoch)
    case running(SimulatedEpoch)
    /// It has done all that it had to.
    case concluding(SimulatedEpoch)
    /// The coordinator has been told why.
    case failed
    case ended(cause: String?)
  }

  let id: WorkerID
  let incarnation: Int
  let access: DiskAccess
  private unowned let simulation: Simulation
  private var life = Life.greeting
  private var inbox: [[UInt8]] = []
  private(set) var outbox: [[UInt8]] = []
  /// The turns before which nothing that was sent arrives.
  var inboxLateUntil = 0
  var outboxLateUntil = 0
  /// The turn before which it does not run.
  var stalledUntil = 0

  init(_ id: WorkerID, incarnation: Int, _ simulation: Simulation) {
    self.id = id
    self.incarnation = incarnation
    self.simulation = simulation
    access = DiskAccess(simulation.disk)
  }

  /// Whether it has ended by itself.
  var hasEnded: Bool { if case .ended = life { true } else { false } }
  var cause: String? { if case .ended(let cause) = life { cause } else { "was killed" } }

  var epoch: SimulatedEpoch? {
    switch life {
    case .awaitingStart(let epoch), .running(let epoch), .concluding(let epoch): epoch
    case .greeting, .awaitingPlan, .failed, .ended: nil
    }
  }

  // MARK: The control link

  func send(_ message: ControlMessage) {
    if !access.isDead { outbox.append(message.encoded) }
  }

  func takeSent() -> [UInt8]? {
    outbox.isEmpty || outboxLateUntil > simulation.turn ? nil : outbox.removeFirst()
  }

  func deliver(_ message: ControlMessage) { inbox.append(message.encoded) }

  var hasMail: Bool { !inbox.isEmpty && inboxLateUntil <= simulation.turn }

  /// The next message that has come.
  func nextMail() -> ControlMessage? {
    guard hasMail else { return nil }
    do { return try ControlMessage(decoding: inbox.removeFirst()) } catch { fatalError("\(error)") }
  }

  /// As `ControlLink.next`.
  private func next(mayBeReleased: Bool = false) throws(RuntimeError) -> ControlMessage? {
    while let message = nextMail() {
      if case .alive = message { continue }
      if case .release = message, !mayBeReleased { throw .released }
      if case .abandon = message { throw .abandoned }
      return message
    }
    return nil
  }

  // MARK: Life

  /// Does one thing.
  func act() {
    if let epoch, epoch.isSaving, simulation.chance(oneIn: simulation.savingTurns) {
      epoch.work()
      return
    }
    do throws(RuntimeError) { try live() } catch {
      epoch?.leave()
      switch error.kind {
      case .abandoned: life = .greeting
      case .released: life = .ended(cause: "exited with 1")
      case .failure(let fault):
        if case .failed = life {
          life = .ended(cause: "exited with 1")
        } else {
          send(.failed(message: error.description, fault))
          life = .failed
        }
      }
    }
  }

  private func live() throws(RuntimeError) {
    switch life {
    case .greeting:
      send(.hello)
      life = .awaitingPlan
    case .awaitingPlan:
      guard let message = try next() else { return }
      guard case .assign(let bytes) = message else {
        throw RuntimeError("the coordinator did not begin with a plan but \(message)")
      }
      let plan = try explaining(.permanent) { () throws(MalformedBytes) in try WorkerPlan(decoding: bytes) }
      let epoch = try SimulatedEpoch(plan, self, simulation)
      life = .awaitingStart(epoch)
      send(.ready(endpoints: epoch.inputs.map(\.name)))
    case .awaitingStart(let epoch):
      guard let message = try next() else { return }
      guard case .start(let endpoints) = message else {
        throw RuntimeError("the coordinator did not say where to send rows but \(message)")
      }
      try epoch.begin(endpoints.map { simulation.connect($0) })
      life = .running(epoch)
    case .running(let epoch):
      guard let report = try epoch.act(self, simulation) else { return }
      send(.done(report))
      life = .concluding(epoch)
    case .concluding(let epoch):
      switch try next(mayBeReleased: true) {
      case .release?: life = .ended(cause: nil)
      case .committed(let checkpoint, let isLast)?:
        try epoch.conclude(Committed(checkpoint: checkpoint, isLast: isLast), self)
      case nil, _?: break
      }
    case .failed: if case .release? = try next(mayBeReleased: true) { life = .ended(cause: "exited with 1") }
    case .ended: break
    }
  }

  /// It dies, at once or in the middle of its next work with the disk.
  func die(_ random: inout SeededRandom) {
    for wire in epoch?.inputs ?? [] { wire.cut() }
    for wire in epoch?.outputs ?? [] { wire.loseTail(&random) }
    if let epoch, epoch.isSaving, random.chance(oneIn: 2) {
      access.die(after: Int.random(in: 0...3, using: &random))
      epoch.work()
    }
    access.die()
    // What it said last may be lost.
    if random.chance(oneIn: 3) { outbox.removeLast(Int.random(in: 0...outbox.count, using: &random)) }
  }
}

extension SimulatedProcess: CustomStringConvertible {
  var description: String {
    let state =
      switch life {
      case .greeting: "greets"
      case .awaitingPlan: "awaits its plan"
      case .awaitingStart(let epoch): "awaits the start, \(epoch)"
      case .running(let epoch): "\(epoch)"
      case .concluding(let epoch): "is done, \(epoch)"
      case .failed: "has failed"
      case .ended: "has ended"
      }
    return "\(id.stage)/\(id.worker)#\(incarnation): \(state); \(inbox.count) in its inbox, \(outbox.count) sent"
  }
}
