import Checkpoints
import Dataflow
import Plan
import Records
import Supervisor
import TestSupport

/// One seed: a job, run after run on one disk until its results are whole, under a scheduler that the seed fixes and that does
/// to it what a machine may.
final class Simulation {
  let job: RandomJob
  let disk: Disk
  let copies: Bool
  /// Turns that a state takes on its way to the disk, about.
  let savingTurns: Int
  private(set) var turn = 0
  private(set) var clock: Int64 = 1
  private let expected: Undisturbed
  /// What versions are in force, one after the other, and what must come of them; nil where the job has none.
  private var versions: VersionJudge?
  /// The version of the file that the next run is started with.
  private var file = 0
  private var random: SeededRandom
  private var supervisor: SimulatedSupervisor?
  private var processes: [SimulatedProcess] = []
  /// Those that are dead and whose last words are on their way.
  private var dead: [SimulatedProcess] = []
  private var exits: [Exit] = []
  private var wires: [String: Wire] = [:]
  private var hostility: Hostility
  private var failure: SimulationFailure?
  private var incarnations = 0
  private var clockStands = 0
  private let tracing: Bool
  private(set) var traceHash: UInt64 = 0
  private let policy: CheckpointPolicy
  private var runs = 0
  private var isInterrupted = false

  struct Exit {
    let id: WorkerID
    let incarnation: Int
    let cause: String?
    /// The turn at which it is seen.
    let turn: Int
  }

  /// - Parameter tracing: prints what happens.
  init(seed: UInt64, tracing: Bool = false) throws {
    self.tracing = tracing
    var jobRandom = SeededRandom(seed: seed)
    job = try RandomJob(&jobRandom)
    expected = try Undisturbed(job)
    versions = try VersionJudge(job, first: expected)
    random = SeededRandom(seed: seed ^ 0x5EED)
    disk = Disk(Trouble(SeededRandom(seed: seed ^ 0xD15C)))
    copies = random.chance(oneIn: 2)
    savingTurns = [1, 4, 30].randomElement(using: &random) ?? 1
    hostility = Hostility(&random)
    policy = CheckpointPolicy(
      interval: [1_000_000, 20_000_000, 200_000_000].randomElement(using: &random) ?? 1,
      attempts: 1000
    )
  }

  // MARK: Chance

  func chance(oneIn count: Int) -> Bool { random.chance(oneIn: count) }
  func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

  func trace(_ text: @autoclosure () -> String) { if tracing { print("\(turn) \(text())") } }

  /// Two runs of one seed draw the same numbers at every turn, or differ here.
  private func mark() {
    var next = random
    traceHash = (traceHash &+ UInt64(processes.count)) &* 0x9E37_79B9_7F4A_7C15 ^ next.next()
  }

  // MARK: The run

  private static let mostTurns = 200_000
  private static let mostRuns = 60

  /// Runs to the end; throws where what comes out is not what must.
  func run() throws {
    while try !runOnce() {
      runs += 1
      guard runs < Self.mostRuns else { throw SimulationFailure("it does not end in \(runs) runs\n\(state)") }
    }
    if let failure { throw failure }
    try checkEnd()
  }

  /// One run of the program.
  ///
  /// - Returns: whether the results are whole.
  private func runOnce() throws -> Bool {
    trace("run \(runs)")
    defer { endAll() }
    disk.trouble.end()
    isInterrupted = false
    do throws(SupervisorError) {
      supervisor = try SimulatedSupervisor(job.workers(&random), version: file, policy: policy, self)
      while let supervisor, supervisor.coordinator.outcome == nil {
        try takeTurn(supervisor)
        if let failure { throw SupervisorError(failure.description) }
      }
    } catch {
      if let failure { throw SimulationFailure("\(failure)\n\(state)") }
      trace("run failed: \(error)")
      guard supervisor?.access.isDead == true || disk.trouble.hasStruck else {
        throw SimulationFailure("\(error)\n\(state)")
      }
      return false
    }
    switch supervisor?.coordinator.outcome {
    case .completed?: return true
    case .interrupted?, nil: return false
    case .failed(let worker, let cause)?:
      trace("run failed: \(worker ?? "") \(cause)")
      // A stop that does not end well has stopped all the same.
      guard disk.trouble.hasStruck || isInterrupted else {
        throw SimulationFailure("\(worker ?? "") failed: \(cause)\n\(state)")
      }
      return false
    case .outputClosed?: throw SimulationFailure("nobody has closed the output")
    }
  }

  private func takeTurn(_ supervisor: SimulatedSupervisor) throws(SupervisorError) {
    turn += 1
    mark()
    guard turn - hostility.lastTurn < Self.mostTurns else {
      return fail("it does not end")
    }
    if clockStands > 0 { clockStands -= 1 } else { clock += .random(in: 0...400_000, using: &random) }
    if let event = hostility.event(at: turn, &random) { try perform(event, supervisor) }
    if self.supervisor == nil { return }
    let place = Int.random(in: 0...processes.count, using: &random)
    guard place < processes.count else {
      guard supervisor.stalledUntil <= turn else { return }
      try supervisor.act()
      if supervisor.access.isDead { self.supervisor = nil }
      return
    }
    let process = processes[place]
    guard process.stalledUntil <= turn else { return }
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      process.act()
      if process.hasEnded || process.access.isDead { return bury(place) }
    }
  }

  private func bury(_ place: Int) {
    let process = processes.remove(at: place)
    trace("\(process.id)#\(process.incarnation) dies")
    if !process.hasEnded || process.access.isDead { process.die(&random) }
    dead.append(process)
    let exit = Exit(
      id: process.id,
      incarnation: process.incarnation,
      cause: process.cause,
      turn: turn + Int.random(in: 0...100, using: &random)
    )
    exits.append(exit)
  }

  private func endAll() {
    for process in processes { process.die(&random) }
    supervisor?.access.die()
    supervisor = nil
    processes = []
    dead = []
    exits = []
    wires = [:]
  }

  // MARK: What the supervisor needs

  /// Everybody whose messages may have come, in any order.
  func senders() -> [SimulatedProcess] {
    // What a process has said comes before what its successor says.
    let silenced = dead.filter { !$0.outbox.isEmpty }
    let living = processes.filter { process in
      !process.outbox.isEmpty && !silenced.contains { $0.id == process.id }
    }
    return (living + silenced).shuffled(using: &random)
  }

  /// A process whose end is seen now: its last words have come.
  func takeExit() -> Exit? {
    guard let place = exits.firstIndex(where: { $0.turn <= turn }) else { return nil }
    let exit = exits.remove(at: place)
    dead.removeAll { $0.incarnation == exit.incarnation }
    return exit
  }

  func deliver(_ message: ControlMessage, to incarnation: Int) {
    processes.first { $0.incarnation == incarnation }?.deliver(message)
  }

  func start(_ id: WorkerID) {
    exits.removeAll { $0.id == id }
    incarnations += 1
    trace("start \(id)#\(incarnations)")
    let process = SimulatedProcess(id, incarnation: incarnations, self)
    if random.chance(oneIn: 4) { process.stalledUntil = turn + Int.random(in: 0...300, using: &random) }
    processes.append(process)
  }

  func kill(_ id: WorkerID) {
    while let place = processes.firstIndex(where: { $0.id == id }) { bury(place) }
    exits.removeAll { $0.id == id }
  }

  // MARK: What processes need

  func bind(_ endpoint: String) -> Wire {
    let wire = Wire(endpoint, capacity: Int.random(in: 1...4, using: &random))
    wires[endpoint] = wire
    return wire
  }

  func connect(_ endpoint: String) -> Wire { wires[endpoint] ?? Wire(endpoint, capacity: 1) }

  // MARK: The judge

  /// Every byte that is shown has to be the next of the undisturbed run's, and committed where it is a file's.
  func judge(_ bytes: [UInt8], at offset: Int, of sink: String) {
    let end = offset + bytes.count
    let right = expected.results[sink] ?? []
    // Where each row may be of one version or another, all of it is judged at the end.
    guard versions != nil || end <= right.count && right[offset..<end].elementsEqual(bytes) else {
      let text = String(decoding: right.dropFirst(offset).prefix(bytes.count), as: UTF8.self)
      fail(
        "at byte \(offset) of \(right.count) of \(sink) stands\n\(String(decoding: bytes, as: UTF8.self))\nnot\n\(text)"
      )
      return
    }
    let committed = disk.committed[sink] ?? 0
    if sink != job.printer, end > committed { fail("\(end) bytes are shown, of which \(committed) are committed") }
  }

  /// An epoch begins.
  func noteEpoch(ofVersion version: String?) {
    guard versions != nil, let version, let index = job.versions.firstIndex(of: version) else { return }
    versions?.note(index)
    // What has been printed of a version can be gone on with by no other.
    if job.printer != nil { file = index }
  }

  /// Who asked for a version is told what became of it.
  func noteAnswer(_ outcome: RunChange.Outcome, from before: String?, to now: String?) {
    switch outcome {
    case .done: if now == before { fail("version \(now ?? "") is said to be in force anew") }
    case .dropped(let version):
      if now != before || now == version { fail("\(version) was dropped, and \(now ?? "") followed \(before ?? "")") }
    case .ended: break
    }
  }

  /// Looks how much of the results checkpoints hold.
  func noteCommit() {
    for name in disk.storage.files.keys where name.hasPrefix("checkpoint-") {
      guard let bytes = disk.storage.files[name], let manifest = try? Manifest(decoding: bytes) else { continue }
      for stage in manifest.stages {
        if let output = stage.output { disk.committed[stage.name] = max(disk.committed[stage.name] ?? 0, output.end) }
      }
    }
  }

  private func fail(_ text: String) { if failure == nil { failure = SimulationFailure(text) } }

  private func checkEnd() throws {
    for sink in job.stages.filter(\.isSink).map(\.name) {
      let results = results(of: sink)
      if versions != nil {
        try versions?.take(results, of: sink)
        continue
      }
      let right = expected.results[sink] ?? []
      guard results == right else {
        if tracing { print(job.inputs.mapValues { String(decoding: $0, as: UTF8.self) }, expected.counters) }
        let missing = String(decoding: right.dropFirst(results.count), as: UTF8.self)
        throw SimulationFailure(
          "\(results.count) bytes of results of \(sink), not \(right.count); behind them belong\n\(missing)"
        )
      }
    }
    try versions?.check()
    let letters = String(decoding: disk.letters.bytes, as: UTF8.self).split(separator: "\n").map(String.init).sorted()
    guard letters == expected.letters else {
      throw SimulationFailure("dead letters are\n\(letters)\nnot\n\(expected.letters)")
    }
    guard let manifest = try CheckpointStore(disk.storage).latest().manifest, manifest.isComplete else {
      throw SimulationFailure("no checkpoint at the end is complete")
    }
    try check(manifest)
  }

  private func results(of sink: String) -> [UInt8] {
    sink == job.printer ? disk.terminal.bytes : disk.results[sink]?.bytes ?? []
  }

  private func check(_ manifest: Manifest) throws {
    for (stage, right) in zip(job.stages, expected.counters) {
      let counters = manifest.stages.first { $0.name == stage.name }?.counters
      if stage.isSink {
        guard counters?.rowsOut == right.rowsOut else {
          throw SimulationFailure("\(stage.name) shows \(counters?.rowsOut ?? -1) rows, not \(right.rowsOut)")
        }
        continue
      }
      guard counters?.rowsIn == right.rowsIn, counters?.late == right.late, counters?.copied == right.copied,
        counters?.deadLetters == right.deadLetters
      else { throw SimulationFailure("\(stage.name) counts \(String(describing: counters)), not \(right)") }
    }
    let filtered = manifest.stages.reduce(0) { $0 + $1.counters.filtered }
    let rightFiltered = expected.counters.reduce(0) { $0 + $1.filtered }
    guard filtered == rightFiltered else {
      throw SimulationFailure("\(filtered) rows are filtered, not \(rightFiltered)")
    }
  }

  // MARK: What is done to it

  private func perform(_ event: Hostility.Event, _ supervisor: SimulatedSupervisor) throws(SupervisorError) {
    trace("\(event)")
    let late = turn + Int.random(in: 1...2000, using: &random)
    switch event {
    case .killWorker:
      guard !processes.isEmpty else { return }
      let place = Int.random(in: processes.indices, using: &random)
      if random.chance(oneIn: 3) {
        processes[place].access.die(after: Int.random(in: 0...5, using: &random))
      } else {
        bury(place)
      }
    case .killCoordinator:
      if random.chance(oneIn: 2) {
        supervisor.access.die(after: Int.random(in: 0...8, using: &random))
      } else {
        self.supervisor = nil
      }
    case .crash:
      guard job.printer == nil else { return }
      endAll()
      disk.crash(&random)
    case .trouble: disk.trouble.begin()
    case .rescale:
      guard let stage = job.stages.randomElement(using: &random) else { return }
      try supervisor.rescale(stage.name, to: stage.isLearning ? 1 : .random(in: 1...4, using: &random))
    case .apply:
      guard let version = job.versions.indices.randomElement(using: &random) else { return }
      // The file stands there whatever becomes of the run.
      if try supervisor.apply(version), job.printer == nil { file = version }
    case .interrupt:
      isInterrupted = true
      try supervisor.interrupt()
    case .jump: clock += .random(in: 0...20_000_000_000, using: &random)
    case .standStill: clockStands = Int.random(in: 1...3000, using: &random)
    case .stall:
      guard !processes.isEmpty else {
        supervisor.stalledUntil = late
        return
      }
      processes[Int.random(in: processes.indices, using: &random)].stalledUntil = late
    case .delayControl:
      guard let process = processes.randomElement(using: &random) else { return }
      process.inboxLateUntil = late
      process.outboxLateUntil = turn + Int.random(in: 1...2000, using: &random)
    case .delayWire: liveWires.randomElement(using: &random)?.lateUntil = late
    case .dropConnection: _ = liveWires.filter { !$0.isCut }.randomElement(using: &random)?.drop(&random)
    case .damage:
      // The disk is harmed while nobody looks; what only the newest checkpoint needs, for there is nothing to go back to else.
      endAll()
      // What was shown of one version stands in the file; the other cannot make it again.
      if versions == nil { damageNewest() }
    }
  }

  private var liveWires: [Wire] { processes.flatMap { $0.epoch?.inputs ?? [] } }

  private func damageNewest() {
    let manifests = disk.storage.files.keys.filter { $0.hasPrefix("checkpoint-") && !$0.hasSuffix("temporary") }
      .sorted()
    let sound = manifests.compactMap { name in disk.storage.files[name].flatMap { try? Manifest(decoding: $0) } }
    guard let newest = sound.last, sound.count > 1 else { return }
    let before = Set(sound.dropLast().flatMap { $0.stateFiles.map(\.name) + $0.stagedRanges.map(\.file) })
    let own = (newest.stateFiles.map(\.name) + newest.stagedRanges.map(\.file)).filter { !before.contains($0) }
    guard let name = (own + [manifests[manifests.count - 1]]).randomElement(using: &random) else { return }
    trace("damage \(name)")
    disk.damage(name, &random)
  }

  private var state: String {
    let lines =
      ["turn \(turn), clock \(clock), run \(runs), \(processes.count) processes"]
      + (supervisor.map { ["epoch \($0.coordinator.epoch), outcome \(String(describing: $0.coordinator.outcome))"] }
        ?? [])
      + (supervisor?.warnings.suffix(10).map { "! \($0)" } ?? []) + processes.map(\.description)
      + liveWires.map(\.description)
    return lines.map { "  \($0)" }.joined(separator: "\n")
  }
}
