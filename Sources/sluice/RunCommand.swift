internal import ArgumentParser
internal import Dataflow
internal import Foundation
internal import PipelineSpec
internal import Plan
internal import Records
internal import Supervisor

/// `sluice run`: every stage of a pipeline as local processes.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs a pipeline: every stage as a process, results on stdout.",
    discussion: "Ctrl-C stops the source, lets every row under way come out, and ends with the summary."
  )

  @Argument(help: "The pipeline file.")
  var pipeline: String

  @Option(help: ArgumentHelp("Another file for the pipeline's source.", valueName: "path"))
  var input: String?

  @Option(help: ArgumentHelp("A file for the results, instead of stdout.", valueName: "path"))
  var output: String?

  @Option(help: ArgumentHelp("jsonl, csv or table.", valueName: "format"))
  var format: String?

  @Option(help: ArgumentHelp("Show these columns only: a,b,c.", valueName: "names"))
  var columns: String?

  @Flag(help: "Every row, not only what the sink's `where` keeps.")
  var all = false

  @Option(help: ArgumentHelp("Replay by event time, this many times as fast: 1x, 60x. Default: as fast as it goes."))
  var speed: Speed?

  @Option(help: ArgumentHelp("Stop after this many input rows.", valueName: "n"))
  var limit: Int?

  @Flag(help: "No progress and no summary on stderr.")
  var quiet = false

  mutating func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit counts rows: give it 0 or more.") }
  }

  func run() throws {
    var options = RunOptions()
    options.input = input
    options.output = output
    options.format = format
    options.columns = columns?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    options.keepsAllRows = all
    options.speed = speed?.factor
    options.limit = limit
    let plan: PipelinePlan
    do { plan = try PipelineCompiler.compile(path: pipeline, options: options) } catch {
      StandardError.writeLine("\(error)")
      throw Sluice.misuse
    }
    guard let worker = Self.workerExecutable else {
      StandardError.writeLine("sluice-worker is not beside this program; build both with `swift build`")
      throw Sluice.misuse
    }
    try ResultFiles.prepare(plan)
    let display = RunDisplay(plan, quiet: quiet)
    let coordinator: Coordinator
    do {
      let supervisor = try RunSupervisor()
      coordinator = try supervisor.run(
        plan.workers(listen: { supervisor.inputEndpoint(of: $0) }),
        executable: worker,
        observer: display
      )
    } catch {
      StandardError.writeLine("sluice: \(error)")
      throw ExitCode.failure
    }
    display.finish(coordinator)
    switch coordinator.outcome {
    case .completed, .outputClosed: return
    case .interrupted: throw ExitCode(130)
    case .failed, nil: throw ExitCode.failure
    }
  }

  /// The worker program, which is installed beside this one.
  private static var workerExecutable: String? {
    guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
    let path = (own as NSString).deletingLastPathComponent + "/sluice-worker"
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }
}

/// A multiple of event time: `60x`, or `60`.
struct Speed: ExpressibleByArgument {
  let factor: Double

  init?(argument: String) {
    let digits = argument.hasSuffix("x") ? String(argument.dropLast()) : argument
    guard let factor = Double(digits), factor > 0, factor.isFinite else { return nil }
    self.factor = factor
  }
}

extension PipelinePlan {
  /// One worker for each stage, with its part of the plan.
  fileprivate func workers(listen: (WorkerID) -> String) -> [CoordinatedWorker] {
    let ids = stages.indices.map { WorkerID(stage: UInt16($0), worker: 0) }
    return stages.enumerated().map { index, stage in
      let plan = WorkerPlan(
        id: ids[index],
        name: "\(stage.name)/0",
        epoch: 1,
        listen: index == 0 ? "" : listen(ids[index]),
        upstream: index == 0 ? nil : ids[index - 1],
        deadLetterPath: deadLetterPath,
        stage: stage.plan
      )
      return CoordinatedWorker(
        id: ids[index],
        name: plan.name,
        isSource: index == 0,
        downstream: index + 1 < ids.count ? [ids[index + 1]] : [],
        plan: plan.encoded
      )
    }
  }
}
