import Foundation
import TestSupport
import Testing

extension RecoveryTests {
  static let letters = "card-fraud.dead-letters.jsonl"

  /// Each bad row is set aside once, however often it was read.
  @Test(arguments: [1, 3])
  func everyBadRowIsSetAsideOnce(sources: Int) throws {
    let folder = try TemporaryFolder()
    var random = SeededRandom(seed: UInt64(sources))
    var lines = try String(contentsOfFile: Repository.path("datasets/card-transactions.csv"), encoding: .utf8)
      .split(separator: "\n")
    var bad = 0
    for index in lines.indices.dropFirst() where random.chance(oneIn: 40) {
      lines[index] = lines[index] + ",one too many"
      bad += 1
    }
    // Some rows come later than they may.
    for index in lines.indices.dropFirst(50) where random.chance(oneIn: 20) {
      lines.swapAt(index, index - Int.random(in: 1...30, using: &random))
    }
    try folder.write("in.csv", lines.joined(separator: "\n") + "\n")
    let options = Self.showing + ["--input", "in.csv"]
    let expected = try Self.undisturbed(["run", ReferencePipelineTests.pipeline] + options, in: folder)
    let letters = try String(contentsOfFile: folder.path(Self.letters), encoding: .utf8)
      .split(separator: "\n").sorted()
    let late = expected.totals["late"].flatMap { Int($0.replacingOccurrences(of: ",", with: "")) } ?? 0
    #expect(late > 100 && letters.count == bad + late)

    let run = try RecoverableRun(
      options + Self.paced + ["--output", "out.csv", "--checkpoint-every", "50ms"]
        + ["--workers", "transactions=\(sources)"],
      in: folder
    )
    var program = try run.start()
    // Sources above all, which hold the letters back; and the coordinator, which publishes them.
    for part in [8, 3, 2] {
      program.wait { run.results.count > expected.results.count / part }
      guard program.isRunning else { break }
      if part == 3 {
        program.send(signal: SIGKILL)
        _ = program.finish()
        program = try run.start()
      } else if let victim = program.children.filter({ $0.stageNumber == 0 }).randomElement(using: &random) {
        kill(victim.pid, SIGKILL)
      }
    }
    let outcome = program.finish()
    #expect(outcome.status == 0, "\(outcome.log)")
    #expect(run.results.difference(from: expected.results) == nil)
    #expect(Summary(outcome.log).totals == expected.totals, "\(outcome.log)")
    let written = String(decoding: run.contents(Self.letters), as: UTF8.self).split(separator: "\n")
    #expect(written.count == letters.count && written.sorted() == letters, "the dead letters differ")
  }
}
