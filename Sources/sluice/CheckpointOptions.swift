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
      "Save the state here, go on from what is saved, and survive the death of any worker. Default: what the pipeline file "
        + "says, or PIPELINE.checkpoints for a live source, whose messages are journaled there.",
      valueName: "dir"
    )
  )
  var directory: String?

  @Flag(name: .customLong("no-checkpoints"), help: "Save nothing, whatever the pipeline file says.")
  var takesNone = false

  @Option(
    name: .customLong("checkpoint-every"),
    help: ArgumentHelp("How often the state is saved: 500ms, 10s. Default: 1s.", valueName: "time")
  )
  var interval: Duration?

  @Option(
    help: ArgumentHelp("How often to try again from one checkpoint before the run fails. Default: 3.", valueName: "n")
  )
  var attempts: Int?

  @Flag(help: "Start over: forget what is saved in the directory of checkpoints, its journal too.")
  var fresh = false

  /// A time as pipelines write it.
  struct Duration: ExpressibleByArgument {
    let nanoseconds: Int64

    init?(argument: String) {
      guard let microseconds = DurationText.parse(Substring(argument)), microseconds < .max / 1000,
        CheckpointSettings.intervals.contains(microseconds * 1000)
      else { return nil }
      nanoseconds = microseconds * 1000
    }
  }

  mutating func validate() throws {
    if attempts ?? 0 < 0 { throw ValidationError("--attempts counts them: give it 0 or more.") }
    if takesNone && directory != nil {
      throw ValidationError("--checkpoints says where to save and --no-checkpoints to save nothing: give one of them.")
    }
    if takesNone && fresh { throw ValidationError("--fresh forgets checkpoints, and --no-checkpoints has none.") }
  }

  /// Where checkpoints go; nil: nowhere.
  ///
  /// - Parameter hasDefault: whether the checkpoints of a live source have a place where nobody says one.
  private func directory(_ plan: PipelinePlan, hasDefault: Bool, isFromJournal: Bool) -> String? {
    if takesNone { return nil }
    if let directory { return directory }
    // What the file names is the place of the run that wrote the journal.
    if isFromJournal { return nil }
    return switch plan.checkpoints.place {
    case .directory(let directory): directory
    case .byInput where hasDefault && plan.isLive: "\(plan.name).checkpoints"
    case .nowhere, .byInput: nil
    }
  }

  /// What plans the epochs of a run; opens the files that the run writes.
  ///
  /// - Parameter hasDefault: whether the checkpoints of a live source have a place where nobody says one.
  func planner(
    _ plan: PipelinePlan,
    _ options: PipelineOptions,
    _ path: String,
    hasDefault: Bool
  ) throws -> any EpochPlanner {
    let journal = options.journal.directory
    guard let directory = directory(plan, hasDefault: hasDefault, isFromJournal: journal != nil) else {
      if fresh {
        StandardError.writeLine("sluice: --fresh forgets checkpoints, and this run takes none; add --checkpoints DIR")
        throw Sluice.misuse
      }
      try ResultFiles.prepare(plan, .plain)
      return PlainRun(plan)
    }
    if let journal, JournalOptions.isSame(journal, directory) {
      StandardError.writeLine(
        "sluice: the journal in '\(journal)' is read, and new checkpoints cannot be put beside it; "
          + "give another directory with --checkpoints"
      )
      throw Sluice.misuse
    }
    try Self.checkOrder(plan)
    let absolute = URL(filePath: directory).path(percentEncoded: false)
    let store: CheckpointStore
    let isResumed: Bool
    let facts: [String: [StateFact]]
    do {
      facts = try InputFacts.of(plan)
      store = CheckpointStore(try DirectoryStorage(path: absolute))
      try store.lock()
      if fresh {
        try store.removeAll()
        for folder in plan.journals.compactMap(\.folder) {
          try JournalRetention(try DirectoryStorage(path: "\(absolute)/\(folder)")).removeAll()
        }
      }
      isResumed = try store.nextNumber() > 1
    } catch {
      StandardError.writeLine("sluice: \(error)")
      throw Sluice.misuse
    }
    try ResultFiles.prepare(plan, isResumed ? .resumed : .checkpointed)
    return CheckpointedRun(
      plan,
      policy: CheckpointPolicy(
        interval: interval?.nanoseconds ?? plan.checkpoints.interval ?? CheckpointSettings.defaultInterval,
        attempts: attempts ?? plan.checkpoints.attempts ?? CheckpointSettings.defaultAttempts
      ),
      store: store,
      directory: absolute,
      inputFacts: facts
    ) { (file, workers) throws(SupervisorError) in
      try options.replan(file ?? path, workers)
    }
  }
}

extension CheckpointOptions {
  /// Ends the command where what was printed could not be told from what comes again: that takes results that come in one
  /// order.
  private static func checkOrder(_ plan: PipelinePlan) throws {
    guard let stage = plan.stages.first(where: { $0.order == .arrival }) else { return }
    let printed = plan.targets.map(\.target).first { target in
      if case .file(let path) = target { !FileFacts.isFileOrAbsent(path) } else { true }
    }
    guard let printed else { return }
    StandardError.writeLine(
      "sluice: with --checkpoints, \(printed) needs results in one order, and stage '\(stage.name)' has "
        + "`order: arrival`; take that out, or give --output the path of a file"
    )
    throw Sluice.misuse
  }
}

extension PipelineOptions {
  /// The pipeline in a file with other numbers of workers for some stages.
  fileprivate func replan(_ path: String, _ workers: [String: Int]) throws(SupervisorError) -> PipelinePlan {
    var options = runOptions
    options.workers = self.workers + workers.map { "\($0)=\($1)" }
    do {
      let (plan, warnings) = try PipelineCompiler.check(path: path, options: options)
      // Files may have changed since the command that asked for it looked at them: a challenger may be left out.
      if !warnings.diagnostics.isEmpty { StandardError.writeLine(warnings.excerpts) }
      return plan
    } catch {
      throw SupervisorError("\(error)")
    }
  }
}
