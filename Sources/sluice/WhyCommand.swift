internal import ArgumentParser
internal import Decisions
internal import Foundation
internal import PipelineSpec
internal import Plan
internal import SourceStage
internal import Telemetry

/// `sluice why`: one decision, explained from the history.
struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract:
      "Explains one decision: the rows in each window, what each feature adds to the score, the rules, the times.",
    discussion: """
      The pipeline itself runs over its history again, as it did over the live rows, and nothing that the file names as \
      output is touched. So what is shown is what the pipeline of this file makes of the row, with the model, lists and \
      tables that it names now. The times are of a run in which the row goes through the stages alone, here and now.
      """
  )

  @Argument(help: "The pipeline file.")
  var pipeline: String

  @Argument(help: "The identifier of the row.")
  var id: String

  @Option(
    help: ArgumentHelp(
      "The column that has the identifier. Default: the first of the source whose rows are scored.",
      valueName: "name"
    )
  )
  var column: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Another file with the history of the pipeline's source. SOURCE=PATH where there are several.",
      valueName: "path"
    )
  )
  var input: [String] = []

  @OptionGroup var journal: JournalOptions

  @Option(help: ArgumentHelp("Show so many rows of each window, the newest.", valueName: "n"))
  var rows: Int = 5

  @Flag(help: "One JSON object, for machines.")
  var json = false

  mutating func validate() throws {
    if !input.isEmpty && journal.directory != nil {
      throw ValidationError("--input and --from-journal both say what the source reads: give one of them.")
    }
    if rows < 0 { throw ValidationError("--rows counts rows: give it 0 or more.") }
  }

  func run() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (plan, texts) = try compile()
    var nanoseconds: Int64 = 0
    let tracer = DecisionTracer(plan, texts) { name in
      let place = folder.appending(path: name)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      return place.path
    } run: { tapped in
      let start = MonotonicClock.now
      let run = try QuietRun(tapped, name: "\(plan.name)-why")
      nanoseconds += MonotonicClock.now - start
      return Replay(
        rows: run.totals.rowsIn,
        deadLetters: run.totals.deadLetters,
        late: run.totals.late,
        times: run.times
      )
    }
    let trace: DecisionTrace
    do { trace = try tracer.trace(id, column: column) } catch let error as DecisionError {
      StandardError.writeLine("sluice: \(error)")
      throw error.isMisuse ? Sluice.misuse : .failure
    } catch let error as QuietRun.Failure {
      StandardError.writeLine("sluice: \(error)")
      throw ExitCode.failure
    }
    if json {
      try StandardOutput.writeLine(DecisionJSON(trace, rows: rows, nanoseconds: nanoseconds).text)
    } else {
      try StandardOutput.writeText(DecisionText(trace, rows: rows, nanoseconds: nanoseconds).text)
    }
  }

  /// Compiles the pipeline file over its history; what is wrong is shown.
  private func compile() throws -> (PipelinePlan, PipelineTexts) {
    var options = RunOptions()
    options.inputs = input
    options.journal = journal.options
    options.ignoresOutputs = true
    options.keepsExplanations = true
    options.deadLetters = "/dev/null"
    let compiled: (plan: PipelinePlan, texts: PipelineTexts)
    do throws(PipelineFileError) {
      compiled = try PipelineCompiler.compileWithTexts(path: pipeline, options: options)
    } catch {
      StandardError.writeLine(error.report.excerpts)
      throw Sluice.misuse
    }
    for (name, source) in compiled.plan.sources {
      let fault: String
      switch source.input {
      case .file: continue
      case .journal(let directory, _, _):
        try journal.check(directory)
        continue
      case .messages: fault = "source '\(name)' is live"
      // It is read twice.
      case .standardInput: fault = "source '\(name)' reads stdin, which can be read only once"
      }
      StandardError.writeLine("sluice: \(fault); give its history with --input PATH, or --from-journal DIR")
      throw Sluice.misuse
    }
    return compiled
  }
}
