internal import ArgumentParser
internal import PipelineSpec
internal import Plan

/// `sluice check`: every mistake in a pipeline file.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Finds every mistake in a pipeline file; starts nothing."
  )

  @Argument(help: "The pipeline file.")
  var pipeline: String

  func run() throws {
    let plan: PipelinePlan
    do { plan = try PipelineCompiler.compile(path: pipeline) } catch {
      StandardError.writeLine("\(error)")
      throw Sluice.misuse
    }
    try StandardOutput.writeLine(
      "\(pipeline): \(plan.name) is fine: \(plan.stages.map(\.name).joined(separator: " -> "))"
    )
  }
}
