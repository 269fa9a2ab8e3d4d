import Foundation
import TestSupport
import Testing

/// However a run is disturbed, what it gives is what the undisturbed run gives: real processes that are killed, interrupted,
/// started again with other numbers of workers, with damaged checkpoints, on full disks.
///
/// The tests wait for what happens, never for time to pass. One after the other: each needs the machine for itself.
@Suite(.serialized) struct RecoveryTests {
  /// Every row of the reference pipeline as CSV.
  static let showing = ["--all", "--format", "csv"]
  /// The shipped data in about a second, so that things can happen in the middle of it.
  static let paced = ["--speed", "6000000x"]
  /// For runs that are interrupted in the middle.
  static let slow = ["--speed", "1500000x"]

  /// What a run gave that nothing disturbed.
  struct Undisturbed {
    let results: Data
    let totals: [String: String]
  }

  /// The reference pipeline's, by `showing`.
  static let undisturbed = Result { try undisturbed(["run", ReferencePipelineTests.pipeline] + showing) }

  static func undisturbed(_ arguments: [String], in folder: TemporaryFolder? = nil) throws -> Undisturbed {
    let run = try Program.run("sluice", arguments, in: folder ?? TemporaryFolder())
    try #require(run.status == 0, "\(run.log)")
    return Undisturbed(results: Data(run.output.utf8), totals: Summary(run.log).totals)
  }
}

/// A pipeline that is run with checkpoints in a folder, as often as it takes.
final class RecoverableRun {
  let folder: TemporaryFolder
  let arguments: [String]

  /// - Parameter options: of every run.
  init(
    _ options: [String],
    of pipeline: String = ReferencePipelineTests.pipeline,
    in folder: TemporaryFolder? = nil
  ) throws {
    self.folder = try folder ?? TemporaryFolder()
    arguments = ["run", pipeline, "--checkpoints", "checkpoints"] + options
  }

  /// Starts it; it goes on from what runs before it have saved.
  func start(_ options: [String] = [], redirections: String = "") throws -> Program {
    try Program("sluice", arguments + options, in: folder, redirections: redirections)
  }

  /// Runs it to its end.
  func finish(_ options: [String] = [], redirections: String = "") throws -> Program.Outcome {
    try start(options, redirections: redirections).finish()
  }

  /// Runs it until `count` checkpoints are committed and at least `bytes` of results are there, and has it stop then.
  func interrupt(afterCheckpoints count: Int = 3, bytes: Int = 1, _ options: [String]) throws -> Program.Outcome {
    let run = try start(options)
    run.wait { lastCheckpoint >= count && results.count >= bytes }
    run.send(signal: SIGINT)
    return run.finish()
  }

  /// The results in `out.csv`.
  var results: Data { contents("out.csv") }

  /// Nothing where there is no such file.
  func contents(_ name: String) -> Data { (try? Data(contentsOf: folder.url.appending(path: name))) ?? Data() }

  /// The number of the newest checkpoint; 0 where there is none.
  var lastCheckpoint: Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path("checkpoints"))) ?? []
    return names.compactMap { $0.hasPrefix("checkpoint-") ? Int($0.dropFirst("checkpoint-".count)) : nil }.max() ?? 0
  }

  /// `sluice checkpoint`, about its directory.
  func checkpoint(_ command: String) throws -> Program.Outcome {
    try Program.run("sluice", ["checkpoint", command, "checkpoints"], in: folder)
  }
}

extension Data {
  /// How it differs from what it was to be; nil where it does not. The testing library would look for every difference.
  func difference(from expected: Data) -> String? {
    guard self != expected else { return nil }
    let place = zip(self, expected).prefix { $0 == $1 }.count
    return "\(count) bytes, not \(expected.count), and others from byte \(place) on"
  }
}
