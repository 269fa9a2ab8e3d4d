internal import Foundation

/// How many rows a second the pipeline takes in, beside the floor on the same file.
///
/// The two run in turn, so that what else the machine does falls on both; a ratio is that of one pair.
struct Throughput {
  private let workload: Workload
  private let runs: Int

  init(_ workload: Workload, runs: Int) {
    self.workload = workload
    self.runs = runs
  }

  /// One of the two contestants.
  private struct Figure {
    var rate = Measurement()
    var elapsed = Measurement()
    var processor = Measurement()
    var largest = Measurement()

    mutating func add(_ cost: Cost, rows: Int) {
      rate.add(Double(rows) / cost.elapsed)
      elapsed.add(cost.elapsed)
      processor.add(cost.processor)
      largest.add(cost.largestProcess)
    }

    func row(_ name: String) -> [String] {
      [name] + rate.texts(Figures.grouped) + [
        Figures.fixed(elapsed.median, 3), Figures.fixed(processor.median, 3), Figures.megabytes(largest.median),
      ]
    }
  }

  func run(on bench: Workbench) throws {
    let data = try bench.data()
    let pipeline = try workload.pipeline(on: data, bench)
    let floorArguments = [data.path, workload.modelFile(bench).path, workload.review, workload.decline]
    let floorRows = bench.folder.appending(path: "floor.jsonl")
    let pipelineRows = bench.folder.appending(path: "pipeline.jsonl")
    var floor = Figure()
    var sluice = Figure()
    var ratio = Measurement()
    var rows = 0
    var comparison = RowComparison()
    Report.heading("throughput, \(workload.name)")
    for run in 0...runs {
      let first = try bench.run("floor", floorArguments, output: floorRows)
      let second = try bench.run("sluice", ["run", pipeline], output: pipelineRows)
      rows = try first.log.floorRows()
      guard try second.log.rows("rows in") == rows else {
        throw BenchmarkFailure("the floor read \(rows) rows, and the pipeline another number:\n\(second.log.text)")
      }
      comparison = try RowComparison.compare(floorRows, pipelineRows)
      // The first pair fills the page cache.
      if run == 0 { continue }
      floor.add(first.cost, rows: rows)
      sluice.add(second.cost, rows: rows)
      let share = first.cost.elapsed / second.cost.elapsed
      ratio.add(share)
      let times = [first, second].map { Figures.fixed($0.cost.elapsed, 3) }
      Report.line("  pair \(run): floor \(times[0]) s, pipeline \(times[1]) s, ratio \(Figures.fixed(share, 2))")
    }
    Report.table([
      ["", "rows/s", "least", "greatest", "seconds", "CPU seconds", "largest process"],
      floor.row("floor"), sluice.row("pipeline"),
      ["ratio"] + ratio.texts { Figures.fixed($0, 2) },
    ])
    let verdict = ratio.median >= workload.budget ? "met" : "missed"
    Report.line("  budget: a ratio of at least \(workload.budget), \(verdict)")
    Report.line("  rows: \(Figures.grouped(Double(rows))) in; \(comparison.text)")
  }
}
