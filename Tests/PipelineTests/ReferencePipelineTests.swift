import Foundation
import TestSupport
import Testing

/// The reference pipeline, by the real programs, on the shipped data.
@Suite struct ReferencePipelineTests {
  static let pipeline = Repository.path("pipelines/card-fraud.yaml")

  @Test func twoRunsGiveTheSameBytesAndTheCountsAddUp() throws {
    let folder = try TemporaryFolder()
    let first = try Program.run("sluice", ["run", Self.pipeline], in: folder)
    let second = try Program.run("sluice", ["run", Self.pipeline], in: folder)
    #expect(first.status == 0, "\(first.log)")
    #expect(first.output == second.output)
    #expect(!first.output.isEmpty)
    let rows =
      try String(contentsOfFile: Repository.path("datasets/card-transactions.csv"), encoding: .utf8)
      .split(separator: "\n").count - 1
    let summary = Summary(first.log)
    #expect(summary.count("rows in") == rows)
    #expect(summary.count("rows out") == first.output.split(separator: "\n").count)
    #expect(summary.count("dead letters") == 0)
    #expect(summary.count("unaccounted for") == 0)
    #expect(summary.number("AUC ROC") ?? 0 > 0.8)
  }

  @Test(arguments: ["jsonl", "csv", "table"])
  func everyFormatShowsEveryRow(format: String) throws {
    let folder = try TemporaryFolder()
    let run = try Program.run(
      "sluice",
      ["run", Self.pipeline, "--all", "--limit", "1000", "--format", format, "--quiet"],
      in: folder
    )
    #expect(run.status == 0, "\(run.log)")
    #expect(run.log == "", "--quiet says nothing")
    let headerLines = ["jsonl": 0, "csv": 1, "table": 2][format] ?? 0
    #expect(run.output.split(separator: "\n").count == 1000 + headerLines)
  }

  @Test func theResultRowHasItsColumnsInTheirOrder() throws {
    let folder = try TemporaryFolder()
    let run = try Program.run(
      "sluice",
      ["run", Self.pipeline, "--all", "--limit", "1", "--format", "csv"],
      in: folder
    )
    let columns = run.output.split(separator: "\n").first.map { $0.split(separator: ",").map(String.init) }
    var expected = ["transaction_id", "tx_datetime", "customer_id", "terminal_id", "tx_amount", "tx_fraud"]
    expected += ["tx_fraud_scenario", "during_weekend", "during_night"]
    for days in [1, 7, 30] { expected += ["customer_count_\(days)d", "customer_mean_\(days)d"] }
    for days in [1, 7, 30] { expected += ["terminal_count_\(days)d", "terminal_risk_\(days)d"] }
    expected += ["score", "decision", "reasons"]
    #expect(columns == expected)
  }

  @Test func anOutputFileHoldsWhatStdoutWouldHaveShown() throws {
    let folder = try TemporaryFolder()
    let shown = try Program.run("sluice", ["run", Self.pipeline, "--limit", "20000"], in: folder)
    let written = try Program.run(
      "sluice",
      ["run", Self.pipeline, "--limit", "20000", "--output", "alerts.jsonl"],
      in: folder
    )
    #expect(written.status == 0 && written.output == "")
    #expect(try String(contentsOfFile: folder.path("alerts.jsonl"), encoding: .utf8) == shown.output)
  }
}

/// The figures of a run's closing summary.
struct Summary {
  private var values: [String: String] = [:]

  init(_ log: String) {
    for line in log.split(separator: "\n") where line.hasPrefix("  ") {
      let text = line.dropFirst(2)
      guard text.count > 20 else { continue }
      let label = text.prefix(20).trimmingCharacters(in: .whitespaces)
      values[label] = text.dropFirst(20).split(separator: " ").first.map(String.init)
    }
  }

  func count(_ label: String) -> Int? {
    values[label].flatMap { Int($0.replacingOccurrences(of: ",", with: "")) }
  }

  func number(_ label: String) -> Double? { values[label].flatMap(Double.init) }

  /// What a run says of its rows and their scores: the same however it was run.
  var totals: [String: String] {
    values.filter {
      [
        "rows in", "copied", "rows out", "filtered", "gathered", "emitted", "late", "dead letters", "unaccounted for",
        "labelled rows",
        "AUC ROC", "average precision", "card precision@100",
      ].contains($0.key)
    }
  }
}
