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
    let plan = try PipelineFile.compile(pipeline)
    try StandardOutput.writeLine(
      "\(pipeline): \(plan.name) is fine: \(plan.stages.map(\.name).joined(separator: " -> "))"
    )
  }
}
