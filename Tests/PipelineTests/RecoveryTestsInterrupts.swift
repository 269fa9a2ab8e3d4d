import Foundation
import TestSupport
import Testing

extension RecoveryTests {
  /// So many workers of every stage.
  static func workers(_ count: Int) -> [String] { ScalingTests.stages.flatMap { ["--workers", "\($0)=\(count)"] } }

  /// Every stage has a share of the keys, or of the input, that no worker before had.
  @Test(arguments: [(2, 3), (2, 1), (2, 7), (7, 2)])
  func aCheckpointIsTakenUpByAnyNumberOfWorkers(before: Int, after: Int) throws {
    let expected = try Self.undisturbed.get()
    let run = try RecoverableRun(Self.showing + ["--output", "out.csv"])
    let first = try run.interrupt(
      bytes: expected.results.count / 8,
      ["--checkpoint-every", "50ms"] + Self.slow + Self.workers(before)
    )
    #expect(first.status == 130, "\(first.log)")
    let middle = run.results
    #expect(middle.count < expected.results.count && expected.results.starts(with: middle))
    let last = try run.finish(Self.workers(after))
    #expect(last.status == 0, "\(last.log)")
    #expect(run.results.difference(from: expected.results) == nil)
    #expect(Summary(last.log).totals == expected.totals, "\(last.log)")
  }

  @Test func controlCSavesWhereTheNextRunGoesOn() throws {
    let expected = try Self.undisturbed.get()
    let run = try RecoverableRun(Self.showing + ["--output", "out.csv"])
    // The first checkpoint of a run is the one that its end makes.
    let options = ["--checkpoint-every", "1h"] + Self.slow
    var places: [Int] = []
    for stop in 1...3 {
      let program = try run.start(options)
      var source: ChildOfProgram?
      program.wait {
        source = source ?? program.children.first { $0.stageNumber == 0 }
        return source?.place(inFile: Repository.path("datasets/card-transactions.csv")) ?? 0 > stop * 250_000
      }
      program.send(signal: SIGINT)
      let outcome = program.finish()
      #expect(outcome.status == 130 && outcome.log.contains("card-fraud: interrupted"), "\(outcome.log)")
      #expect(run.lastCheckpoint == stop)
      #expect(expected.results.starts(with: run.results))
      // The rows of all runs before are among them.
      let rows = try #require(Summary(outcome.log).count("rows in"))
      #expect(Summary(outcome.log).count("rows out") == rows && Summary(outcome.log).count("unaccounted for") == 0)
      #expect(run.results.count(where: { $0 == UInt8(ascii: "\n") }) == rows + 1)
      places.append(rows)
    }
    #expect(places == places.sorted() && Set(places).count == places.count)
    let last = try run.finish()
    #expect(last.status == 0, "\(last.log)")
    #expect(run.results.difference(from: expected.results) == nil)
    #expect(Summary(last.log).totals == expected.totals, "\(last.log)")

    // There is nothing left to do.
    let again = try run.finish()
    #expect(again.status == 0 && run.results.difference(from: expected.results) == nil, "\(again.log)")
    #expect(Summary(again.log).totals == expected.totals, "\(again.log)")
    // The checkpoint of the end of the input, not of the interrupted places.
    let list = try run.checkpoint("list")
    #expect(list.status == 0 && list.output.split(separator: "\n")[1].contains("54,216"), "\(list.output)")

    let fresh = try run.finish(["--fresh", "--limit", "1000"])
    #expect(fresh.status == 0 && Summary(fresh.log).count("rows in") == 1000, "\(fresh.log)")
    #expect(run.results.count < expected.results.count / 10 && expected.results.starts(with: run.results))
  }

  @Test func aDirectoryHasOneRunAtATime() throws {
    let run = try RecoverableRun(Self.showing + ["--output", "out.csv"])
    let first = try run.start(["--checkpoint-every", "20ms"] + Self.slow)
    first.wait { run.lastCheckpoint >= 1 }
    for options in [[], ["--fresh"], ["--isolation", "thread"]] {
      let second = try run.finish(options)
      #expect(second.status == 2)
      #expect(second.log.contains("another run uses the checkpoints in "), "\(second.log)")
    }
    #expect(first.isRunning)
    first.send(signal: SIGINT)
    #expect(first.finish().status == 130)
    #expect(try run.finish().status == 0)
    #expect(try run.results.difference(from: Self.undisturbed.get().results) == nil)
  }

  @Test func freshForgetsOnlyWhatCheckpointsHolds() throws {
    let outcome = try Program.run("sluice", ["run", ReferencePipelineTests.pipeline, "--fresh"], in: TemporaryFolder())
    #expect(outcome.status == 2)
    let message = "--fresh forgets checkpoints, and this run takes none; add --checkpoints DIR"
    #expect(outcome.log.contains(message), "\(outcome.log)")
  }
}
