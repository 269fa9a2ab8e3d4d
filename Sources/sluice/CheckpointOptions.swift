internal import ArgumentParser
internal import Checkpoints
internal import Dataflow
internal import Expressions
internal import Foundation
internal import PipelineSpec
internal import Plan
internal import Supervisor

/// How a run takes checkpoints.
struct CheckpointOptions: ParsableArguments {
  @Option(
    name: .customLong("checkpoints"),
    help: ArgumentHelp(
      "Save the state here, go on from what is saved, and survive the death of any worker.",
      valueName: "dir"
    )
  )
  var directory: String?

  @Option(
    name: .customLong("checkpoint-every"),
    help: ArgumentHelp("How often the state is saved: 500ms, 10s.", valueName: "time")
  )
  var interval: Duration = .init(argument: "1s") ?? Duration(nanoseconds: 1_000_000_000)

  @Option(help: ArgumentHelp("How often to try again from one checkpoint before the run fails.", valueName: "n"))
  var attempts = 3

  @Flag(help: "Start over: forget what is saved in the directory of --checkpoints.")
  var fresh = false

  /// A time as pipelines write it.
  struct Duration: ExpressibleByArgument {
    let nanoseconds: Int64

    init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    init?(argument: String) {
      guard let microseconds = DurationText.parse(Substring(argument)), 1000...86_400_000_000 ~= microseconds else {
        return nil
      }
      nanoseconds = microseconds * 1000
    }

    var defaultValueDescription: String { "1s" }
  }

  mutating func validate() throws {
    if attempts < 0 { throw ValidationError("--attempts counts them: give it 0 or more.") }
    if fresh && directory == nil { throw ValidationError("--fresh forgets what --checkpoints DIR holds: give both.") }
  }

  /// What plans the epochs of a run; opens the files that the run writes.
  func planner(_ plan: PipelinePlan, _ options: PipelineOptions, _ path: String) throws -> any EpochPlanner {
    guard let directory else {
      try ResultFiles.prepare(plan, .plain)
      return PlainRun(plan)
    }
    try Self.checkOrder(plan)
    let absolute = URL(filePath: directory).path(percentEncoded: false)
    let store: CheckpointStore
    let isResumed: Bool
    let facts: [StateFact]
    do {
      facts = try InputFacts.of(plan)
      store = CheckpointStore(try DirectoryStorage(path: absolute))
      try store.lock()
      if fresh { try store.removeAll() }
      isResumed = try store.nextNumber() > 1
    } catch {
      StandardError.writeLine("sluice: \(error)")
      throw Sluice.misuse
    }
    try ResultFiles.prepare(plan, isResumed ? .resumed : .checkpointed)
    return CheckpointedRun(
      plan,
      policy: CheckpointPolicy(interval: interval.nanoseconds, attempts: attempts),
      store: store,
      directory: absolute,
      inputFacts: facts
    ) { (stage, workers) throws(SupervisorError) in
      try options.replan(path, stage, workers)
    }
  }
}

extension CheckpointOptions {
  /// Ends the command where what was printed could not be told from what comes again: that takes results that come in one
  /// order.
  private static func checkOrder(_ plan: PipelinePlan) throws {
    guard let stage = plan.stages.first(where: { $0.order == .arrival }) else { return }
    let path = plan.outputPath
    guard path.map({ !FileFacts.isFileOrAbsent($0) }) ?? true else { return }
    StandardError.writeLine(
      "sluice: with --checkpoints, \(path ?? "stdout") needs results in one order, and stage '\(stage.name)' has "
        + "`order: arrival`; take that out, or give --output the path of a file"
    )
    throw Sluice.misuse
  }
}

extension PipelineOptions {
  /// The pipeline with another number of workers for a stage.
  fileprivate func replan(_ path: String, _ stage: String, _ workers: Int) throws(SupervisorError) -> PipelinePlan {
    var options = runOptions
    options.workers = self.workers + ["\(stage)=\(workers)"]
    do { return try PipelineCompiler.compile(path: path, options: options) } catch { throw SupervisorError("\(error)") }
  }
}
