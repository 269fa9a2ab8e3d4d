internal import ArgumentParser
internal import Dataflow
internal import Foundation
internal import PipelineSpec
internal import Plan
internal import Records
internal import SourceStage
internal import Supervisor
internal import WorkerRuntime

/// `sluice run`: every stage of a pipeline as local workers.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs a pipeline: every stage as processes, results on stdout.",
    discussion: """
      Ctrl-C stops the source, lets every row under way come out, and ends with the summary; where checkpoints are \
      taken, with a last one, from which the same command goes on.
      """
  )

  @Argument(help: "The pipeline file.")
  var pipeline: String

  @OptionGroup var options: PipelineOptions
  @OptionGroup var checkpoints: CheckpointOptions

  @Option(help: ArgumentHelp("process: every worker is one; thread: all are threads of this one.", valueName: "how"))
  var isolation: IsolationName = .process

  @Flag(help: "No progress and no summary on stderr.")
  var quiet = false

  func run() throws {
    let plan = try options.compile(pipeline)
    let isolation = try isolation.isolation
    let planner = try checkpoints.planner(plan, options, pipeline, hasDefault: true)
    try PipelineRun(plan, planner, quiet: quiet).run(isolation, listen: nil)
  }
}

/// How the workers of a run live, as the command line says it.
enum IsolationName: String, ExpressibleByArgument, CaseIterable {
  case process
  case thread

  var isolation: Isolation {
    get throws {
      switch self {
      case .thread:
        return .thread { id, coordinator, context in
          switch WorkerRun(coordinator: coordinator, id: id, context: context).run() {
          case .completed, .failed: nil
          case .lost(let cause): cause
          }
        }
      case .process:
        guard let worker = Self.workerExecutable else {
          StandardError.writeLine("sluice-worker is not beside this program; build both with `swift build`")
          throw Sluice.misuse
        }
        return .process(executable: worker)
      }
    }
  }

  /// The worker program, which is installed beside this one.
  private static var workerExecutable: String? {
    guard let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
    let path = (own as NSString).deletingLastPathComponent + "/sluice-worker"
    return FileManager.default.isExecutableFile(atPath: path) ? path : nil
  }
}

/// What the command line may change in a pipeline.
struct PipelineOptions: ParsableArguments {
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Another file for the pipeline's source; `-` is stdin. SOURCE=PATH where there are several.",
      valueName: "path"
    )
  )
  var input: [String] = []

  @OptionGroup var journal: JournalOptions

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "A file for the results, instead of stdout. SINK=PATH where there are several.",
      valueName: "path"
    )
  )
  var output: [String] = []

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

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Run a stage as so many workers; may be given again for others.", valueName: "stage=n")
  )
  var workers: [String] = []

  @Option(help: ArgumentHelp("real-time (latency first) or micro-batch (throughput first).", valueName: "mode"))
  var mode: String?

  @Option(help: ArgumentHelp("Where micro-batches are cut: 500ms, '10000 rows'.", valueName: "distance"))
  var every: String?

  @Option(help: ArgumentHelp("Rows of a batch at the most. Changes no result.", valueName: "n"))
  var batchRows: String?

  mutating func validate() throws {
    if !input.isEmpty && journal.directory != nil {
      throw ValidationError("--input and --from-journal both say what the source reads: give one of them.")
    }
    if let limit, limit < 0 { throw ValidationError("--limit counts rows: give it 0 or more.") }
  }

  /// Compiles the pipeline file; what is wrong is shown.
  func compile(_ path: String) throws -> PipelinePlan {
    let plan = try PipelineFile.compile(path, options: runOptions)
    for source in plan.sources {
      if case .journal(let directory, _, _) = source.plan.input { try journal.check(directory) }
    }
    return plan
  }

  var runOptions: RunOptions {
    var options = RunOptions()
    options.inputs = input
    options.journal = journal.options
    options.outputs = output
    options.format = format
    options.columns = columns?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    options.keepsAllRows = all
    options.speed = speed?.factor
    options.limit = limit
    options.workers = workers
    options.mode = mode
    options.every = every
    options.batchRows = batchRows
    return options
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
