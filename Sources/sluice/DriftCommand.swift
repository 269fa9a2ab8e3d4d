internal import ArgumentParser
internal import Backtest
internal import Foundation
internal import Metrics
internal import PipelineSpec
internal import Records

/// `sluice drift`: whether rows are still those that a model was made for.
struct DriftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift",
    abstract: "Compares the score and the features of each day with a stored reference.",
    discussion: """
      Store a reference from the days that a model was trained on, and compare later days with it:

        sluice drift PIPELINE --input TRAINING.csv --from 2018-04-01 --to 2018-04-30 --store reference.json
        sluice drift PIPELINE --input TODAY.csv --reference reference.json

      The figure is the population stability index: below 0.1 a column is as it was, above 0.25 it is not. The rate is the \
      share of fraud in the value of the last 90 days, where the sink's `evaluate` names an amount.
      """
  )

  @Argument(help: "The pipeline file.")
  var pipeline: String

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("A file for the pipeline's source. SOURCE=PATH where there are several.", valueName: "path")
  )
  var input: [String] = []

  @Option(help: ArgumentHelp("Compare with what this file holds.", valueName: "path"))
  var reference: String?

  @Option(help: ArgumentHelp("Store the reference in this file, instead of comparing.", valueName: "path"))
  var store: String?

  @Option(
    help: ArgumentHelp("The first day that counts, in UTC; the rows before fill the windows.", valueName: "yyyy-mm-dd")
  )
  var from: BacktestCommand.Day?

  @Option(help: ArgumentHelp("The last day that counts, in UTC.", valueName: "yyyy-mm-dd"))
  var to: BacktestCommand.Day?

  @Option(
    help: ArgumentHelp(
      "Compare these columns only: a,b,c. Default: the score and what stages compute.",
      valueName: "names"
    )
  )
  var columns: String?

  @Option(help: ArgumentHelp("The sink to look at, where several evaluate scores.", valueName: "sink"))
  var sink: String?

  @Option(help: ArgumentHelp("text, or json with every column of every day.", valueName: "format"))
  var format: BacktestCommand.Format = .text

  @Flag(help: "No progress on stderr.")
  var quiet = false

  mutating func validate() throws {
    guard (reference == nil) != (store == nil) else {
      throw ValidationError("Give --reference FILE to compare with it, or --store FILE to store one.")
    }
    if let from, let to, from.number > to.number { throw ValidationError("--from is behind --to.") }
  }

  func run() throws {
    let reference = try reference.map(read)
    if let store, let reason = FileFacts.writeProblem(store, takesPipe: false) {
      StandardError.writeLine("sluice: cannot write '\(store)': \(reason); give another file with --store")
      throw Sluice.misuse
    }
    let run = try BacktestRun(pipeline, input: input, sink: sink, hasFeatures: true)
    let days = (from?.number ?? .min)...(to?.number ?? .max)
    if let reference {
      let names = columns?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      var drift = Drift(run.results, reference, columns: names, days: days)
      if let missing = names?.first(where: { !drift.columns.contains($0) }) {
        StandardError.writeLine(
          "sluice: '\(missing.printable)' is no column of both '\(pipeline)' and the reference; "
            + "name some of: \(Drift(run.results, reference, columns: nil, days: days).columns.joined(separator: ", "))"
        )
        throw Sluice.misuse
      }
      guard !drift.columns.isEmpty else {
        StandardError.writeLine("sluice: the reference has no column of '\(pipeline)'; store one with --store FILE")
        throw Sluice.misuse
      }
      if !drift.unknown.isEmpty {
        StandardError.writeLine("\(pipeline): not in the reference: \(drift.unknown.joined(separator: ", "))")
      }
      try run.run(quiet: quiet) { drift.add($0) }
      let finished = drift.finish()
      guard !finished.days.isEmpty else { throw nothing() }
      switch format {
      case .text: try StandardOutput.writeText(DriftText(finished, reference).text)
      case .json: try StandardOutput.writeLine(try DriftJSON(finished).text())
      }
    } else if let store {
      var columns = ColumnDays(run.results, days: days)
      try run.run(quiet: quiet) { columns.add($0) }
      guard let made = columns.reference(pipeline) else { throw nothing() }
      try write(made, to: store)
    }
  }

  private func nothing() -> ExitCode {
    StandardError.writeLine("sluice: no row is of those days; look at --from, --to and --input")
    return ExitCode.failure
  }

  /// The file of a reference; what is wrong with it ends the command.
  private func read(_ path: String) throws -> ReferenceFile {
    func refuse(_ problem: String) -> ExitCode {
      StandardError.writeLine("sluice: the reference '\(path)' cannot be used: \(problem); store it anew with --store")
      return Sluice.misuse
    }
    let data: Data
    do { data = try Data(contentsOf: URL(filePath: path)) } catch { throw refuse(error.localizedDescription) }
    let file: ReferenceFile
    do { file = try JSONDecoder().decode(ReferenceFile.self, from: data) } catch {
      throw refuse("it is not what `sluice drift` stores")
    }
    if let problem = file.problem { throw refuse(problem.printable) }
    return file
  }

  private func write(_ reference: ReferenceFile, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do { try encoder.encode(reference).write(to: URL(filePath: path), options: .atomic) } catch {
      StandardError.writeLine("sluice: cannot write '\(path)': \(error.localizedDescription)")
      throw ExitCode.failure
    }
  }
}
