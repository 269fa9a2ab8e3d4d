internal import ArgumentParser
internal import Dataflow
internal import Plan
internal import Records
internal import Supervisor
internal import Transport

/// `sluice coordinate`: the coordinator alone.
struct CoordinateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "coordinate",
    abstract: "Runs a pipeline's coordinator, for workers that are started by hand.",
    discussion: """
      Says on stderr how to start each worker with `sluice stage`, waits until all have joined, and ends with the \
      summary. The workers may be on other machines: then listen at tcp://HOST:PORT. Checkpoints are taken only where \
      --checkpoints or the pipeline file says where, for the workers must share that directory.
      """
  )

  @Argument(help: "The pipeline file.")
  var pipeline: String

  @OptionGroup var options: PipelineOptions
  @OptionGroup var checkpoints: CheckpointOptions

  @Option(help: ArgumentHelp("Where workers join. Default: a socket of this machine.", valueName: "endpoint"))
  var listen: String?

  @Flag(help: "No progress and no summary on stderr.")
  var quiet = false

  func run() throws {
    let plan = try options.compile(pipeline)
    let endpoint = try listen.map { try Endpoint.checked($0, option: "--listen", isInsecure: plan.isInsecure) }
    let planner = try checkpoints.planner(plan, options, pipeline, hasDefault: false)
    try PipelineRun(plan, planner, quiet: quiet).run(.distant, listen: endpoint) { endpoint, workers in
      StandardError.writeLine("\(plan.name): waiting for \(workers.count) workers; start each of them with")
      for worker in workers {
        let (stage, number) = (worker.name.prefix { $0 != "/" }, worker.id.worker)
        StandardError.writeLine("  sluice stage \(pipeline) \(stage) --worker \(number) --join \(endpoint)")
      }
    }
  }
}

extension Endpoint {
  /// An endpoint that the command line names. One that other machines can reach must not be in the clear, unless the pipeline
  /// says so.
  static func checked(_ text: String, option: String, isInsecure: Bool) throws -> Endpoint {
    let endpoint: Endpoint
    do { endpoint = try Endpoint(text) } catch {
      StandardError.writeLine("\(option): \(error)")
      throw Sluice.misuse
    }
    guard endpoint.isLocal || isInsecure else {
      StandardError.writeLine(
        "\(option): \(endpoint) can be reached from other machines, and nothing on it is encrypted; use ipc:// or a "
          + "loopback address, or write `insecure: true` into the pipeline file"
      )
      throw Sluice.misuse
    }
    return endpoint
  }
}
