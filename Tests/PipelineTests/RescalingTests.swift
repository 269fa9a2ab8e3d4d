import Foundation
import TestSupport
import Testing

/// Pipelines whose numbers of workers change while they run.
@Suite struct RescalingTests {
  /// Every row of the shipped data as a pipeline of any name writes it.
  static let expected = Result { try ScalingTests.output(of: ["run", ReferencePipelineTests.pipeline] + options) }
  static let options = ["--all", "--format", "csv"]

  /// The reference pipeline under a name that no other run has, so that `sluice scale` finds this one.
  private func pipeline(in folder: TemporaryFolder) throws -> (path: String, name: String) {
    let name = "scaled-\(folder.url.lastPathComponent.suffix(8).lowercased())"
    let path = try ScalingTests.pipeline(in: folder) {
      $0.replacingOccurrences(of: "pipeline: card-fraud", with: "pipeline: \(name)")
    }
    return (path, name)
  }

  private func scale(_ name: String, _ change: String, in folder: TemporaryFolder) throws -> Program.Outcome {
    try Program.run("sluice", ["scale", name, change], in: folder)
  }

  @Test(arguments: ["process", "thread"])
  func nothingIsLostAndNothingComesTwice(isolation: String) throws {
    let folder = try TemporaryFolder()
    let (path, name) = try pipeline(in: folder)
    // What nobody read would stop the run.
    let run = try Program(
      "sluice",
      ["run", path, "--speed", "1500000x", "--checkpoints", "saved", "--isolation", isolation] + Self.options,
      in: folder,
      redirections: ">out.csv"
    )
    let results = folder.path("out.csv")
    for (change, workers) in [
      ("customer=3", 7), ("terminal=2", 8), ("transactions=2", 9), ("alerts=2", 11), ("customer=1", 9), ("score=2", 10),
      ("alerts=1", 8),
    ] {
      // Rows flow between the changes.
      try FileGrowth.wait(for: results, beyond: FileGrowth.size(of: results))
      let outcome = try scale(change == "score=2" ? path : name, change, in: folder)
      #expect(outcome.status == 0, "\(change): \(outcome.log)")
      #expect(outcome.log.contains("no rows flowed for"), "\(outcome.log)")
      // Those that are let go take a moment to end.
      if isolation == "process" { #expect(run.wait { run.children.count == workers }, "\(change)") }
    }
    let end = run.finish()
    #expect(end.status == 0 && Summary(end.log).count("unaccounted for") == 0, "\(end.log)")
    #expect(try String(contentsOfFile: results, encoding: .utf8) == Self.expected.get())
  }

  @Test func whatCannotBeIsRefusedAndTheRunGoesOn() throws {
    let folder = try TemporaryFolder()
    let (path, name) = try pipeline(in: folder)
    let absent = try scale(name, "customer=2", in: folder)
    #expect(absent.status == 1)
    #expect(absent.log == "sluice: no pipeline '\(name)' runs on this machine as this user\n")
    let plain = try Program("sluice", ["run", path, "--speed", "1000x"] + Self.options, in: folder)
    _ = plain.readLines(2)
    let refused = try scale(name, "customer=2", in: folder)
    #expect(refused.status == 1)
    #expect(refused.log.contains("this run takes none; start it with --checkpoints DIR"), "\(refused.log)")
    plain.send(signal: SIGINT)
    #expect(plain.finish().status == 130)

    let run = try Program(
      "sluice",
      ["run", path, "--speed", "1500000x", "--checkpoints", "saved"] + Self.options,
      in: folder,
      redirections: ">out.csv"
    )
    let results = folder.path("out.csv")
    try FileGrowth.wait(for: results, beyond: 200)
    for (change, message) in [
      ("customers=2", "--workers names 'customers', which is no stage"), ("customer=65", "write a number from 1 to 64"),
    ] {
      let outcome = try scale(name, change, in: folder)
      #expect(outcome.status == 1 && outcome.log.contains(message), "\(outcome.log)")
    }
    #expect(try Program.run("sluice", ["scale", name, "customer"], in: folder).status == 2)
    let end = run.finish()
    #expect(end.status == 0)
    #expect(try String(contentsOfFile: results, encoding: .utf8) == Self.expected.get())
  }

  /// Workers that people start: one takes the place of one that was killed, one more joins, and two leave.
  @Test func workersComeAndGoByHand() throws {
    let folder = try TemporaryFolder()
    let started = try HandTests.Started(
      [
        "--speed", "400000x", "--format", "csv", "--checkpoints", "saved", "--checkpoint-every", "200ms", "--output",
        "out.csv",
      ],
      workers: 5,
      in: folder
    )
    let log = started.coordinator
    let results = folder.path("out.csv")
    try FileGrowth.wait(for: results, beyond: 0)
    try started.worker("customer/0").send(signal: SIGKILL)
    let second = try started.start("customer", 0, in: folder)
    #expect(log.readLog(containing: "worker customer/0").contains("and another takes its place"))
    let third = try started.start("terminal", 1, in: folder)
    #expect(log.readLog(containing: "terminal/1").contains("joins"))
    try FileGrowth.wait(for: results, beyond: FileGrowth.size(of: results))
    third.send(signal: SIGINT)
    #expect(log.readLog(containing: "terminal/1 leaves").contains("leaves"))
    #expect(third.finish().status == 0)
    try FileGrowth.wait(for: results, beyond: FileGrowth.size(of: results))
    try started.worker("score/0").send(signal: SIGTERM)
    let fourth = try started.start("score", 0, in: folder)
    #expect(log.readLog(containing: "score/0 has left").contains("going on from the last checkpoint"))
    let end = log.finish()
    #expect(end.status == 0 && Summary(end.log).count("unaccounted for") == 0, "\(end.log)")
    for worker in [second, fourth] { #expect(worker.finish().status == 0) }
    #expect(try String(contentsOfFile: results, encoding: .utf8) == Self.expected.get())
  }
}
