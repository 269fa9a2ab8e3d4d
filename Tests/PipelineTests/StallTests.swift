import Foundation
import TestSupport
import Testing

/// A sink that stands still stops the source, and no worker's memory grows meanwhile.
@Suite struct StallTests {
  /// How long it stands still.
  static let seconds = ProcessInfo.processInfo.environment["SLUICE_STALL_SECONDS"].flatMap(Double.init) ?? 3
  /// What malloc and the kernel may do with a process's pages while nothing happens.
  static let mostGrowth = 2 << 20

  @Test func aStoppedSinkStopsTheSourceAndMemoryStaysFlat() throws {
    let folder = try TemporaryFolder()
    let input = folder.path("transactions.csv")
    let made = try Program.run(
      "sluice",
      ["generate", "transactions", "--customers", "3000", "--terminals", "5000", "--days", "100"],
      in: folder,
      redirections: "> transactions.csv"
    )
    try #require(made.status == 0, "\(made.log)")
    let size = try #require(try FileManager.default.attributesOfItem(atPath: input)[.size] as? Int)
    let arguments = [
      "run", ReferencePipelineTests.pipeline, "--input", input, "--all", "--batch-rows", "512", "--columns",
      "transaction_id,customer_mean_30d,terminal_risk_30d,score",
    ]
    let workers = ScalingTests.stages.flatMap { ["--workers", "\($0)=2"] }
    let run = try Program("sluice", arguments + workers, in: folder)
    let first = run.readSome()
    let children = run.children
    // The sink's lines are written by one worker behind those that make them.
    let writer = try #require(children.max { $0.stageNumber < $1.stageNumber })
    #expect(children.filter { $0.stageNumber == writer.stageNumber }.count == 1 && children.count > 2 * 4)
    kill(writer.pid, SIGSTOP)
    defer { kill(writer.pid, SIGCONT) }

    let sources = children.filter { $0.stageNumber == 0 }
    func places() -> [Int] { sources.compactMap { $0.place(inFile: input) } }
    // Sources stand still once every queue behind them is full.
    var stopped = places()
    for _ in 0..<120 {
      Thread.sleep(forTimeInterval: 0.25)
      let now = places()
      if now == stopped { break }
      stopped = now
    }
    #expect(stopped.count == 2 && stopped.allSatisfy { $0 < size }, "the sources have read \(stopped) of \(size) bytes")

    let before = children.map { $0.residentBytes ?? 0 }
    var most = before
    let end = ContinuousClock.now + .seconds(Self.seconds)
    while ContinuousClock.now < end {
      Thread.sleep(forTimeInterval: 0.1)
      for (place, child) in children.enumerated() { most[place] = max(most[place], child.residentBytes ?? .max) }
    }
    for (place, child) in children.enumerated() {
      let name = "worker \(child.arguments.dropFirst(2).prefix(2).joined(separator: "/"))"
      #expect(most[place] <= before[place] + Self.mostGrowth, "\(name) grew from \(before[place]) to \(most[place])")
      if Self.seconds > 10 { print("\(name): \(before[place] >> 10) KB before, \(most[place] >> 10) KB at the most") }
    }
    #expect(places() == stopped)

    kill(writer.pid, SIGCONT)
    let outcome = run.finish()
    #expect(outcome.status == 0 && Summary(outcome.log).count("unaccounted for") == 0, "\(outcome.log)")
    let output = String(decoding: first, as: UTF8.self) + outcome.output
    let undisturbed = try ScalingTests.output(of: arguments)
    #expect(output.utf8.count == undisturbed.utf8.count && output == undisturbed, "the outputs differ")
  }
}
