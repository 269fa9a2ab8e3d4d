internal import ArgumentParser
internal import Backtest
internal import Dataflow
internal import Foundation
internal import PipelineSpec
internal import Plan
internal import Records
internal import Supervisor

/// One pipeline over a history: the run, and the rows that it leaves.
struct BacktestRun {
  let name: String
  private let plan: PipelinePlan
  let results: RatedResults
  private let folder: TemporaryDirectory

  /// Compiles the pipeline; what is wrong ends the command before anything starts.
  ///
  /// - Parameter hasFeatures: whether its rows have what the model reads.
  init(_ path: String, input: [String], sink: String?, hasFeatures: Bool = false) throws {
    name = path
    folder = try TemporaryDirectory()
    var options = RunOptions()
    options.inputs = input
    options.deadLetters = folder.path("dead-letters.jsonl")
    let plan = try PipelineFile.compile(path, options: options)
    guard !plan.isLive else {
      StandardError.writeLine("sluice: \(path): the source is live; give its history with --input FILE")
      throw Sluice.misuse
    }
    do throws(UnratedPipeline) {
      (self.plan, results) = try plan.rated(as: path, at: sink, into: folder.path("rows"), hasFeatures: hasFeatures)
    } catch {
      StandardError.writeLine("sluice: \(path): \(error)")
      throw Sluice.misuse
    }
  }

  /// Whether it says which card a row is of.
  var hasCards: Bool { results.card != nil }

  /// Runs it, and reads what it made of every row.
  ///
  /// - Parameter stages: those that give rows their positions in any of the pipelines.
  func run(quiet: Bool, stages: [String]) throws -> History {
    var reader = HistoryReader(results, stages: stages)
    try run(quiet: quiet) { reader.add($0) }
    return reader.finish()
  }

  /// Runs it by threads of this process, and then hands over its rows, batch by batch.
  func run(quiet: Bool, _ take: (RecordBatch) -> Void) throws {
    let display = RunDisplay(plan, quiet: quiet)
    let coordinator: Coordinator
    do {
      let supervisor = try RunSupervisor(try IsolationName.thread.isolation, of: "backtest", listen: nil)
      coordinator = try supervisor.run(PlainRun(plan), observer: display) { _ in }
    } catch {
      StandardError.writeLine("sluice: \(name): \(error)")
      throw ExitCode.failure
    }
    display.finish(coordinator, hasSummary: false)
    switch coordinator.outcome {
    case .completed: break
    case .interrupted: throw ExitCode(130)
    case .outputClosed, .failed, nil: throw ExitCode.failure
    }
    warn(RowTotals(coordinator.progress))
    try read(take)
  }

  /// Says what of the history was not rated.
  private func warn(_ totals: RowTotals) {
    for (count, what) in [(totals.deadLetters, "could not be read"), (totals.late, "came too late")] where count > 0 {
      let verb = count == 1 ? "is" : "are"
      StandardError.writeLine("\(name): \(Words.rows(count)) \(what) and \(verb) not rated; `sluice run` shows why")
    }
  }

  private func read(_ take: (RecordBatch) -> Void) throws {
    do {
      let file = try FileHandle(forReadingFrom: URL(filePath: folder.path("rows")))
      try Frame.forEachBatch(
        of: results.schema,
        read: { Array(try file.read(upToCount: $0) ?? Data()) },
        take
      )
    } catch {
      StandardError.writeLine("sluice: \(name): the results cannot be read back: \(error)")
      throw ExitCode.failure
    }
  }
}

/// A directory that goes with whoever holds it.
final class TemporaryDirectory {
  private let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
    do { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) } catch {
      StandardError.writeLine(
        "sluice: cannot make a folder for results in '\(url.path)': \(error.localizedDescription)"
      )
      throw ExitCode.failure
    }
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }
}
