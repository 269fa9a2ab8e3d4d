internal import Foundation

/// The most memory that each worker holds, as it says itself when it ends.
struct MemoryUse {
  /// Megabytes of a worker beyond its state.
  private static let budget = 20

  func run(on bench: Workbench) throws {
    let large = try bench.data()
    Report.heading("memory, peak of each worker")
    var rows = [["worker"]]
    // The shipped data leave little state behind; what a worker holds then is nearly all its own.
    for (name, workload, data) in [
      ("linear, large data", Workload.linear, large), ("trees, large data", Workload.trees, large),
      ("linear, shipped data", Workload.linear, bench.shippedData),
    ] {
      rows[0].append(name)
      let run = try bench.run(
        "sluice",
        ["run", try workload.pipeline(on: data, bench)],
        output: bench.folder.appending(path: "pipeline.jsonl")
      )
      for (index, entry) in try run.log.memory().enumerated() {
        if index + 1 == rows.count { rows.append([entry.worker]) }
        rows[index + 1].append(entry.size)
      }
    }
    Report.table(rows)
    Report.line("  budget: at most \(Self.budget) MB beyond a worker's state")
  }
}
