import Foundation
import TestSupport
import Testing

/// Workers die, connections break, disks fail and clocks lie, and what comes out is what comes out of an undisturbed run.
@Suite struct DisturbedRunTests {
  static let only = ProcessInfo.processInfo.environment["SLUICE_SEED"].flatMap(UInt64.init)

  /// In parts, so that they share the processors.
  @Test(arguments: 0..<2 as Range<UInt64>)
  func resultsAreThoseOfTheUndisturbedRun(part: UInt64) throws {
    var failures = 0
    for seed in Self.only.map({ $0..<$0 + 1 }) ?? Seeds.range(2000) where seed % 2 == part {
      do { try Simulation(seed: seed, tracing: Self.only != nil).run() } catch {
        Issue.record("seed \(seed): \(error)")
        failures += 1
        if failures == 5 { return }
      }
    }
  }

  /// A seed that fails would be of little use else.
  @Test func aSeedReplaysExactly() throws {
    for seed in 0..<20 as Range<UInt64> {
      let first = try Simulation(seed: seed)
      let second = try Simulation(seed: seed)
      try? first.run()
      try? second.run()
      #expect(first.traceHash == second.traceHash, "seed \(seed)")
    }
  }
}
