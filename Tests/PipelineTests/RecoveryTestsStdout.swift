import Foundation
import TestSupport
import Testing

/// stdout cannot take back what was printed.
extension RecoveryTests {
  static let appending = ">> out.csv"

  @Test func theDeathOfAnotherWorkerRepeatsNothingOnStdout() throws {
    let expected = try Self.undisturbed.get()
    let run = try RecoverableRun(Self.showing + Self.paced + ["--checkpoint-every", "100ms"])
    let program = try run.start(redirections: Self.appending)
    // Epochs that fail without a checkpoint between them are given up after a few.
    var checkpoint = 0
    for stage in 0..<4 {
      program.wait {
        run.lastCheckpoint > checkpoint && run.results.count > expected.results.count * (2 * stage + 1) / 8
      }
      let victim = try #require(program.children.first { $0.stageNumber == stage })
      kill(victim.pid, SIGKILL)
      checkpoint = run.lastCheckpoint
    }
    let outcome = program.finish()
    #expect(outcome.status == 0, "\(outcome.log)")
    for stage in ["transactions", "customer", "terminal", "score"] {
      #expect(outcome.log.contains("worker \(stage)/0 was killed by signal 9"), "\(outcome.log)")
    }
    #expect(run.results.difference(from: expected.results) == nil)
    #expect(Summary(outcome.log).totals == expected.totals, "\(outcome.log)")
    // Nothing is left to be shown.
    let again = try run.finish(redirections: Self.appending)
    #expect(again.status == 0 && run.results.difference(from: expected.results) == nil, "\(again.log)")
  }

  /// How much was printed says nothing of what was printed where rows come in any order.
  @Test(arguments: [[], ["--output", "/dev/null"]])
  func resultsInAnyOrderAreNotPrintedWithCheckpoints(options: [String]) throws {
    let folder = try TemporaryFolder()
    let path = try ScalingTests.pipeline(in: folder) {
      $0.replacingOccurrences(of: "from: score\n", with: "from: score\n    order: arrival\n")
    }
    let run = try RecoverableRun(options, of: path, in: folder)
    let outcome = try run.finish()
    #expect(outcome.status == 2 && outcome.output == "")
    #expect(outcome.log.contains("stage 'alerts' has `order: arrival`; take that out, or give"), "\(outcome.log)")
    #expect(try run.finish(["--output", "out.csv"]).status == 0)
  }

  /// What is in flight when the sink itself, or the coordinator with all its workers, is killed may come twice.
  @Test(arguments: ["sink", "sink of two workers", "coordinator"])
  func theDeathOfTheSinkRepeatsAtMostOnePiece(victim: String) throws {
    let expected = try Self.undisturbed.get().results
    let options = victim == "sink of two workers" ? ["--workers", "alerts=2"] : []
    let run = try RecoverableRun(Self.showing + Self.paced + ["--checkpoint-every", "100ms"] + options)
    var program = try run.start(redirections: Self.appending)
    program.wait { run.lastCheckpoint >= 1 && run.results.count > expected.count / 3 }
    if victim == "coordinator" {
      let children = program.children
      program.send(signal: SIGKILL)
      _ = program.finish()
      for child in children { child.waitForEnd() }
      program = try run.start(redirections: Self.appending)
    } else {
      let writer = try #require(program.children.max { $0.stageNumber < $1.stageNumber })
      kill(writer.pid, SIGKILL)
    }
    let outcome = program.finish()
    #expect(outcome.status == 0, "\(outcome.log)")
    let repeated = try #require(
      Self.repetition(in: run.results, of: expected),
      "the rows are not those of the golden run"
    )
    print("\(victim) killed: \(repeated) bytes repeated on stdout")
    #expect(repeated < expected.count / 4)
  }

  /// How many bytes right behind one another `text` has twice that `original` has once; nil when it differs otherwise.
  static func repetition(in text: Data, of original: Data) -> Int? {
    let excess = text.count - original.count
    guard excess >= 0 else { return nil }
    let common = zip(text, original).prefix { $0 == $1 }.count
    return text.dropFirst(common) == original.dropFirst(common - excess) ? excess : nil
  }
}
