import Foundation
import TestSupport
import Testing

extension RecoveryTests {
  /// `SLUICE_KILL_RUNS=100` for the long version.
  static let killRuns = ProcessInfo.processInfo.environment["SLUICE_KILL_RUNS"].flatMap(UInt64.init) ?? 6

  /// How a run is run and disturbed, as a seed says.
  struct Disturbance {
    private(set) var random: SeededRandom
    let options: [String]
    /// Threads cannot be killed alone.
    let areThreads: Bool

    init(seed: UInt64) {
      var random = SeededRandom(seed: seed)
      var options = ["--checkpoint-every", "\([20, 50, 100, 300].randomElement(using: &random) ?? 50)ms"]
      // A machine that is busy may not come to the next checkpoint between two kills.
      options += ["--attempts", "20"]
      if !random.chance(oneIn: 4) { options += ["--speed", "5000000x"] }
      for stage in ["customer", "terminal", "score"] where random.chance(oneIn: 2) {
        options += ["--workers", "\(stage)=\(Int.random(in: 1...3, using: &random))"]
      }
      if random.chance(oneIn: 3) { options += ["--workers", "transactions=\(Int.random(in: 2...3, using: &random))"] }
      if random.chance(oneIn: 3) { options += ["--workers", "alerts=2"] }
      if random.chance(oneIn: 3) { options += ["--mode", "micro-batch", "--every", "10000 rows"] }
      areThreads = random.chance(oneIn: 6)
      if areThreads { options += ["--isolation", "thread"] }
      self.options = options
      self.random = random
    }

    /// How often it is disturbed.
    mutating func count() -> Int { Int.random(in: 1...4, using: &random) }
    /// A while to leave the run alone.
    mutating func pause() -> UInt32 { UInt32.random(in: 30_000...400_000, using: &random) }
    mutating func endsCoordinator() -> Bool { areThreads || random.chance(oneIn: 4) }
    /// Whether it is asked to end, and not killed.
    mutating func isKind() -> Bool { random.chance(oneIn: 3) }
    mutating func victims(_ children: [ChildOfProgram]) -> [ChildOfProgram] {
      Array(children.shuffled(using: &random).prefix(random.chance(oneIn: 4) ? 2 : 1))
    }
  }

  @Test func killsOfAnyProcessAtAnyMomentChangeNothing() throws {
    let expected = try Self.undisturbed.get()
    var total = (workers: 0, coordinators: 0, interrupts: 0)
    for seed in 0..<Self.killRuns {
      var disturbance = Disturbance(seed: seed)
      let run = try RecoverableRun(Self.showing + ["--output", "out.csv"] + disturbance.options)
      var program = try run.start()
      var kills = (workers: 0, coordinators: 0, interrupts: 0)
      for _ in 0..<disturbance.count() {
        usleep(disturbance.pause())
        guard program.isRunning else { break }
        if disturbance.endsCoordinator() {
          let signal = disturbance.isKind() ? SIGINT : SIGKILL
          program.send(signal: signal)
          let end = program.finish()
          if signal == SIGINT {
            // It may have come to its end before.
            #expect([0, 130].contains(end.status), "seed \(seed), interrupted: \(end.log)")
            kills.interrupts += 1
          } else {
            kills.coordinators += 1
          }
          program = try run.start()
        } else {
          for victim in disturbance.victims(program.children) {
            kill(victim.pid, SIGKILL)
            kills.workers += 1
          }
        }
      }
      let outcome = program.finish()
      let facts: Comment =
        "seed \(seed), \(kills) killed, \(disturbance.options.joined(separator: " ")): \(outcome.log)"
      #expect(outcome.status == 0, facts)
      #expect(run.results.difference(from: expected.results) == nil, facts)
      #expect(Summary(outcome.log).totals == expected.totals, facts)
      total.workers += kills.workers
      total.coordinators += kills.coordinators
      total.interrupts += kills.interrupts
    }
    print(
      "\(Self.killRuns) runs, \(total.workers) workers and \(total.coordinators) coordinators killed, "
        + "\(total.interrupts) coordinators interrupted"
    )
  }

  /// The others go on with the processes that they have.
  @Test func onlyTheDeadWorkerIsStartedAgain() throws {
    let run = try RecoverableRun(
      Self.showing + ["--output", "out.csv", "--speed", "100000x", "--workers", "customer=2"]
    )
    let program = try run.start(["--checkpoint-every", "50ms"])
    program.wait { run.lastCheckpoint >= 1 }
    for stage in 0..<5 {
      let before = program.children
      #expect(before.count == 6)
      let victim = try #require(before.first { $0.stageNumber == stage })
      let rest = Set(before.map(\.pid)).subtracting([victim.pid])
      kill(victim.pid, SIGKILL)
      victim.waitForEnd()
      let checkpoint = run.lastCheckpoint
      // The next checkpoint needs all of them.
      program.wait { run.lastCheckpoint > checkpoint + 1 }
      let after = program.children
      #expect(after.count == 6 && rest.isSubset(of: after.map(\.pid)))
      let successor = try #require(after.first { !rest.contains($0.pid) })
      #expect(successor.arguments.dropFirst(2).prefix(2) == victim.arguments.dropFirst(2).prefix(2))
    }
    program.send(signal: SIGINT)
    let outcome = program.finish()
    #expect(outcome.status == 130, "\(outcome.log)")
    for stage in ["transactions", "customer", "terminal", "score", "alerts"] {
      #expect(
        outcome.log.contains("worker \(stage)/0 was killed by signal 9 (Killed); going on from the last checkpoint")
      )
    }
  }
}
