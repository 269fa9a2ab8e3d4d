import Foundation
import TestSupport
import Testing

/// What fails each time ends the run in the end, and names who, why and where.
extension RecoveryTests {
  @Test func aBadRowThatMayNotBeEndsTheRunAtOnce() throws {
    let folder = try TemporaryFolder()
    let rows = (0..<2000).map { "\($0),2018-04-01 \(Self.clock($0)),596,3156,\($0 == 1500 ? "much" : "57.16"),0,0\n" }
    let path = try BadInputTests.pipeline(in: folder, csv: Data((BadInputTests.header + rows.joined()).utf8)) {
      $0 = $0.replacingOccurrences(of: "time: tx_datetime", with: "time: tx_datetime\n      on_error: fail")
    }
    let run = try RecoverableRun(
      Self.showing + ["--output", "out.csv", "--speed", "4000x", "--checkpoint-every", "20ms"],
      of: path,
      in: folder
    )
    let outcome = try run.finish()
    #expect(outcome.status == 1)
    #expect(outcome.log.contains("worker transactions/0 "), "\(outcome.log)")
    #expect(outcome.log.contains("line 1502, field `tx_amount`: 'much' is no number"), "\(outcome.log)")
    #expect(!outcome.log.contains("going on from") && !outcome.log.contains("tried again"), "\(outcome.log)")
    // What was committed stays, and the run goes on when the row is gone for good: as far as it was not read yet.
    #expect(run.lastCheckpoint > 0)
    #expect(try run.checkpoint("verify").status == 0)
    let again = try run.finish()
    #expect(again.status == 1 && again.log.contains("line 1502, field"), "\(again.log)")
  }

  private static func clock(_ second: Int) -> String {
    "00:\(second / 600)\(second / 60 % 10):\(second / 10 % 6)\(second % 10)"
  }

  /// A device that takes nothing fails the sink at its first row, each time.
  @Test(arguments: [0, 1, 2])
  func aStageThatFailsEachTimeIsTriedAsOftenAsDeclared(attempts: Int) throws {
    let run = try RecoverableRun(Self.showing + ["--output", "/dev/full", "--attempts", "\(attempts)"] + Self.paced)
    let outcome = try run.finish(["--checkpoint-every", "1h"])
    #expect(outcome.status == 1)
    let cause = "worker alerts/0 cannot write /dev/full: No space left on device"
    #expect(outcome.log.contains("sluice: \(cause)"), "\(outcome.log)")
    #expect(outcome.log.components(separatedBy: "\(cause); going on from the last checkpoint").count == attempts + 1)
    let tried = ["", "it was tried again once", "it was tried again 2 times"][attempts]
    #expect(
      attempts == 0 || outcome.log.contains("\(tried) from the same checkpoint, and failed each time"),
      "\(outcome.log)"
    )
  }

  /// Nobody has to catch an error: the kernel kills a worker whose file becomes too long, at the same byte each time.
  @Test func aWorkerThatIsKilledAtTheSameByteEachTimeEndsTheRun() throws {
    let expected = try Self.undisturbed.get()
    let run = try RecoverableRun(Self.showing + ["--output", "out.csv", "--checkpoint-every", "50ms"])
    // In units of 1024 bytes: more than any file but the results has.
    let most = 5 << 10
    let limited = try Program(
      executable: URL(filePath: "/bin/bash"),
      ["-c", "ulimit -f \(most); exec \"$0\" \"$@\"", Repository.program("sluice").path] + run.arguments + Self.paced,
      in: run.folder
    ).finish()
    #expect(limited.status == 1)
    let cause = "worker alerts/0 was killed by signal 25 (File size limit exceeded)"
    #expect(limited.log.contains("sluice: \(cause)"), "\(limited.log)")
    #expect(limited.log.contains("it was tried again 3 times from the same checkpoint"), "\(limited.log)")
    #expect(run.results.count == most << 10 && expected.results.starts(with: run.results))
    #expect(try run.checkpoint("verify").status == 0)
    let last = try run.finish()
    #expect(last.status == 0 && run.results.difference(from: expected.results) == nil, "\(last.log)")
    #expect(Summary(last.log).totals == expected.totals, "\(last.log)")
  }
}
