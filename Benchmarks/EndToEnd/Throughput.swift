internal import Foundation

/// How many rows a second the pipeline takes in, in each of its ways to run, beside the floor on the same file.
///
/// All run in turn, so that what else the machine does falls on all; a ratio is that of two runs of one round.
struct Throughput {
  private let workload: Workload
  private let rounds: Int

  init(_ workload: Workload, rounds: Int) {
    self.workload = workload
    self.rounds = rounds
  }

  /// A way to run the pipeline, which changes no result.
  private struct Way {
    let name: String
    let arguments: [String]
    /// Whether the budget is for it: every stage one process, and the same work as the floor's.
    var isBudgeted = false
    var evaluates = false
  }

  private static let ways = [
    Way(name: "real-time", arguments: ["--mode", "real-time"], isBudgeted: true),
    Way(name: "micro-batch", arguments: ["--mode", "micro-batch", "--every", "100000 rows"], isBudgeted: true),
    Way(name: "real-time, threads", arguments: ["--isolation", "thread"]),
    Way(
      name: "real-time, 2 workers a window",
      arguments: ["--workers", "customer=2", "--workers", "terminal=2"]
    ),
    // What the floor does not do: AUC ROC, average precision and card precision for the summary.
    Way(name: "real-time, evaluating labels", arguments: ["--mode", "real-time"], evaluates: true),
  ]

  func run(on bench: Workbench) throws {
    let data = try bench.data()
    let pipeline = try workload.pipeline(on: data, bench, evaluates: false)
    let evaluating = try workload.pipeline(on: data, bench)
    let floorArguments = [data.path, workload.modelFile(bench).path, workload.review, workload.decline]
    let floorRows = bench.folder.appending(path: "floor.jsonl")
    let pipelineRows = bench.folder.appending(path: "pipeline.jsonl")
    var floor = Contestant("floor")
    var contestants = Self.ways.map { Contestant($0.name) }
    var ratios = Self.ways.map { _ in Measurement() }
    var rows = 0
    var comparison = RowComparison()
    Report.heading("throughput, \(workload.name), \(rounds) rounds")
    for round in 0...rounds {
      let first = try bench.run("floor", floorArguments, output: floorRows)
      rows = try first.log.floorRows()
      // The first round fills the page cache.
      if round > 0 { floor.add(first.cost, rows: rows) }
      for (index, way) in Self.ways.enumerated() {
        let second = try bench.run(
          "sluice",
          ["run", way.evaluates ? evaluating : pipeline] + way.arguments,
          output: pipelineRows
        )
        guard try second.log.rows("rows in") == rows else {
          throw BenchmarkFailure("the floor read \(rows) rows, and the pipeline another number:\n\(second.log.text)")
        }
        comparison = try RowComparison.compare(floorRows, pipelineRows)
        guard round > 0 else { continue }
        contestants[index].add(second.cost, rows: rows)
        ratios[index].add(first.cost.elapsed / second.cost.elapsed)
      }
    }
    Report.table([[""] + Contestant.columns, floor.row] + contestants.map(\.row))
    Report.table([["ratio to the floor", "median", "least", "greatest", "budget"]] + Self.ways.indices.map(ratioRow))
    Report.line("  rows: \(Figures.grouped(Double(rows))) in; \(comparison.text), in every run")

    func ratioRow(_ index: Int) -> [String] {
      let verdict = ratios[index].median >= workload.budget ? "met" : "missed"
      let budget = Self.ways[index].isBudgeted ? "at least \(workload.budget): \(verdict)" : "none"
      return [Self.ways[index].name] + ratios[index].texts { Figures.fixed($0, 2) } + [budget]
    }
  }
}
