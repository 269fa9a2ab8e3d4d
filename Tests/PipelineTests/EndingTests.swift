import Foundation
import TestSupport
import Testing

/// How runs end when somebody ends them.
@Suite struct EndingTests {
  static let stages = ["transactions", "customer", "terminal", "score", "alerts"]

  /// A run that would take months: replayed at the speed of the events. It is under way when the first row is out.
  func startSlowRun(in folder: TemporaryFolder) throws -> Program {
    let run = try Program(
      "sluice",
      ["run", ReferencePipelineTests.pipeline, "--all", "--speed", "1000x"],
      in: folder
    )
    #expect(!run.readSome().isEmpty)
    return run
  }

  @Test(arguments: stages.indices)
  func theDeathOfAnyWorkerEndsTheRun(stage: Int) throws {
    let folder = try TemporaryFolder()
    let run = try startSlowRun(in: folder)
    let children = run.children
    #expect(children.count == Self.stages.count)
    let victim = try #require(children.first { $0.arguments.dropFirst(2).first == String(stage) })
    kill(victim.pid, SIGKILL)
    let outcome = run.finish()
    #expect(outcome.status == 1)
    #expect(outcome.log.contains("worker \(Self.stages[stage])/0 was killed by signal 9"), "\(outcome.log)")
    for child in children { #expect(!child.isAlive, "process \(child.pid) was left behind") }
  }

  @Test func noWorkerOutlivesItsParent() throws {
    let folder = try TemporaryFolder()
    let run = try startSlowRun(in: folder)
    let children = run.children
    #expect(children.count == Self.stages.count)
    run.send(signal: SIGKILL)
    _ = run.finish()
    // They are told by the kernel, one by one; the test hangs if one is not.
    for child in children { child.waitForEnd() }
  }

  @Test func controlCEndsTheRunCleanly() throws {
    let folder = try TemporaryFolder()
    let run = try startSlowRun(in: folder)
    let children = run.children
    run.send(signal: SIGINT)
    let outcome = run.finish()
    #expect(outcome.status == 130)
    #expect(outcome.log.contains("card-fraud: interrupted"))
    #expect(Summary(outcome.log).count("unaccounted for") == 0, "\(outcome.log)")
    for child in children { #expect(!child.isAlive) }
  }

  @Test func aClosedStdoutEndsTheRunCleanly() throws {
    let folder = try TemporaryFolder()
    let run = try startSlowRun(in: folder)
    let children = run.children
    try run.closeOutput()
    let outcome = run.finish(readingOutput: false)
    #expect(outcome.status == 0, "\(outcome.log)")
    for child in children { #expect(!child.isAlive) }
  }
}
