import Foundation
import TestSupport
import Testing

/// Labels that come as a stream of their own, when they are known.
@Suite struct LabelStreamTests {
  static let pipeline = Repository.path("pipelines/card-fraud-labels.yaml")
  static let columns = [
    "transaction_id", "tx_datetime", "tx_amount", "customer_mean_30d", "terminal_count_1d", "terminal_risk_1d",
    "terminal_count_7d", "terminal_risk_7d", "terminal_count_30d", "terminal_risk_30d", "score", "decision", "reasons",
  ]

  /// A window over labels that became known is one over labels of before: the same features and scores, to the bit.
  @Test func labelsOfAStreamGiveWhatLabelsOfOldRowsGive() throws {
    let options = ["--all", "--format", "csv", "--columns", Self.columns.joined(separator: ",")]
    let folder = try TemporaryFolder()
    let stream = try Program.run("sluice", ["run", Self.pipeline] + options, in: folder)
    let rows = try Program.run("sluice", ["run", ReferencePipelineTests.pipeline] + options, in: folder)
    #expect(stream.status == 0 && rows.status == 0, "\(stream.log)\(rows.log)")
    #expect(Data(stream.output.utf8).difference(from: Data(rows.output.utf8)) == nil)
  }

  @Test func theLaterLabelsComeTheLessScoresAreWorth() throws {
    let folder = try TemporaryFolder()
    let text = try String(contentsOfFile: Self.pipeline, encoding: .utf8)
      .replacing("../datasets", with: Repository.path("datasets"))
      .replacing("model: models", with: "model: " + Repository.path("pipelines/models"))
    let precisions = try [7, 14, 30].map { days in
      let path = try folder.write("late-\(days).yaml", text.replacing("delay: 7d", with: "delay: \(days)d"))
      let run = try Program.run("sluice", ["run", path], in: folder)
      return try #require(Summary(run.log).number("average precision"), "\(run.log)")
    }
    #expect(precisions[0] > precisions[1] + 0.1 && precisions[1] > precisions[2] + 0.1, "\(precisions)")
  }
}
