internal import ArgumentParser
internal import Backtest
internal import Expressions
internal import Foundation
internal import PipelineSpec
internal import Plan
internal import Records

/// `sluice backtest`: what a pipeline would have flagged, beside another.
struct BacktestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backtest",
    abstract: "Runs pipelines over history, and shows what each would have flagged and what that was worth.",
    discussion: """
      Give the pipeline in service and the one that is to take its place, or one alone. Both read the whole input, by the \
      same workers as live scoring, and their rows are matched by their positions. A row is flagged when the sink shows it \
      (its `where`), or, where the sink shows all, when its decision is not `approve`. The sink's `evaluate` names the \
      columns: label, score, card, amount.

      Writes to stdout, and to the file of --report one HTML page with the plots. What a pipeline file names as output \
      is not touched.
      """
  )

  @Argument(help: ArgumentHelp("The pipeline files: the old one and the new one, or one.", valueName: "pipeline"))
  var pipelines: [String]

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "The history: a file for the pipelines' source. SOURCE=PATH where there are several. Default: what each names.",
      valueName: "path"
    )
  )
  var input: [String] = []

  @Option(
    help: ArgumentHelp(
      "The first day that is rated, in UTC; the rows before fill the windows.",
      valueName: "yyyy-mm-dd"
    )
  )
  var from: Day?

  @Option(help: ArgumentHelp("The last day that is rated, in UTC.", valueName: "yyyy-mm-dd"))
  var to: Day?

  @Option(
    help: ArgumentHelp(
      "Leave out a card once a fraud with it is known: so many days after the day of the fraud, as in 7d.",
      valueName: "days"
    )
  )
  var knownAfter: Delay?

  @Option(
    help: ArgumentHelp(
      "With --known-after: the first day whose frauds become known. Default: the first of the history.",
      valueName: "yyyy-mm-dd"
    )
  )
  var knownFrom: Day?

  @Option(help: ArgumentHelp("What the review of a flagged row costs, in the currency of the amounts.", valueName: "x"))
  var reviewCost = 10.0

  @Option(help: ArgumentHelp("The cards that are looked at each day, for card precision@k.", valueName: "k"))
  var k = 100

  @Option(help: ArgumentHelp("The sink to rate, where several evaluate scores.", valueName: "sink"))
  var sink: String?

  @Option(help: ArgumentHelp("A file for the report: one HTML page that needs nothing else.", valueName: "path"))
  var report: String?

  @Option(help: ArgumentHelp("text, or json with every digit.", valueName: "format"))
  var format: Format = .text

  @Flag(help: "No progress on stderr.")
  var quiet = false

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
  }

  /// A day in UTC.
  struct Day: ExpressibleByArgument {
    /// Whole days from 1970-01-01.
    let number: Int64

    init?(argument: String) {
      guard argument.utf8.count == 10, let time = Timestamp.parse(Array(argument.utf8).span) else { return nil }
      number = Timestamp.day(of: time)
    }
  }

  /// A number of days as pipelines write it.
  struct Delay: ExpressibleByArgument {
    let days: Int64

    init?(argument: String) {
      guard let time = DurationText.parse(argument), time % Timestamp.microsecondsPerDay == 0 else { return nil }
      days = time / Timestamp.microsecondsPerDay
    }
  }

  mutating func validate() throws {
    guard 1...2 ~= pipelines.count else {
      throw ValidationError("Give one pipeline, or two: the old one and the new one.")
    }
    if pipelines.count == 2, input.contains(where: { $0 == "-" || $0.hasSuffix("=-") }) {
      throw ValidationError("Two pipelines cannot both read stdin: give --input a file.")
    }
    if let from, let to, from.number > to.number { throw ValidationError("--from is behind --to.") }
    if knownFrom != nil && knownAfter == nil {
      throw ValidationError("--known-from says from when on frauds become known: give --known-after, as in 7d.")
    }
    guard reviewCost.isFinite, reviewCost >= 0 else {
      throw ValidationError("--review-cost is an amount of money: give it 0 or more.")
    }
    guard 1...1_000_000 ~= k else { throw ValidationError("--k counts cards: give it 1 to 1000000.") }
  }

  func run() throws {
    if let report { try check(report) }
    let runs = try pipelines.map { try BacktestRun($0, input: input, sink: sink) }
    if knownAfter != nil, let run = runs.first(where: { !$0.hasCards }) {
      StandardError.writeLine(
        "sluice: \(run.name): --known-after blocks cards, and the sink names none; add `card: customer_id` to its `evaluate`"
      )
      throw Sluice.misuse
    }
    let stages = Set(runs.flatMap(\.results.origins.values)).sorted()
    let histories = try runs.map { (name: $0.name, history: try $0.run(quiet: quiet, stages: stages)) }
    let backtest = BacktestResult(
      old: histories.count == 2 ? histories[0] : nil,
      new: histories[histories.count - 1],
      scope
    )
    guard backtest.sides.contains(where: { $0.rows > 0 }) else {
      StandardError.writeLine("sluice: no row of the history is rated; look at --from, --to and --input")
      throw ExitCode.failure
    }
    if let report { try write(BacktestPage(backtest).text, to: report) }
    switch format {
    case .text: try StandardOutput.writeText(BacktestText(backtest).text)
    case .json: try StandardOutput.writeLine(BacktestJSON(backtest).text())
    }
  }

  private var scope: Scope {
    var scope = Scope(reviewCost: reviewCost, k: k)
    scope.firstDay = from?.number
    scope.lastDay = to?.number
    scope.blocking = knownAfter.map { Scope.Blocking(delay: $0.days, firstDay: knownFrom?.number) }
    return scope
  }

  /// Ends the command, before anything starts, where the report cannot be written.
  private func check(_ report: String) throws {
    guard let reason = FileFacts.writeProblem(report, takesPipe: true) else { return }
    StandardError.writeLine(
      "sluice: cannot write the report to '\(report)': \(reason); give another file with --report"
    )
    throw Sluice.misuse
  }

  private func write(_ page: String, to report: String) throws {
    do { try Data(page.utf8).write(to: URL(filePath: report)) } catch {
      StandardError.writeLine("sluice: cannot write the report to '\(report)': \(error.localizedDescription)")
      throw ExitCode.failure
    }
  }
}
