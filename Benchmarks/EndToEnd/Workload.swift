internal import Foundation

/// The reference pipeline with one of the benchmark's models, at thresholds that let some rows through.
struct Workload {
  let name: String
  /// A file of Benchmarks/Models.
  let model: String
  let review: String
  let decline: String
  /// The least ratio of the pipeline's rows/s to the floor's.
  let budget: Double

  static let linear = Workload(name: "linear model", model: "linear.json", review: "0.05", decline: "0.5", budget: 0.8)
  static let trees = Workload(name: "100 trees", model: "trees.json", review: "0.5", decline: "0.9", budget: 1.5)
  static let all = [linear, trees]

  func modelFile(_ bench: Workbench) -> URL { bench.repository.appending(path: "Benchmarks/Models/\(model)") }

  /// Writes the pipeline's file, on `csv`, into the bench's folder.
  ///
  /// - Parameter evaluates: whether the scores are compared with the labels, for the summary, which the floor does not do.
  func pipeline(on csv: URL, _ bench: Workbench, evaluates: Bool = true) throws -> String {
    let original = bench.repository.appending(path: "pipelines/card-fraud.yaml")
    var text = try String(contentsOf: original, encoding: .utf8)
    for (old, new) in [
      ("csv: ../datasets/card-transactions.csv\n", "csv: \(Self.quoted(csv))\n"),
      ("model: models/card-fraud.json\n", "model: \(Self.quoted(modelFile(bench)))\n"),
      ("review: 0.5\n", "review: \(review)\n"),
      ("decline: 0.9\n", "decline: \(decline)\n"),
      (Self.evaluation, evaluates ? Self.evaluation : ""),
    ] {
      let pieces = text.components(separatedBy: old)
      guard pieces.count == 2 else {
        throw BenchmarkFailure(
          "'\(old.dropLast())' is \(pieces.count - 1) times in \(original.path), not once: the benchmark must follow it"
        )
      }
      text = pieces.joined(separator: new)
    }
    let file = bench.folder.appending(path: evaluates ? "card-fraud.yaml" : "card-fraud-without-evaluation.yaml")
    try text.write(to: file, atomically: false, encoding: .utf8)
    return file.path
  }

  private static let evaluation = """
          evaluate:
            label: tx_fraud
            card: customer_id
            amount: tx_amount

    """

  /// A path as a YAML scalar, whatever it holds.
  static func quoted(_ file: URL) -> String {
    "'" + file.path.replacingOccurrences(of: "'", with: "''") + "'"
  }
}
