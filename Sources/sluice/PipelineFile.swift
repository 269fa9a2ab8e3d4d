internal import PipelineSpec
internal import Plan

/// The pipeline file that a command is given.
enum PipelineFile {
  /// Compiles it; what is to be said about it is shown on stderr, and a mistake ends the command.
  static func compile(_ path: String, options: RunOptions = RunOptions()) throws -> PipelinePlan {
    do {
      let (plan, warnings) = try PipelineCompiler.check(path: path, options: options)
      if !warnings.diagnostics.isEmpty { StandardError.writeLine(warnings.excerpts) }
      return plan
    } catch {
      StandardError.writeLine(error.report.excerpts)
      throw Sluice.misuse
    }
  }
}
