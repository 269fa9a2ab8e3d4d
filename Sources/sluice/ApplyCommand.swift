internal import ArgumentParser
internal import Dataflow
internal import Foundation
internal import PipelineSpec
internal import Plan

/// `sluice apply`: other rules, lists, thresholds and models for a pipeline that runs.
struct ApplyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Replaces the rules, lists, thresholds and models of a running pipeline.",
    discussion: """
      The pipeline takes a checkpoint, and goes on from it by the new file: all workers at the same row, so that every result \
      is of one version, which its column 'version' names. Nothing is lost and nothing comes twice. A file with a mistake is \
      refused, and the old one stays in force. What stands before a window, or before a model that learns, stays what it \
      is. The pipeline has to run on this machine, as this user, with checkpoints.
      """
  )

  @Argument(help: "The pipeline file, with another `version`.")
  var file: String

  func run() throws {
    var options = RunOptions()
    options.ignoresInputs = true
    let plan = try PipelineFile.compile(file, options: options)
    let path = URL(filePath: file).path(percentEncoded: false)
    try RunningPipeline(name: plan.name).ask(.apply(path: path))
  }
}
