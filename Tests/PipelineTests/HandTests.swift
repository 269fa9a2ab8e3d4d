import Foundation
import TestSupport
import Testing

/// A pipeline whose processes are started one by one.
@Suite struct HandTests {
  /// A coordinator that waits, and its workers by their names.
  struct Started {
    let coordinator: Program
    let workers: [(name: String, program: Program)]
    private let join: String

    init(_ options: [String], workers count: Int, in folder: TemporaryFolder) throws {
      let pipeline = ReferencePipelineTests.pipeline
      coordinator = try Program("sluice", ["coordinate", pipeline, "--all"] + options, in: folder)
      let lines = coordinator.readLog(lines: count + 1)
      try #require(lines.first == "card-fraud: waiting for \(count) workers; start each of them with", "\(lines)")
      join = try #require(lines.last?.split(separator: " ").last.map(String.init))
      // As it says, and last things first.
      workers = try lines.dropFirst().reversed().map { line in
        let words = line.split(separator: " ").map(String.init)
        try #require(words.prefix(3) == ["sluice", "stage", pipeline], "\(line)")
        return ("\(words[3])/\(words[5])", try Program("sluice", Array(words.dropFirst()), in: folder))
      }
    }

    /// Starts another worker.
    func start(_ stage: String, _ number: Int, in folder: TemporaryFolder) throws -> Program {
      let place = ["--worker", "\(number)", "--join", join]
      return try Program("sluice", ["stage", ReferencePipelineTests.pipeline, stage] + place, in: folder)
    }

    func worker(_ name: String) throws -> Program { try #require(workers.first { $0.name == name }).program }
  }

  @Test(arguments: [[], ["--listen", "tcp://127.0.0.1:*"]])
  func theOutputIsThatOfARun(listen: [String]) throws {
    let folder = try TemporaryFolder()
    let started = try Started(
      ["--limit", "\(LiveTests.rows)", "--workers", "customer=2"] + listen,
      workers: 6,
      in: folder
    )
    let output = try started.worker("alerts/0").finish()
    let outcome = started.coordinator.finish()
    #expect(outcome.status == 0 && outcome.output == "", "\(outcome.log)")
    #expect(output.status == 0 && output.log == "", "\(output.log)")
    #expect(output.output == (try LiveTests.expected.get()))
    #expect(Summary(outcome.log).count("rows out") == LiveTests.rows, "\(outcome.log)")
    for (name, worker) in started.workers where name != "alerts/0" {
      let end = worker.finish()
      #expect(end.status == 0 && end.log == "", "\(name): \(end.log)")
    }
  }

  @Test func theDeathOfAWorkerEndsTheRun() throws {
    let folder = try TemporaryFolder()
    let started = try Started(["--speed", "1000x", "--workers", "customer=2"], workers: 6, in: folder)
    #expect(try !started.worker("alerts/0").readSome().isEmpty)
    try started.worker("customer/1").send(signal: SIGKILL)
    let outcome = started.coordinator.finish()
    #expect(outcome.status == 1)
    #expect(outcome.log.contains("worker customer/1 has not been heard of for 10 s"), "\(outcome.log)")
    for (name, worker) in started.workers where name != "customer/1" {
      let end = worker.finish()
      #expect(end.status == 1, "\(name): \(end.log)")
    }
  }

  @Test func theDeathOfTheCoordinatorEndsTheWorkers() throws {
    let folder = try TemporaryFolder()
    let started = try Started(["--speed", "1000x"], workers: 5, in: folder)
    #expect(try !started.worker("alerts/0").readSome().isEmpty)
    started.coordinator.send(signal: SIGKILL)
    _ = started.coordinator.finish()
    for (name, worker) in started.workers {
      let end = worker.finish()
      #expect(end.status == 1, "\(name)")
    }
  }

  @Test func controlCOfTheCoordinatorEndsTheRunCleanly() throws {
    let folder = try TemporaryFolder()
    let started = try Started(["--speed", "1000x", "--workers", "customer=2"], workers: 6, in: folder)
    let sink = try started.worker("alerts/0")
    let first = sink.readLines(1)
    started.coordinator.send(signal: SIGINT)
    let outcome = started.coordinator.finish()
    #expect(outcome.status == 130 && Summary(outcome.log).count("unaccounted for") == 0, "\(outcome.log)")
    #expect(try LiveTests.expected.get().hasPrefix(first + sink.finish().output))
  }

  @Test func whatOthersCanReachIsRefusedInTheClear() throws {
    let folder = try TemporaryFolder()
    let pipeline = ReferencePipelineTests.pipeline
    let stage = ["stage", pipeline, "score", "--join"]
    for (arguments, option) in [
      (["coordinate", pipeline, "--listen", "tcp://0.0.0.0:*"], "--listen"),
      (stage + ["tcp://192.0.2.1:5555"], "--join"),
      (stage + ["tcp://127.0.0.1:5555", "--listen", "tcp://*:*"], "--listen"),
    ] {
      let run = try Program.run("sluice", arguments, in: folder)
      #expect(run.status == 2 && run.output == "")
      #expect(run.log.hasPrefix("\(option): tcp://"), "\(run.log)")
      #expect(run.log.contains("can be reached from other machines, and nothing on it is encrypted"), "\(run.log)")
    }
    let insecure = try ScalingTests.pipeline(in: folder) { $0 + "\ninsecure: true\n" }
    let coordinator = try Program("sluice", ["coordinate", insecure, "--listen", "tcp://0.0.0.0:*"], in: folder)
    #expect(coordinator.readLog(lines: 1) == ["card-fraud: waiting for 5 workers; start each of them with"])
    coordinator.send(signal: SIGINT)
    #expect(coordinator.finish().status == 130)
  }

  @Test func aStageThatIsNoneIsNamed() throws {
    let arguments = ["stage", ReferencePipelineTests.pipeline, "scores", "--join", "tcp://127.0.0.1:5555"]
    let run = try Program.run("sluice", arguments, in: TemporaryFolder())
    #expect(run.status == 2)
    #expect(
      run.log.hasPrefix("there is no stage 'scores'; name one of: transactions, customer, terminal, score, alerts")
    )
  }
}
