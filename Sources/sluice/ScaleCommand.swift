internal import ArgumentParser
internal import Dataflow
internal import Foundation
internal import PipelineSpec
internal import Plan
internal import Supervisor

/// `sluice scale`: more or fewer workers for a stage of a pipeline that runs.
struct ScaleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale",
    abstract: "Gives a stage of a running pipeline more or fewer workers.",
    discussion: """
      The pipeline takes a checkpoint, and the new workers go on from it: nothing is lost and nothing comes twice. It has \
      to run on this machine, as this user, with checkpoints.
      """
  )

  @Argument(help: "The pipeline's name, or its file.")
  var pipeline: String

  @Argument(help: ArgumentHelp("The stage and how many workers it is to have: customer=4.", valueName: "stage=n"))
  var change: Change

  /// A stage and its number of workers.
  struct Change: ExpressibleByArgument {
    let stage: String
    let workers: UInt16

    init?(argument: String) {
      let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty, let workers = UInt16(parts[1]), workers > 0 else { return nil }
      stage = String(parts[0])
      self.workers = workers
    }
  }

  func run() throws {
    try RunningPipeline(name: pipelineName()).ask(.scale(stage: change.stage, workers: change.workers))
  }

  private func pipelineName() throws -> String {
    guard FileManager.default.fileExists(atPath: pipeline) else { return pipeline }
    return try PipelineFile.compile(pipeline).name
  }
}
