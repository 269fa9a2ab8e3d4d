import Checkpoints
import Dataflow
import Plan
import Records
import Supervisor
import TestSupport

/// What `RunSupervisor` does, around the real coordinator and the real planner of epochs.
final class SimulatedSupervisor {
  let access: DiskAccess
  private(set) var coordinator: Coordinator
  private let planner: CheckpointedRun
  private unowned let simulation: Simulation
  /// Which process is let in at each place.
  private var addresses: [WorkerID: Int] = [:]
  private(set) var warnings: [String] = []
  var stalledUntil = 0
  /// What was asked for and has not been answered, and the version that was in force.
  private var change: (asked: RunChange, before: String?)?

  /// - Parameter version: of the file that the run is started with.
  init(_ workers: [Int], version: Int, policy: CheckpointPolicy, _ simulation: Simulation) throws(SupervisorError) {
    self.simulation = simulation
    let access = DiskAccess(simulation.disk)
    self.access = access
    coordinator = Coordinator(policy: policy)
    let job = simulation.job
    let letters = simulation.disk.letters
    let numbers = Numbers(workers)
    planner = CheckpointedRun(
      job.pipeline(workers, version: version),
      policy: policy,
      store: CheckpointStore(access),
      directory: "memory",
      inputFacts: [:],
      letters: SimulatedLetters(file: letters, access: access),
      replan: { (file, wanted) throws(SupervisorError) in
        for index in job.stages.indices { numbers.workers[index] = wanted[job.stages[index].name] ?? workers[index] }
        return job.pipeline(numbers.workers, version: file.flatMap(Int.init) ?? version)
      }
    )
    try begin(after: nil)
  }

  private struct SimulatedLetters: LetterPlace {
    let file: PlainFile
    let access: DiskAccess

    var isThere: Bool { !file.bytes.isEmpty }
    func open() throws(StorageError) -> PublishedFile { PublishedFile(OpenedFile("letters", file, access)) }
  }

  private final class Numbers {
    var workers: [Int]
    init(_ workers: [Int]) { self.workers = workers }
  }

  // MARK: What happens

  /// Looks what has come, as the real loop does in one round.
  func act() throws(SupervisorError) {
    for process in simulation.senders() {
      var left = simulation.pick(1...5)
      while left > 0, let bytes = process.takeSent() {
        left -= 1
        guard let message = try? ControlMessage(decoding: bytes) else { continue }
        try receive(message, process.id, process.incarnation)
      }
    }
    while let exit = simulation.takeExit() {
      simulation.trace("\(exit.id) ended")
      try perform(coordinator.exited(exit.id, cause: exit.cause))
    }
    try perform(coordinator.tick(now: simulation.clock))
    answer()
  }

  private func receive(_ message: ControlMessage, _ id: WorkerID, _ incarnation: Int) throws(SupervisorError) {
    if case .hello = message, addresses[id] != incarnation {
      // There is one process at a place: whoever was let in before is dead.
      addresses[id] = incarnation
    }
    guard addresses[id] == incarnation else { return }
    simulation.trace("\(id)#\(incarnation) says \(message.kind)")
    try perform(coordinator.receive(message, from: id, now: simulation.clock))
  }

  func interrupt() throws(SupervisorError) { try perform(coordinator.interrupt()) }

  func rescale(_ stage: String, to workers: Int) throws(SupervisorError) {
    guard coordinator.isFlowing else { return }
    try planner.rescale(stage, to: workers)
    try perform(coordinator.rescale())
  }

  /// Somebody wants another version.
  ///
  /// - Returns: whether the run goes over to it, unless something fails.
  func apply(_ version: Int) throws(SupervisorError) -> Bool {
    guard coordinator.isFlowing, planner.version != simulation.job.versions[version] else { return false }
    answer()
    let before = planner.version
    let name = try planner.apply("\(version)")
    change = (RunChange(version: name, epoch: coordinator.epoch), before)
    try perform(coordinator.rescale())
    return true
  }

  /// Tells who asked for a version what became of it.
  private func answer() {
    guard let change, let outcome = change.asked.outcome(coordinator, version: planner.version) else { return }
    self.change = nil
    simulation.trace("told: \(outcome)")
    simulation.noteAnswer(outcome, from: change.before, to: planner.version)
  }

  // MARK: What is to be done

  private func begin(after end: Coordinator.EpochEnd?) throws(SupervisorError) {
    let epoch = try planner.nextEpoch(after: end) { "\($0)-\($1.stage)-\($1.worker)-\($2.stage)-\($2.worker)" }
    simulation.noteEpoch(ofVersion: planner.version)
    simulation.trace("epoch \(epoch.number), next checkpoint \(epoch.nextCheckpoint)")
    warnings += epoch.warnings
    let actions = coordinator.begin(
      epoch.workers,
      epoch: epoch.number,
      nextCheckpoint: epoch.nextCheckpoint,
      now: simulation.clock
    )
    try perform(actions)
  }

  private func perform(_ actions: [Coordinator.Action]) throws(SupervisorError) {
    for action in actions {
      if access.isDead { return }
      switch action {
      case .send(let message, let id):
        simulation.trace("to \(id): \(message.kind)")
        if let incarnation = addresses[id] { simulation.deliver(message, to: incarnation) }
      case .start(let worker):
        addresses[worker.id] = nil
        simulation.start(worker.id)
      case .kill(let worker):
        simulation.trace("kill \(worker.id)")
        addresses[worker.id] = nil
        simulation.kill(worker.id)
      case .commit(let checkpoint): try commit(checkpoint)
      case .restart(let end):
        simulation.trace("\(end)")
        warnings.append("\(end)")
        try begin(after: end)
      case .warn(let text): warnings.append(text)
      case .terminate: break
      }
    }
  }

  private func commit(_ checkpoint: Coordinator.Checkpoint) throws(SupervisorError) {
    let actions: [Coordinator.Action]
    do throws(SupervisorError) {
      warnings += try planner.commit(checkpoint)
      simulation.noteCommit()
      simulation.trace("committed \(checkpoint.number)")
      actions = coordinator.committed(checkpoint.number)
    } catch {
      simulation.noteCommit()
      actions = coordinator.notCommitted(checkpoint.number, cause: "\(error)")
    }
    try perform(actions)
  }
}

extension ControlMessage {
  /// What it says, in short.
  var kind: String { String("\(self)".prefix(150)) }
}
