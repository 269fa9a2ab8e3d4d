internal import Foundation
internal import Glibc

/// What checkpoints cost, how long the stream stands still when a worker is killed or when others take its place, and
/// that no row is lost or comes twice.
struct Checkpoints {
  let rounds: Int

  private static let keys = ManyKeys(keys: 1_000_000, laterRows: 200_000)
  private static let rate = 20_000
  private static let steadyRate = 10_000
  private static let steadySeconds = 20
  /// Long enough for some checkpoints at full speed.
  private static let rows = 12_000_000

  func run(on bench: Workbench) throws {
    try throughput(bench)
    try manyKeys(bench)
    try scaling(bench)
  }

  // MARK: Throughput

  private func throughput(_ bench: Workbench) throws {
    Report.heading(
      "checkpoints: throughput, linear model, \(Figures.grouped(Double(Self.rows))) rows, \(rounds) rounds"
    )
    let data = try SteadyData(rows: Self.rows, hasHotKey: false).file(bench)
    let pipeline = try Workload.linear.pipeline(on: data, bench, evaluates: false)
    var plain = Contestant("without")
    var saving = Contestant("a checkpoint every second")
    var ratio = Measurement()
    for round in 0...rounds {
      let first = try bench.run("sluice", ["run", pipeline, "--output", "/dev/null"], output: nullDevice)
      let directory = bench.folder.appending(path: "throughput-\(round)").path
      let second = try bench.run(
        "sluice",
        ["run", pipeline, "--output", "/dev/null", "--checkpoints", directory, "--checkpoint-every", "1s"],
        output: nullDevice
      )
      try FileManager.default.removeItem(atPath: directory)
      // The first round fills the page cache.
      guard round > 0 else { continue }
      plain.add(first.cost, rows: Self.rows)
      saving.add(second.cost, rows: Self.rows)
      ratio.add(first.cost.elapsed / second.cost.elapsed)
      Report.line("  round \(round): \(try second.log.summary("checkpoints"))")
    }
    Report.table([[""] + Contestant.columns, plain.row, saving.row])
    Report.table([["ratio", "median", "least", "greatest"], [""] + ratio.texts { Figures.fixed($0, 2) }])
    Report.line("  budget: a ratio of at least 0.9, \(ratio.median >= 0.9 ? "met" : "missed")")
  }

  private var nullDevice: URL { URL(filePath: "/dev/null") }

  // MARK: A million keys

  private func manyKeys(_ bench: Workbench) throws {
    let keys = Self.keys
    Report.heading(
      "checkpoints: \(Figures.grouped(Double(keys.keys))) keys, then \(Figures.grouped(Double(Self.rate))) rows/s, "
        + "a checkpoint every second"
    )
    let pipeline = try keys.pipeline(bench)
    let options = ["--speed", "\(Self.rate)x", "--checkpoint-every", "1s", "--checkpoints"]
    for round in 1...rounds {
      let directory = bench.folder.appending(path: "keys-\(round)").path
      let undisturbed = try bench.run("sluice", ["run", pipeline] + options + [directory], output: nullDevice)
      try FileManager.default.removeItem(atPath: directory)
      Report.line("  round \(round): \(try undisturbed.log.summary("checkpoints"))")
      Report.line("    latency \(try undisturbed.log.summary("latency"))")
      var killed: ContinuousClock.Instant?
      let (rows, text) = try watch(pipeline, options + [directory], bench) { rows, child in
        guard killed == nil, rows.count > keys.keys + keys.laterRows / 2 else { return }
        killed = .now
        try child.killWorker(stage: 1)
      }
      try FileManager.default.removeItem(atPath: directory)
      guard let killed, rows.isWhole(keys.keys + keys.laterRows) else {
        throw BenchmarkFailure("rows were lost or came twice:\n\(text)")
      }
      Report.line("    kill -9 of the keyed worker: the next row came after \(rows.gap(after: killed)) ms")
    }
    Report.line("  budget: a pause of at most 2 ms; rows again within 1 s and the replay since the last checkpoint")
  }

  // MARK: Other numbers of workers

  private func scaling(_ bench: Workbench) throws {
    Report.heading(
      "checkpoints: `sluice scale` at \(Figures.grouped(Double(Self.steadyRate))) rows/s, longest gap between rows"
    )
    let count = Self.steadyRate * Self.steadySeconds
    let data = try SteadyData(rows: count, hasHotKey: false).file(bench)
    let pipeline = try Workload.linear.pipeline(on: data, bench)
    var changes = ["customer=2", "terminal=3", "score=2", "customer=4", "alerts=2", "terminal=1", "customer=1"][...]
    var gaps: [(change: String, time: ContinuousClock.Instant)] = []
    let directory = bench.folder.appending(path: "scale").path
    let options = [
      "--all", "--speed", "\(Self.steadyRate)x", "--format", "csv", "--columns", "transaction_id", "--checkpoints",
      directory,
    ]
    let every = count / (changes.count + 2)
    let (rows, text) = try watch(pipeline, options, bench) { rows, _ in
      guard let change = changes.first, rows.count > every * (gaps.count + 1) else { return }
      changes.removeFirst()
      gaps.append((change, .now))
      // Not waited for: the rows must be read meanwhile.
      _ = try Process.run(URL(filePath: bench.program("sluice")), arguments: ["scale", "card-fraud", change])
    }
    guard rows.isWhole(count) else { throw BenchmarkFailure("rows were lost or came twice:\n\(text)") }
    var table = [["change", "longest gap, ms"]]
    for (index, gap) in gaps.enumerated() {
      let end = index + 1 < gaps.count ? gaps[index + 1].time : nil
      table.append([gap.change, rows.longestGap(from: gap.time, to: end)])
    }
    Report.table(table)
    Report.line("  \(Figures.grouped(Double(count))) rows, each once and in order; goal: below 500 ms")
  }

  // MARK: Watching rows

  /// Runs a pipeline that writes the numbers of its rows, and reads them as they come.
  private func watch(
    _ pipeline: String,
    _ options: [String],
    _ bench: Workbench,
    _ each: (NumberedRows, Child) throws -> Void
  ) throws -> (NumberedRows, log: String) {
    let log = bench.folder.appending(path: "checkpoints.log")
    let child = try Child(bench.program("sluice"), ["run", pipeline] + options, output: .pipe, log: log)
    var rows = NumberedRows()
    try child.readOutput { bytes, time in
      rows.take(bytes, time)
      try each(rows, child)
    }
    _ = try child.finish()
    return (rows, try String(contentsOf: log, encoding: .utf8))
  }
}

/// Rows that are numbers from 0, and when they came.
private struct NumberedRows {
  private(set) var count = 0
  private var next = 0
  private var isInOrder = true
  private var number = 0
  private var isHeader = true
  /// When something came.
  private var times: [ContinuousClock.Instant] = []

  mutating func take(_ bytes: ArraySlice<UInt8>, _ time: ContinuousClock.Instant) {
    times.append(time)
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        if !isHeader {
          isInOrder = isInOrder && number == next
          next += 1
          count += 1
        }
        isHeader = false
        number = 0
      } else if !isHeader {
        number = number * 10 + Int(byte) - Int(UInt8(ascii: "0"))
      }
    }
  }

  /// Whether each came once, in its order.
  func isWhole(_ rows: Int) -> Bool { isInOrder && count == rows }

  /// Milliseconds of the longest time without a row.
  func longestGap(from start: ContinuousClock.Instant, to end: ContinuousClock.Instant?) -> String {
    let within = times.filter { time in time >= start && (end.map { time < $0 } ?? true) }
    let gaps = zip(within, within.dropFirst()).map { $0.duration(to: $1) / .milliseconds(1) }
    return Figures.fixed(gaps.max() ?? 0, 0)
  }

  /// Milliseconds from `moment` to the end of the longest gap behind it.
  func gap(after moment: ContinuousClock.Instant) -> String {
    let within = [moment] + times.filter { $0 > moment }
    let longest = zip(within, within.dropFirst()).max { $0.0.duration(to: $0.1) < $1.0.duration(to: $1.1) }
    return Figures.fixed(longest.map { moment.duration(to: $0.1) / .milliseconds(1) } ?? 0, 0)
  }
}
