internal import Glibc
internal import PipelineSpec
internal import Plan

/// The files that a run writes, looked at before anything starts.
enum ResultFiles {
  enum Start {
    /// Nothing, and no checkpoints are taken: a sink replaces what its file holds.
    case plain
    /// Nothing, and checkpoints are taken: what a file holds is what was committed.
    case checkpointed
    /// A checkpoint.
    case resumed
  }

  /// Ends the command where one cannot be written. Empties the dead letters, since a run's are those of this run, and with
  /// checkpoints the results; deletes nothing.
  ///
  /// - Parameter start: what the run goes on from.
  static func prepare(_ plan: PipelinePlan, _ start: Start) throws {
    for (_, target) in plan.targets {
      guard case .file(let path) = target else { continue }
      try open(path, flags: O_CREAT, "results", takesPipe: true, remedy: "give another file with --output") {
        start == .checkpointed ? ftruncate($0, 0) : 0
      }
    }
    // Made when there is a first one.
    try open(
      plan.deadLetterPath,
      flags: 0,
      "dead letters",
      takesPipe: false,
      remedy: "name another file after `dead_letters:` in the pipeline file"
    ) { start == .resumed ? 0 : ftruncate($0, 0) }
  }

  /// - Parameter prepare: what to do with a file that was there; -1 and `errno` where that fails.
  private static func open(
    _ path: String,
    flags: Int32,
    _ what: String,
    takesPipe: Bool,
    remedy: String,
    prepare: (Int32) -> Int32
  ) throws {
    var problem = FileFacts.writeProblem(path, takesPipe: takesPipe)
    // A pipe that is opened and closed is at its end for its reader.
    if problem == nil, FileFacts.isFileOrAbsent(path) {
      let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags, 0o644)
      if descriptor != -1 {
        if prepare(descriptor) == -1 { problem = FileFacts.errorText }
        close(descriptor)
      } else if errno != ENOENT || flags & O_CREAT != 0 {
        problem = FileFacts.errorText
      }
    }
    guard let problem else { return }
    StandardError.writeLine("sluice: cannot write the \(what) to '\(path)': \(problem); \(remedy)")
    throw Sluice.misuse
  }
}
