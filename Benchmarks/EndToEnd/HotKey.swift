internal import Foundation

/// Whether one hot key, which carries three rows in ten, makes the rows of other keys wait.
///
/// Two runs of the same rows in real time, but for the customer of those three: how long do the others take? A summary
/// counts all rows alike, so the rows are timed here, where they come out of the pipeline's stdout.
struct HotKey {
  let rounds: Int

  private static let rate = 20_000
  private static let seconds = 10
  /// Times the p99 of the same rows where no key is hot.
  private static let budget = 2.0

  func run(on bench: Workbench) throws {
    Report.heading(
      "one hot key, \(Figures.grouped(Double(Self.rate))) rows/s for \(Self.seconds) s, real-time, 2 workers a window, "
        + "milliseconds of the other keys' rows"
    )
    let files = try [false, true].map { hasHotKey in
      try SteadyData(rows: Self.rate * Self.seconds, hasHotKey: hasHotKey).file(bench)
    }
    var rows = [["round", "", "rows"] + Percentiles.columns]
    var ratio = Measurement()
    for round in 1...rounds {
      let pair = try files.map { try others(on: $0, bench) }
      for (name, delays) in zip(["no hot key", "hot key"], pair) {
        rows.append(["\(round)", name, Figures.grouped(Double(delays.count))] + Percentiles(delays).texts)
      }
      ratio.add(Percentiles(pair[1]).p99 / Percentiles(pair[0]).p99)
    }
    Report.table(rows)
    Report.table([["", "median", "least", "greatest"], ["ratio of p99"] + ratio.texts { Figures.fixed($0, 2) }])
    Report.line("  budget: a ratio of at most \(Self.budget), \(ratio.median <= Self.budget ? "met" : "missed")")
  }

  /// How long each row took that is not the hot key's in either run.
  private func others(on data: URL, _ bench: Workbench) throws -> [Double] {
    let log = bench.folder.appending(path: "hot-key.log")
    let child = try Child(
      bench.program("sluice"),
      [
        "run", try Workload.linear.pipeline(on: data, bench), "--all", "--speed", "\(Self.rate)x",
        "--workers", "customer=2", "--workers", "terminal=2", "--format", "csv", "--columns", "transaction_id",
      ],
      output: .pipe,
      log: log
    )
    var rows = TimedRows()
    try child.readOutput { rows.take($0, $1) }
    _ = try child.finish()
    guard rows.transactions == Array(0..<Self.rate * Self.seconds) else {
      throw BenchmarkFailure("the pipeline did not write every row once, in order")
    }
    let first = rows.times[0]
    let delays = rows.transactions.indices.map { row in
      first.duration(to: rows.times[row]) / .milliseconds(1) - Double(row) * 1000 / Double(Self.rate)
    }
    // When the schedule began is known only to the source; the sink's own median says by how much all are off.
    let summary = RunLog(try String(contentsOf: log, encoding: .utf8))
    let shift = try summary.latency().p50 - Percentiles(delays).p50
    return delays.indices.filter { !SteadyData.isHot($0) }.map { delays[$0] + shift }
  }
}

/// The transactions of result rows, and when each came.
private struct TimedRows {
  private(set) var transactions: [Int] = []
  private(set) var times: [ContinuousClock.Instant] = []
  private var number = 0
  private var isHeader = true

  /// Takes in what came at `time`; a row has come when its end has.
  mutating func take(_ bytes: ArraySlice<UInt8>, _ time: ContinuousClock.Instant) {
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        if !isHeader {
          transactions.append(number)
          times.append(time)
        }
        isHeader = false
        number = 0
      } else if !isHeader {
        number = number * 10 + Int(byte) - Int(UInt8(ascii: "0"))
      }
    }
  }
}
