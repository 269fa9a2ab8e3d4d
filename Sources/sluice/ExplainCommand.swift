internal import ArgumentParser
internal import PipelineSpec

/// `sluice explain`: what a pipeline file came to.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Shows the compiled plan of a pipeline in words; starts nothing.",
    discussion: """
      Stages with their columns and types, keys, windows with their edges, rules, and the memory that a key's state takes.
      """
  )

  @Argument(help: "The pipeline file.")
  var pipeline: String

  func run() throws {
    let explanation: Explanation
    let warnings: DiagnosticReport
    do throws(PipelineFileError) { (explanation, warnings) = try PipelineCompiler.explain(path: pipeline) } catch {
      StandardError.writeLine(error.report.excerpts)
      throw Sluice.misuse
    }
    if !warnings.diagnostics.isEmpty { StandardError.writeLine(warnings.excerpts) }
    try StandardOutput.writeText(explanation.text)
  }
}
