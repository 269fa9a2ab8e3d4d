import Foundation
import TestSupport
import Testing

/// What a run goes on from has to mean the same to it.
extension RecoveryTests {
  /// An edit of the pipeline's text.
  typealias Edit = (from: String, to: String)

  /// The reference pipeline, changed, under another name.
  static func changed(_ edits: [Edit], in folder: TemporaryFolder) throws -> String {
    var text = try String(contentsOfFile: ReferencePipelineTests.pipeline, encoding: .utf8)
      .replacingOccurrences(of: "../datasets", with: Repository.path("datasets"))
      .replacingOccurrences(of: "models/card-fraud.json", with: "model.json")
    for edit in edits {
      try #require(text.contains(edit.from))
      text = text.replacingOccurrences(of: edit.from, with: edit.to)
    }
    return try folder.write("pipeline.yaml", text)
  }

  static func writeModel(in folder: TemporaryFolder, _ edits: [Edit] = []) throws {
    var text = try String(contentsOfFile: Repository.path("pipelines/models/card-fraud.json"), encoding: .utf8)
    for edit in edits {
      try #require(text.contains(edit.from))
      text = text.replacingOccurrences(of: edit.from, with: edit.to)
    }
    try folder.write("model.json", text)
  }

  @Test func aCheckpointOfAnotherPipelineOrInputIsRefused() throws {
    let folder = try TemporaryFolder()
    try Self.writeModel(in: folder)
    let data = try String(contentsOfFile: Repository.path("datasets/card-transactions.csv"), encoding: .utf8)
    try folder.write("in.csv", data)
    let run = try RecoverableRun(
      Self.showing + ["--output", "out.csv", "--input", "in.csv"],
      of: try Self.changed([], in: folder),
      in: folder
    )
    #expect(try run.interrupt(["--checkpoint-every", "50ms"] + Self.slow).status == 130)
    let results = run.results

    func expectRefusal(_ messages: [String], _ options: [String] = []) throws {
      let outcome = try run.finish(options)
      #expect(outcome.status == 1 || outcome.status == 2)
      for message in messages { #expect(outcome.log.contains(message), "\(outcome.log)") }
      #expect(outcome.log.contains("start over with --fresh"))
      #expect(run.results.difference(from: results) == nil)
    }
    _ = try Self.changed([("key: customer_id", "key: terminal_id")], in: folder)
    try expectRefusal(["stage 'customer': key is 'terminal_id: int64', but 'customer_id: int64' in checkpoint "])
    _ = try Self.changed(
      [("count over 30d\n        customer_mean", "count over 20d\n        customer_mean")],
      in: folder
    )
    try expectRefusal(["stage 'customer': edges of its windows is '0s, 1d, 7d, 20d, 30d', but '0s, 1d, 7d, 30d' in "])
    _ = try Self.changed([("mean(tx_amount) over 1d", "mean(transaction_id) over 1d")], in: folder)
    try expectRefusal(["stage 'customer': aggregated columns is "])
    _ = try Self.changed([("pipeline: card-fraud", "pipeline: other")], in: folder)
    try expectRefusal(["is of pipeline 'card-fraud', not 'other'"])
    _ = try Self.changed([], in: folder)
    try expectRefusal(["stage 'alerts': results is 'other.csv', but 'out.csv' in"], ["--output", "other.csv"])

    try folder.write("in.csv", data + "54216,2018-06-05 23:59:59,1,1,1.00,0,0\n")
    try expectRefusal(["stage 'transactions': size of the input is "])
    try folder.write("in.csv", data.replacingOccurrences(of: "388,392,26.39", with: "388,392,26.38"))
    try expectRefusal(["stage 'transactions': checksum of the input's first 65536 bytes is "])

    // All of that has changed nothing.
    try folder.write("in.csv", data)
    let last = try run.finish()
    #expect(last.status == 0, "\(last.log)")
    #expect(try run.results.difference(from: Self.undisturbed.get().results) == nil)
  }

  /// Each part of the stream has the results of the pipeline that read it.
  @Test func whatKeepsNoStateMayChange() throws {
    let folder = try TemporaryFolder()
    let variants: [(edits: [Edit], model: [Edit], options: [String])] = [
      ([], [], []),
      ([("where: decision != 'approve'", "where: tx_amount > 60")], [], []),
      ([("review: 0.5", "review: 0.01")], [], ["--workers", "customer=3"]),
      ([("review: 0.5", "review: 0.02")], [("8.284686E-3", "8.284686E-1")], ["--workers", "alerts=2"]),
    ]
    let run = try RecoverableRun(
      ["--format", "csv", "--output", "out.csv"],
      of: try Self.changed([], in: folder),
      in: folder
    )
    var expected: [Substring] = []
    var start = 0
    for (number, variant) in variants.enumerated() {
      let isLast = number == variants.count - 1
      try Self.writeModel(in: folder, variant.model)
      let pipeline = try Self.changed(variant.edits, in: folder)
      let whole = try Self.undisturbed(["run", pipeline, "--format", "csv"] + variant.options, in: folder).results
      let outcome =
        isLast
        ? try run.finish(variant.options)
        : try run.interrupt(
          afterCheckpoints: run.lastCheckpoint + 4,
          ["--checkpoint-every", "50ms"] + Self.slow + variant.options
        )
      #expect(outcome.status == (isLast ? 0 : 130), "\(outcome.log)")
      // The rows are numbered.
      let end = try #require(Summary(outcome.log).count("rows in"))
      #expect(end > start)
      let lines = String(decoding: whole, as: UTF8.self).split(separator: "\n")
      if expected.isEmpty { expected = Array(lines.prefix(1)) }
      let part = lines.dropFirst().filter { start..<end ~= $0.split(separator: ",").first.flatMap { Int($0) } ?? -1 }
      #expect(!part.isEmpty)
      expected += part
      start = end
    }
    let results = String(decoding: run.results, as: UTF8.self).split(separator: "\n")
    #expect(results.count == expected.count && results == expected, "the results are not those of the parts")
  }
}
