import Foundation
import TestSupport
import Testing

/// The reasons of the reference pipeline's model, with the real programs.
@Suite struct ModelReasonTests {
  private static func pipeline(in folder: TemporaryFolder, approved: Bool) throws -> String {
    try folder.write(
      "reasons.csv",
      "feature,text,lowers\ntx_amount,high amount,low amount\n"
        + [1, 7, 30].map { "terminal_risk_\($0)d,fraud at the terminal,\n" }.joined()
    )
    return try ScalingTests.pipeline(in: folder) {
      $0.replacingOccurrences(
        of: "      decisions:\n",
        with: "      reasons: { top: 2, at_least: 0.5, approved: \(approved), texts: reasons.csv }\n      decisions:\n"
      )
    }
  }

  @Test func reasonsAreTheSameInEveryCombination() throws {
    let folder = try TemporaryFolder()
    let path = try Self.pipeline(in: folder, approved: true)
    let arguments = ["run", path, "--all", "--limit", "30000"]
    let expected = try ScalingTests.output(of: arguments)
    #expect(expected.contains("\"reasons\":\"risky_terminal;fraud at the terminal"))
    #expect(expected.contains("\"reasons\":\"low amount"))
    for combination in [
      ScalingTests.Combination(3, 7, ScalingTests.rows), .init([2, 1, 3, 2, 1], 1000, threads: true),
    ] {
      let output = try ScalingTests.output(of: arguments + combination.options)
      #expect(output.utf8.count == expected.utf8.count && output == expected, "\(combination.testDescription)")
    }
  }

  @Test func approvedRowsHaveNoneUnlessAsked() throws {
    let folder = try TemporaryFolder()
    let path = try Self.pipeline(in: folder, approved: false)
    let lines = try ScalingTests.output(of: ["run", path, "--all", "--limit", "30000"]).split(separator: "\n")
    let approved = lines.filter { $0.contains("\"decision\":\"approve\"") }
    #expect(approved.count > 25_000)
    #expect(!approved.contains { $0.contains(" amount") || $0.contains("fraud at") })
    #expect(lines.contains { $0.contains("\"decision\":\"review\"") && $0.contains("high amount") })
  }
}
