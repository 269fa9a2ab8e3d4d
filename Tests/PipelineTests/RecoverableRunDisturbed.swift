import Foundation
import TestSupport

extension RecoverableRun {
  /// Runs it to its end, killed and interrupted on the way, and gone on with by other numbers of workers.
  ///
  /// - Parameter stages: those that have any number of workers.
  func disturbed(_ stages: [String], times: Int = 4, _ random: inout SeededRandom) throws -> Program.Outcome {
    func workers() -> [String] {
      stages.flatMap { ["--workers", "\($0)=\(Int.random(in: 1...3, using: &random))"] }
    }
    var program = try start(workers())
    for _ in 0..<times {
      let checkpoint = lastCheckpoint
      program.wait { lastCheckpoint > checkpoint }
      guard program.isRunning else { break }
      if random.chance(oneIn: 2) {
        program.send(signal: random.chance(oneIn: 2) ? SIGINT : SIGKILL)
        _ = program.finish()
        program = try start(workers())
      } else if let victim = program.children.randomElement(using: &random) {
        kill(victim.pid, SIGKILL)
      }
    }
    return program.finish()
  }
}
