import Checkpoints
import Foundation
import TestSupport
import Testing

/// Several live sources that are stopped where the furthest of them is: what comes behind that and is of before is late, also when
/// the journal is read again.
@Suite struct StoppedSourcesTests {
  /// Waits until so many messages are in the journal of a source.
  private static func awaitJournal(_ source: String, _ count: UInt64, of run: Program, in folder: TemporaryFolder)
    throws
  {
    var reader: JournalReader?
    let path = folder.path("saved/\(source)")
    try JournalTests.wait(for: run) {
      if reader == nil, FileManager.default.fileExists(atPath: path) {
        reader = JournalReader(try DirectoryStorage(path: path), from: 0)
      }
      _ = try reader?.next()
      return reader?.nextSequence ?? 0 >= count
    }
  }

  /// - Parameter isNew: another run goes on from there, not another epoch of the same one.
  @Test(arguments: [false, true])
  func whatComesBehindAStopIsLateForGood(isNew: Bool) throws {
    let folder = try TemporaryFolder()
    // Nobody promises anything by itself.
    let path = try IdleSourceTests.pipeline(in: folder, timeout: "1d")
    let options = ["run", path, "--checkpoints", "saved"]
    var run = try Program("sluice", options, in: folder)
    try IdleSourceTests.feed([0], from: 0, to: "payments", in: folder)
    try IdleSourceTests.feed(Array(0...100), from: 100, to: "logins", in: folder)
    try Self.awaitJournal("payments", 1, of: run, in: folder)
    try Self.awaitJournal("logins", 101, of: run, in: folder)
    // The rows of logins wait for payments, until both stop where logins has come to.
    var live = ""
    if isNew {
      run.send(signal: SIGINT)
      let outcome = run.finish()
      #expect(outcome.status == 130, "\(outcome.log)")
      live = outcome.output
      run = try Program("sluice", options, in: folder)
    } else {
      let scale = try Program.run("sluice", ["scale", path, "counts=2"], in: folder)
      try #require(scale.status == 0, "\(scale.log)")
      live = run.readLines(102)
    }
    try #require(live.split(separator: "\n").count == 102)
    // The first is late for the stop alone: what came before it at payments was of before. The other waits for logins.
    try IdleSourceTests.feed([50, 3_000_000], from: 300, to: "payments", in: folder)
    try IdleSourceTests.feed([3_000_001], from: 400, to: "logins", in: folder)
    live += run.readLines(1)
    // And that waits for payments, until both stop.
    run.send(signal: SIGINT)
    let outcome = run.finish()
    #expect(outcome.status == 130, "\(outcome.log)")
    live += outcome.output
    let lines = live.split(separator: "\n")
    #expect(lines.count == 104 && !live.contains("\"id\":300"))
    #expect(lines.last?.contains("\"id\":400") == true)

    for options in [[], ["--workers", "counts=3"], ["--mode", "micro-batch", "--every", "7 rows"]] {
      let again = try IdleSourceTests.replayed(path, folder, options)
      #expect(again.status == 0 && again.output == live, "\(options): \(again.log)")
      #expect(Summary(again.log).count("late") == 1, "\(again.log)")
    }
  }
}
