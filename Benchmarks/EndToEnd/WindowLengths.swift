internal import Foundation

/// Whether a keyed stage's cost per row grows with the length of its window.
///
/// The stage's cost is the processor time of a pipeline of source, window and sink, less that of source and sink alone.
struct WindowLengths {
  let rounds: Int

  private static let lengths = [("1h", 1.0 / 24), ("1d", 1.0), ("30d", 30.0), ("90d", 90.0)]
  /// Times the cost of the shortest window; the longest holds some hundred times as many rows. What is left to grow is
  /// how much of the state the processor's caches hold.
  private static let budget = 2.0

  func run(on bench: Workbench) throws {
    let data = try bench.data()
    let bare = try Self.pipeline(nil, on: data, bench)
    let pipelines = try Self.lengths.map { try Self.pipeline($0.0, on: data, bench) }
    let results = bench.folder.appending(path: "pipeline.jsonl")
    var rows = 0
    var costs = Self.lengths.map { _ in Measurement() }
    var contestants = [Contestant("no window")] + Self.lengths.map { Contestant($0.0) }
    Report.heading("windows of one key, count and mean, large data, \(rounds) rounds")
    for round in 0...rounds {
      var processor = 0.0
      for (index, pipeline) in ([bare] + pipelines).enumerated() {
        let run = try bench.run("sluice", ["run", pipeline], output: results)
        rows = try run.log.rows("rows in")
        guard try run.log.rows("filtered") == rows else {
          throw BenchmarkFailure("not every row was filtered:\n\(run.log.text)")
        }
        // The first round fills the page cache.
        guard round > 0 else { continue }
        contestants[index].add(run.cost, rows: rows)
        if index == 0 {
          processor = run.cost.processor
        } else {
          costs[index - 1].add((run.cost.processor - processor) / Double(rows) * 1e9)
        }
      }
    }
    Report.table([["window"] + Contestant.columns] + contestants.map(\.row))
    Report.table([["window", "rows of a key in it", "ns of CPU a row", "least", "greatest"]] + costs.indices.map(row))
    let growth = costs[costs.count - 1].median / costs[0].median
    Report.line(
      "  budget: the longest at most \(Self.budget) times the shortest, \(growth <= Self.budget ? "met" : "missed"): "
        + "\(Figures.fixed(growth, 2)) times"
    )

    func row(_ index: Int) -> [String] {
      let perDay = Double(rows) / Double(Workbench.customers * Workbench.days)
      return [Self.lengths[index].0, Figures.fixed(max(perDay * Self.lengths[index].1, 1), 0)]
        + costs[index].texts { Figures.fixed($0, 0) }
    }
  }

  /// Writes the pipeline's file into the bench's folder; without a window where `length` is nil.
  private static func pipeline(_ length: String?, on csv: URL, _ bench: Workbench) throws -> String {
    let window =
      length.map { length in
        """
          customer:
            from: transactions
            window:
              key: customer_id
              features:
                customer_count: count over \(length)
                customer_mean: mean(tx_amount) over \(length)

        """
      } ?? ""
    let text = """
      pipeline: window-length
      stages:
        transactions:
          source:
            csv: \(Workload.quoted(csv))
            time: tx_datetime
            columns:
              transaction_id: int64
              tx_datetime: timestamp
              customer_id: int64
              terminal_id: int64
              tx_amount: decimal(2)
              tx_fraud: int64
              tx_fraud_scenario: int64
      \(window)  nothing:
          from: \(length == nil ? "transactions" : "customer")
          where: \(length == nil ? "terminal_id < 0" : "customer_count < 0 or customer_mean < 0")
          sink:
            stdout: jsonl

      """
    let file = bench.folder.appending(path: "window-\(length ?? "none").yaml")
    try text.write(to: file, atomically: false, encoding: .utf8)
    return file.path
  }
}
