internal import Foundation

/// How long a row takes from when it is scheduled to arrive until the sink has written it, where rows come at a steady
/// rate whether the pipeline keeps up or not. The sink writes every row, to /dev/null: 9 MB/s of results on a disk would
/// measure the disk, whose stalls are longer than anything here.
struct Latency {
  let workload: Workload
  /// How long the budgeted rate is held.
  let seconds: Int
  /// The lower rates too, for context.
  let hasLowerRates: Bool

  private static let rate = 20_000
  private static let lowerRates = [1000, 5000]
  private static let lowerSeconds = 10
  /// The data are enough for so long, and longer where that is asked for.
  private static let leastSeconds = 60

  /// How the workers live, and the most milliseconds that the design grants them.
  private struct Isolation {
    let name: String
    let budget: [(name: String, most: Double, value: @Sendable (Percentiles) -> Double)]
  }

  private static let isolations = [
    Isolation(name: "process", budget: [("p50", 0.25, \.p50), ("p99", 0.8, \.p99), ("p99.9", 4, \.p999)]),
    Isolation(name: "thread", budget: [("p50", 0.09, \.p50), ("p99", 0.5, \.p99)]),
  ]

  func run(on bench: Workbench) throws {
    let data = try SteadyData(rows: Self.rate * max(seconds, Self.leastSeconds), hasHotKey: false).file(bench)
    let pipeline = try workload.pipeline(on: data, bench)
    Report.heading("latency, \(workload.name), real-time, milliseconds from the scheduled time")
    var rows = [["rows/s offered", "workers", "seconds", "offered", "done"] + Percentiles.columns + ["CPU seconds/s"]]
    var verdicts: [String] = []
    for isolation in Self.isolations {
      for rate in (hasLowerRates ? Self.lowerRates : []) + [Self.rate] {
        let seconds = rate == Self.rate ? seconds : Self.lowerSeconds
        let offered = rate * seconds
        let run = try bench.run(
          "sluice",
          ["run", pipeline, "--all", "--speed", "\(rate)x", "--limit", "\(offered)", "--isolation", isolation.name],
          output: URL(filePath: "/dev/null"),
          seconds: seconds
        )
        let done = try run.log.rows("rows out")
        guard try run.log.rows("rows in") == offered, done == offered else {
          throw BenchmarkFailure("\(offered) rows were offered, and others done:\n\(run.log.text)")
        }
        let latency = try run.log.latency()
        let counts = [seconds, offered, done].map { Figures.grouped(Double($0)) }
        rows.append(
          [Figures.grouped(Double(rate)), isolation.name] + counts + latency.texts
            + [Figures.fixed(run.cost.processor / run.cost.elapsed, 2)]
        )
        if rate == Self.rate { verdicts.append(Self.verdict(latency, isolation)) }
      }
    }
    Report.table(rows)
    for verdict in verdicts { Report.line(verdict) }
  }

  private static func verdict(_ latency: Percentiles, _ isolation: Isolation) -> String {
    let parts = isolation.budget.map { name, most, value in
      "\(name) at most \(most): \(value(latency) <= most ? "met" : "missed")"
    }
    return "  budget at \(Figures.grouped(Double(rate))) rows/s, \(isolation.name): \(parts.joined(separator: ", "))"
  }
}
