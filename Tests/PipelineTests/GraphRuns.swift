import Foundation
import TestSupport
import Testing

/// Runs of a pipeline with several sinks, which all have to give what an undisturbed one gives.
struct GraphRuns: Sendable {
  /// The pipeline's file within its folder.
  let file: String
  /// More options of `run`.
  let options: [String]
  /// The files that it leaves, and those of them whose lines may stand in any order.
  let outputs: [String]
  var unordered: [String] = []
  /// Makes a folder with the pipeline and its data.
  let folder: @Sendable () throws -> TemporaryFolder

  struct Results: Sendable {
    let files: [Data]
    let unordered: [[Substring]]
    let totals: [String: String]
  }

  /// What a run has left in its folder.
  func results(of run: Program.Outcome, in folder: TemporaryFolder) throws -> Results {
    try #require(run.status == 0, "\(run.log)")
    func data(_ name: String) -> Data { (try? Data(contentsOf: folder.url.appending(path: name))) ?? Data() }
    return Results(
      files: outputs.map(data),
      unordered: unordered.map { String(decoding: data($0), as: UTF8.self).split(separator: "\n").sorted() },
      totals: Summary(run.log).totals
    )
  }

  func undisturbed(in folder: TemporaryFolder) throws -> Results {
    try results(of: Program.run("sluice", ["run", file] + options, in: folder), in: folder)
  }

  private func check(_ run: Program.Outcome, in folder: TemporaryFolder, _ expected: Results, _ label: Comment) throws {
    let actual = try results(of: run, in: folder)
    for (actual, right) in zip(actual.files, expected.files) { #expect(actual.difference(from: right) == nil, label) }
    #expect(actual.unordered == expected.unordered, label)
    #expect(actual.totals == expected.totals, "\(label): \(run.log)")
  }

  func check(way: [String], hasCheckpoints: Bool, against expected: Results) throws {
    let folder = try folder()
    let saving = hasCheckpoints ? ["--checkpoints", "checkpoints", "--checkpoint-every", "5ms"] : []
    let run = try Program.run("sluice", ["run", file] + options + way + saving, in: folder)
    try check(run, in: folder, expected, "\(way)")
  }

  /// Kills and interrupts workers of these stages.
  ///
  /// - Parameter speed: at which it goes on long enough.
  func checkDisturbed(_ stages: [String], speed: String, against expected: Results) throws {
    for seed in 0..<4 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      var options = options + ["--speed", speed, "--checkpoint-every", "20ms", "--attempts", "20"]
      if random.chance(oneIn: 2) { options += ["--mode", "micro-batch", "--every", "200 rows"] }
      let run = try RecoverableRun(options, of: file, in: folder())
      let outcome = try run.disturbed(stages, &random)
      try check(outcome, in: run.folder, expected, "seed \(seed)")
    }
  }
}
