internal import Dataflow
internal import Foundation
internal import Plan
internal import Records
internal import Telemetry

/// The closing lines of a run: what became of the rows, how fast, and how good the scores were.
struct RunSummary {
  let text: String

  init(_ plan: PipelinePlan, _ coordinator: Coordinator, elapsed: Duration) {
    var lines: [String] = []
    func add(_ label: String, _ value: String) {
      lines.append("  " + label.padding(toLength: 20, withPad: " ", startingAt: 0) + value)
    }
    let total = RowTotals(coordinator.progress)
    let ending =
      switch coordinator.outcome {
      case .completed: "done"
      case .interrupted: "interrupted"
      case .outputClosed: "ended: nobody reads the results any more"
      case .failed, nil: "failed"
      }
    lines.append("\(plan.name): \(ending)")
    let isCutShort = coordinator.outcome == .outputClosed
    // Where the reader has gone, the workers end wherever they are, and have not told all.
    if !isCutShort { add("rows in", total.rowsIn.grouped) }
    if !isCutShort, total.copied > 0 { add("copied", total.copied.grouped) }
    add("rows out", total.rowsOut.grouped)
    if !isCutShort {
      add("filtered", total.filtered.grouped)
      if total.gathered > 0 {
        add("gathered", "\(total.gathered.grouped) in windows")
        add("emitted", "\(total.emitted.grouped) by windows")
      }
      add("late", total.late.grouped)
      add("dead letters", total.deadLetters.grouped + (total.deadLetters > 0 ? "  (\(plan.deadLetterPath))" : ""))
    }
    if coordinator.isReleased {
      let missing = total.missing
      add("unaccounted for", missing.grouped + (missing == 0 ? "" : "  (this is a defect: please report it)"))
    } else if coordinator.outcome == .interrupted {
      add("given up under way", max(total.missing, 0).grouped)
    }
    add("time", "\(Self.fixed(elapsed.seconds, 2)) s")
    if !isCutShort { add("rows/s", Int64(Double(total.rowsIn) / max(elapsed.seconds, 1e-9)).grouped) }
    if let checkpoints = Self.checkpoints(coordinator.reports.map(\.report)) { add("checkpoints", checkpoints) }
    let sinks = coordinator.reports.filter { $0.worker.downstream.isEmpty }
    for (worker, report) in sinks {
      var figures: [String: Double] = [:]
      for figure in report.figures { figures[figure.name] = figure.value }
      if sinks.count > 1 { lines.append("  \(worker.name.prefix { $0 != "/" })") }
      Self.addFigures(figures, add)
      lines += ChallengerTable(report.figures).lines.map { "  " + $0 }
    }
    for (worker, report) in coordinator.reports {
      if let words = LearningFigures(report.figures)?.words {
        add("learned", "\(worker.name.prefix { $0 != "/" }): \(words)")
      }
    }
    let memory = coordinator.reports.compactMap { worker, report in
      report.figures.first { $0.name == "peak_memory" }.map { "\(worker.name) \(Self.fixed($0.value / 1e6, 0)) MB" }
    }
    if !memory.isEmpty {
      add("memory", memory.joined(separator: ", "))
    } else if !coordinator.reports.isEmpty, let own = PeakMemory.figures.first {
      add("memory", "all in one process \(Self.fixed(own.value / 1e6, 0)) MB")
    }
    let state = Self.state(coordinator.reports.map { ($0.worker.name, $0.report) })
    if !state.isEmpty { add("live keys", state.joined(separator: ", ")) }
    text = lines.joined(separator: "\n") + "\n"
  }

  /// The keys of each window stage, and what they take.
  private static func state(_ reports: [(worker: String, report: WorkerReport)]) -> [String] {
    var stages: [(name: Substring, keys: Double, bytes: Double)] = []
    for (worker, report) in reports {
      func figure(_ name: String) -> Double? { report.figures.first { $0.name == name }?.value }
      guard let keys = figure(.liveKeys), let bytes = figure(.stateBytes) else { continue }
      let name = worker.prefix { $0 != "/" }
      if stages.last?.name != name { stages.append((name, 0, 0)) }
      stages[stages.count - 1].keys += keys
      stages[stages.count - 1].bytes += bytes
    }
    return stages.map { "\($0.name) \($0.keys.whole.grouped) (\(fixed($0.bytes / 1e6, 1)) MB)" }
  }

  /// Latency and quality of what a sink wrote.
  private static func addFigures(_ figures: [String: Double], _ add: (_ label: String, _ value: String) -> Void) {
    if let p50 = figures["latency_p50"], let p99 = figures["latency_p99"], let p999 = figures["latency_p999"],
      let most = figures["latency_max"]
    {
      add(
        "latency",
        "p50 \(Self.time(p50))  p99 \(Self.time(p99))  p99.9 \(Self.time(p999))  max \(Self.time(most))"
      )
    }
    if let rows = figures["evaluated_rows"], let frauds = figures["evaluated_frauds"] {
      add("labelled rows", "\(rows.whole.grouped), \(frauds.whole.grouped) of them fraud")
    }
    if let value = figures["auc_roc"] { add("AUC ROC", Self.fixed(value, 4)) }
    if let value = figures["average_precision"] { add("average precision", Self.fixed(value, 4)) }
    if let value = figures["card_precision_at_k"], let k = figures["k"], let days = figures["days"],
      let possible = figures["card_precision_possible"]
    {
      add(
        "card precision@\(k.whole)",
        "\(Self.fixed(value, 4))  (of at most \(Self.fixed(possible, 4)); mean of \(days.whole) days)"
      )
    }
  }

  /// What the checkpoints cost, over all workers.
  private static func checkpoints(_ reports: [WorkerReport]) -> String? {
    func values(_ name: String) -> [Double] {
      reports.flatMap { $0.figures.filter { $0.name == name }.map(\.value) }
    }
    guard let count = values("checkpoint_count").max(), let pause = values("checkpoint_pause").max() else { return nil }
    var texts: [String] = []
    for (what, name) in [("all of the state", "full"), ("the last changes", "changes")] {
      let bytes = values("checkpoint_\(name)_bytes").reduce(0, +)
      guard bytes > 0, let longest = values("checkpoint_\(name)_time").max() else { continue }
      texts.append("\(what) \(fixed(bytes / 1e6, 1)) MB in \(time(longest))")
    }
    return "\(count.whole)  (\(texts.joined(separator: ", ")); longest pause \(time(pause)))"
  }

  static func fixed(_ value: Double, _ places: Int) -> String { value.fixed(places) }

  /// Nanoseconds for people.
  static func time(_ nanoseconds: Double) -> String {
    nanoseconds < 1e6
      ? "\(fixed(nanoseconds / 1e3, 0)) us"
      : nanoseconds < 1e9 ? "\(fixed(nanoseconds / 1e6, 2)) ms" : "\(fixed(nanoseconds / 1e9, 2)) s"
  }
}

extension Double {
  /// A figure that counts something; 0 for one that is no such number, which a worker may say as well.
  var whole: Int64 { Int64(exactly: rounded()) ?? 0 }
}
