package import Checkpoints
package import Dataflow
internal import Glibc
package import Plan
package import Records
internal import Telemetry

/// A run whose epochs each go on from the last checkpoint.
package final class CheckpointedRun: EpochPlanner {
  package let policy: CheckpointPolicy?
  private let store: CheckpointStore
  private let directory: String
  private let replan: Replan
  /// The numbers of workers that were asked for while it ran, by stage.
  private var asked: [String: Int] = [:]
  /// The file that was applied last; nil: the one that it was started with.
  private var applied: String?
  /// The file that is to be, from the checkpoint on that ends this epoch.
  private var successor: (plan: PipelinePlan, path: String)?
  private var pipeline: PipelinePlan
  /// What the inputs are, by the sources' names.
  private let inputFacts: [String: [StateFact]]
  private let letters: DeadLetterFile

  private var epoch: UInt32 = 0
  private var firstEpoch: UInt32 = 0
  private var deployment: Deployment?
  /// The checkpoint committed last, or gone on from.
  private var manifest: Manifest?
  /// Whether a sink is behind what it had shown before a failure, at the checkpoint committed last.
  private var isRepeating = false
  /// Checkpoints that a worker could not read.
  private var damaged: Set<UInt64> = []
  /// Files that a checkpoint of this run names or named: what no checkpoint ever named may still be on its way into one.
  private var named: Set<String> = []

  /// The pipeline in a file, or in the one that the run was started with, with other numbers of workers for some stages; an
  /// error says why that cannot be.
  package typealias Replan = (_ file: String?, _ workers: [String: Int]) throws(SupervisorError) -> PipelinePlan

  /// - Parameters:
  ///   - pipeline: as it is to run first.
  ///   - inputFacts: what the input of each source has to be for its places to mean the same.
  ///   - letters: where dead letters go; nil: where the pipeline says.
  ///   - replan: compiles it anew.
  package init(
    _ pipeline: PipelinePlan,
    policy: CheckpointPolicy,
    store: CheckpointStore,
    directory: String,
    inputFacts: [String: [StateFact]],
    letters: (any LetterPlace)? = nil,
    replan: @escaping Replan
  ) {
    self.pipeline = pipeline
    self.policy = policy
    self.store = store
    self.directory = directory
    self.inputFacts = inputFacts
    self.replan = replan
    self.letters = DeadLetterFile(letters ?? LetterPath(path: pipeline.deadLetterPath), store.storage)
  }

  // MARK: Epochs

  package func nextEpoch(
    after end: Coordinator.EpochEnd?,
    endpoint: @escaping (_ epoch: UInt32, _ receiver: WorkerID, _ sender: WorkerID) -> String
  ) throws(SupervisorError) -> PlannedEpoch {
    var warnings: [String] = []
    // What is shown already of the rows to come is of the version before.
    if let successor = successor.take(), end == .rescale, !isRepeating {
      (pipeline, applied) = (successor.plan, successor.path)
    }
    if case .failure(_, _, .checkpoint)? = end, let manifest { damaged.insert(manifest.number) }
    manifest = try latest(&warnings)
    let next = try stored { () throws(StorageError) in try store.nextNumber() }
    guard manifest != nil || next == 1 else {
      let causes = warnings.joined(separator: "\n")
      throw SupervisorError("no checkpoint in \(directory) can be used; start over with --fresh\n\(causes)")
    }
    if end == nil {
      try stored { () throws(StorageError) in try store.removeLeftovers() }
      // A manifest that cannot be read may be all that tells of an epoch whose files are there.
      epoch = try stored { () throws(StorageError) in try store.nextEpoch() } - 1
    } else {
      // Epochs that fail one after the other must not fill the disk.
      let next = epoch + 1
      try stored { () throws(StorageError) in try store.removeLeftovers(ofEpochsBefore: next) }
    }
    if let manifest { named.formUnion(manifest.stateFiles.map(\.name) + manifest.stagedRanges.map(\.file)) }
    epoch = max(epoch, manifest?.epoch ?? 0) + 1
    if end == nil { firstEpoch = epoch }
    let number = epoch
    let isOfThisRun = manifest.map { $0.epoch >= firstEpoch } ?? false
    let checkpoints = Deployment.Checkpoints(directory: directory, manifest: manifest, isOfThisRun: isOfThisRun)
    let deployment = Deployment(pipeline, epoch: number, checkpoints: checkpoints) { endpoint(number, $0, $1) }
    self.deployment = deployment
    if let manifest { try check(manifest, against: deployment) }
    return PlannedEpoch(number: number, workers: deployment.workers, nextCheckpoint: next, warnings: warnings)
  }

  /// The newest checkpoint that nothing is known against, the dead letters as they were to be at it.
  private func latest(_ warnings: inout [String]) throws(SupervisorError) -> Manifest? {
    var limit: UInt64?
    while true {
      let bound = limit
      let latest = try stored { () throws(StorageError) in try store.latest(before: bound) }
      warnings += latest.warnings
      guard let manifest = latest.manifest else { return nil }
      limit = manifest.number
      guard !damaged.contains(manifest.number) else {
        warnings.append("checkpoint \(manifest.number) is damaged; going on from the one before")
        continue
      }
      // Newer ones must not come back, for what they speak of is about to be made again.
      try stored { () throws(StorageError) in try store.setAside(after: manifest.number) }
      do throws(PublicationError) {
        if let place = manifest.deadLetters { try letters.goOn(from: place) }
        return manifest
      } catch {
        guard case .damage(let damage) = error else { throw SupervisorError("\(error)") }
        warnings.append("checkpoint \(manifest.number) cannot be used: \(damage)")
        damaged.insert(manifest.number)
      }
    }
  }

  package func rescale(_ stage: String, to workers: Int) throws(SupervisorError) {
    var wanted = asked
    wanted[stage] = workers
    // The files may have changed since: of what they say now, nothing but the numbers counts.
    pipeline = pipeline.with(workersOf: try replan(applied, wanted))
    asked = wanted
  }

  package func apply(_ path: String) throws(SupervisorError) -> String {
    let other = try replan(path, asked)
    let version = try Successor(other).check(after: pipeline)
    successor = (other, path)
    return version
  }

  package var version: String? { pipeline.version }

  // MARK: What fits

  /// Refuses a checkpoint whose state means something else than the pipeline's would.
  private func check(_ manifest: Manifest, against deployment: Deployment) throws(SupervisorError) {
    let place = "checkpoint \(manifest.number) in \(directory)"
    guard manifest.pipeline == pipeline.name else {
      throw SupervisorError("\(place) is of pipeline '\(manifest.pipeline)', not '\(pipeline.name)'; \(Self.remedy)")
    }
    for stage in facts(of: deployment) where !stage.facts.isEmpty {
      guard let saved = manifest.stages.first(where: { $0.name == stage.name }) else {
        throw SupervisorError(
          "\(place) has no state for stage '\(stage.name)', which would begin in the middle of the stream; \(Self.remedy)"
        )
      }
      for fact in stage.facts {
        let before = saved.facts.first { $0.name == fact.name }?.value
        guard before != fact.value else { continue }
        throw SupervisorError(
          "stage '\(stage.name)': \(fact.name) is '\(fact.value)', but '\(before ?? "nothing")' in \(place); "
            + Self.remedy
        )
      }
    }
  }

  private static var remedy: String {
    "change it back, start over with --fresh, or give another directory with --checkpoints"
  }

  private func facts(of deployment: Deployment) -> [(name: String, facts: [StateFact])] {
    deployment.stages.map { ($0.stateName, $0.facts + (inputFacts[$0.stateName] ?? [])) }
  }

  // MARK: Checkpoints

  package func commit(_ checkpoint: Coordinator.Checkpoint) throws(SupervisorError) -> [String] {
    let manifest = try compose(checkpoint)
    try stored { () throws(StorageError) in try store.commit(manifest) }
    self.manifest = manifest
    named.formUnion(manifest.stateFiles.map(\.name) + manifest.stagedRanges.map(\.file))
    var warnings: [String] = []
    if let place = manifest.deadLetters {
      do throws(SupervisorError) { try letters.publish(place) } catch {
        // Nothing comes after it that could make good for it but another run.
        if checkpoint.isComplete { throw SupervisorError("\(error); then run it again") }
        warnings.append("\(error)")
      }
    }
    do throws(StorageError) { try prune() } catch { warnings.append("\(error)") }
    for journal in pipeline.journals {
      do { try prune(journal) } catch { warnings.append("\(error)") }
    }
    return warnings
  }

  private func compose(_ checkpoint: Coordinator.Checkpoint) throws(SupervisorError) -> Manifest {
    guard let deployment else { throw SupervisorError("a checkpoint without an epoch") }
    var manifest = Manifest(
      number: checkpoint.number,
      epoch: checkpoint.epoch,
      pipeline: pipeline.name,
      committedAt: MonotonicClock.wallTime / 1000,
      isComplete: checkpoint.isComplete
    )
    manifest.stages = facts(of: deployment).map { Manifest.Stage(name: $0.name, facts: $0.facts) }
    var held: [StagedRange] = []
    isRepeating = false
    for (worker, bytes) in checkpoint.states {
      let saved: SavedWorker
      do throws(MalformedBytes) { saved = try SavedWorker(decoding: bytes) } catch {
        throw SupervisorError("worker \(worker.name) told of its state in an unknown way: \(error)")
      }
      guard let stage = deployment.stages.firstIndex(where: { $0.number == worker.id.stage }) else {
        throw SupervisorError("worker \(worker.name) is of no stage")
      }
      manifest.stages[stage].counters.add(saved.counters)
      let last = saved.chain.last
      let bytes = last.map { named.contains($0.name) ? 0 : $0.bytes } ?? 0
      manifest.stages[stage].workers.append(Manifest.Worker(chain: saved.chain, bytes: bytes))
      if let source = saved.source, !manifest.sources.contains(where: { $0.name == manifest.stages[stage].name }) {
        manifest.sources.append(.init(name: manifest.stages[stage].name, state: source.state, place: source.place))
      }
      if let output = saved.output { manifest.stages[stage].output = output }
      if saved.isRepeating { isRepeating = true }
      held += saved.deadLetters
    }
    manifest.deadLetters = letters.place(with: held)
    return manifest
  }

  private func prune() throws(StorageError) {
    let names = Set(try store.storage.names())
    // Files of this epoch that no checkpoint has named may be named yet.
    let isOver = { (name: String) in StoredName.epoch(ofStateOrStaged: name).map { $0 < self.epoch } ?? false }
    try store.prune(among: names.filter { self.named.contains($0) || isOver($0) })
    named.formIntersection(names)
  }

  /// Removes messages that no checkpoint needs that is left, where the pipeline does not keep them all.
  private func prune(_ journal: PipelinePlan.Journal) throws {
    guard let kept = journal.retention else { return }
    let manifests = try store.manifests().map(\.manifest)
    // One that cannot be read may need anything.
    let needs = manifests.compactMap { $0?.firstMessage(of: journal.source) }
    guard needs.count == manifests.count, let first = needs.min() else { return }
    let storage = try journal.folder.map { try DirectoryStorage(path: "\(directory)/\($0)") } ?? store.storage
    try JournalRetention(storage).removeSegments(
      before: first,
      arrivedBefore: kept.microseconds.map { MonotonicClock.wallTime / 1000 - $0 }
    )
  }

  private func stored<R>(_ body: () throws(StorageError) -> R) throws(SupervisorError) -> R {
    do throws(StorageError) { return try body() } catch { throw SupervisorError("\(error)") }
  }
}
