import Foundation
import TestSupport
import Testing

/// A budget of alerts, by the real programs: the same rows however it is run.
@Suite struct BudgetTests {
  static func pipeline(in folder: TemporaryFolder, _ budget: String) throws -> String {
    var text = try String(contentsOfFile: ReferencePipelineTests.pipeline, encoding: .utf8)
    for (old, new) in [
      ("stdout: jsonl\n", "stdout: jsonl\n      budget: \(budget)\n"), ("review: 0.5", "review: 0.02"),
      ("../datasets", Repository.path("datasets")), ("models/card", Repository.path("pipelines/models/card")),
    ] {
      try #require(text.contains(old))
      text.replace(old, with: new)
    }
    return try folder.write("budget.yaml", text)
  }

  @Test func theSameRowsHoweverItIsRun() throws {
    let folder = try TemporaryFolder()
    let pipeline = try Self.pipeline(in: folder, "{ keep: 4, key: customer_id }")
    let columns = ["--columns", "transaction_id,tx_datetime,customer_id,score", "--format", "csv"]
    let all = try Program.run(
      "sluice",
      ["run", pipeline, "--all", "--columns", BacktestTests.columns, "--output", "all.csv"],
      in: folder
    )
    #expect(all.status == 0, "\(all.log)")
    let plain = try Program.run("sluice", ["run", pipeline] + columns, in: folder)
    #expect(plain.status == 0, "\(plain.log)")

    // By the definition, of all rows.
    let rows = try String(contentsOfFile: folder.path("all.csv"), encoding: .utf8).split(separator: "\n").dropFirst()
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
      .filter { $0[6] != "approve" }
    var expected = ["transaction_id,tx_datetime,customer_id,score"]
    for day in Set(rows.map { $0[1].prefix(10) }).sorted() {
      var seen: Set<String> = []
      // What is sorted is in the order of the positions, and stays so among equals.
      let sorted = rows.filter { $0[1].hasPrefix(day) }.enumerated().sorted {
        let (one, other) = (Double($0.element[5]) ?? 0, Double($1.element[5]) ?? 0)
        return one > other || (one == other && $0.offset < $1.offset)
      }
      expected += sorted.map(\.element).filter { seen.insert($0[2]).inserted }.prefix(4)
        .map { [$0[0], $0[1], $0[2], $0[5]].joined(separator: ",") }
    }
    #expect(plain.output.split(separator: "\n").map(String.init) == expected)
    #expect(expected.count > 200)
    let totals = Summary(plain.log).totals
    #expect(totals["unaccounted for"] == "0" && totals["rows out"] == "\(expected.count - 1)")

    // A backtest flags what is shown.
    let rated = try BacktestTests.backtest([pipeline], in: folder).pipelines[0]
    #expect(rated.flagged == expected.count - 1)

    for options in [
      ["--workers", "alerts=3", "--workers", "customer=2"], ["--isolation", "thread", "--batch-rows", "7"],
      ["--mode", "micro-batch", "--every", "1000 rows"], ["--checkpoints", "saved", "--checkpoint-every", "10ms"],
    ] {
      let run = try Program.run("sluice", ["run", pipeline] + columns + options, in: folder)
      #expect(run.output == plain.output, "\(options)")
      #expect(Summary(run.log).totals == totals, "\(options)")
    }
  }

  /// What is held is in the checkpoint: another run goes on with it.
  @Test func aRunThatIsInterruptedGoesOn() throws {
    let folder = try TemporaryFolder()
    let pipeline = try Self.pipeline(in: folder, "{ keep: 4, key: customer_id }")
    let plain = try Program.run("sluice", ["run", pipeline, "--output", "plain.jsonl"], in: folder)
    #expect(plain.status == 0, "\(plain.log)")
    let command = ["run", pipeline, "--output", "alerts.jsonl", "--checkpoints", "saved", "--checkpoint-every", "10ms"]
    let slow = try Program("sluice", command + ["--speed", "2000000x"], in: folder)
    slow.wait { (try? String(contentsOfFile: folder.path("alerts.jsonl"), encoding: .utf8))?.contains("\n") == true }
    slow.send(signal: SIGINT)
    let interrupted = slow.finish()
    #expect(interrupted.status == 130, "\(interrupted.log)")
    let rest = try Program.run("sluice", command, in: folder)
    #expect(rest.status == 0, "\(rest.log)")
    let expected = try String(contentsOfFile: folder.path("plain.jsonl"), encoding: .utf8)
    #expect(try String(contentsOfFile: folder.path("alerts.jsonl"), encoding: .utf8) == expected)
    // Another budget is another state.
    let other = try Self.pipeline(in: folder, "{ keep: 5, key: customer_id }")
    let refused = try Program.run("sluice", command, in: folder)
    #expect(refused.status != 0 && refused.log.contains("budget"), "\(other): \(refused.log)")
  }
}
