internal import Dataflow
internal import Plan
internal import Records
internal import Supervisor

/// A run of a pipeline within another command: its workers are threads, and it says nothing.
struct QuietRun {
  /// What became of the rows.
  let totals: RowTotals
  /// When stages had to do with the row that was followed, if one was, by their numbers.
  let times: [Int: RowTimes]

  /// Why a run failed, a line each.
  struct Failure: Error, CustomStringConvertible {
    let lines: [String]
    var description: String { lines.joined(separator: "\n") }
  }

  /// - Parameter name: by which people find it.
  init(_ plan: PipelinePlan, name: String) throws(Failure) {
    let observer = Observer()
    let coordinator: Coordinator
    do {
      let supervisor = try RunSupervisor(try IsolationName.thread.isolation, of: name, listen: nil)
      coordinator = try supervisor.run(PlainRun(plan), observer: observer) { _ in }
    } catch {
      throw Failure(lines: ["the run failed: \(error)"])
    }
    guard coordinator.outcome == .completed else {
      let cause = if case .failed(_, let cause) = coordinator.outcome { cause } else { "it was stopped" }
      throw Failure(lines: ["the run failed: \(cause)"] + observer.lines)
    }
    totals = RowTotals(coordinator.progress)
    times = coordinator.reports.reduce(into: [:]) { $0[Int($1.worker.id.stage)] = RowTimes($1.report.figures) }
  }

  /// Keeps what workers say, for a run that fails.
  private final class Observer: RunObserver {
    var lines: [String] = []

    func log(_ line: String, worker: String) { lines.append("\(worker): \(line.printable)") }
    func warn(_ text: String) { lines.append(text.printable) }
    func progress(_ workers: [(worker: CoordinatedWorker, counters: RowCounters)]) {}
  }
}
