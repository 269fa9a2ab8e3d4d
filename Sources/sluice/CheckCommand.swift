internal import ArgumentParser
internal import PipelineSpec
internal import Plan

/// `sluice check`: every mistake in pipeline files, and what is probably not what was meant.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Finds every mistake in pipeline files; starts nothing.",
    discussion: "Warnings are about what can run and is probably not what was meant; they do not change the exit code."
  )

  @Argument(help: ArgumentHelp("The pipeline files.", valueName: "pipeline"))
  var pipelines: [String]

  func run() throws {
    var areAllFine = true
    for path in pipelines {
      let plan: PipelinePlan
      let warnings: DiagnosticReport
      do throws(PipelineFileError) { (plan, warnings) = try PipelineCompiler.check(path: path) } catch {
        StandardError.writeLine(error.report.excerpts)
        StandardError.writeLine("\n\(path): \(error.report.counts)")
        areAllFine = false
        continue
      }
      let hasWarnings = !warnings.diagnostics.isEmpty
      if hasWarnings { StandardError.writeLine(warnings.excerpts) }
      let stages = plan.stages.map(\.name).joined(separator: " -> ")
      let counts = hasWarnings ? ", with \(warnings.counts)" : ""
      try StandardOutput.writeLine("\(path): \(plan.name) is fine\(counts): \(stages)")
    }
    if !areAllFine { throw Sluice.misuse }
  }
}
