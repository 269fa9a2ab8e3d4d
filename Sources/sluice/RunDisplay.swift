internal import Dataflow
internal import Foundation
internal import Plan
internal import Records
internal import Supervisor

/// What a run shows on stderr: a line that moves on a terminal, plain lines elsewhere, and the summary.
final class RunDisplay: RunObserver {
  private let plan: PipelinePlan
  private let isQuiet: Bool
  private let started = ContinuousClock.now
  private var shown = ContinuousClock.now
  private var hasLine = false
  /// Whether a line is redrawn in place: not where results scroll by on the terminal, which would be glued to it.
  private let isMoving: Bool

  /// Between two redraws of the moving line.
  private static let movingInterval = Duration.milliseconds(100)
  /// Between two plain lines where no line moves.
  private static let plainInterval = Duration.seconds(5)

  init(_ plan: PipelinePlan, quiet: Bool) {
    self.plan = plan
    isQuiet = quiet
    let areResultsOnTerminal = plan.targets.contains { $0.target == .standardOutput } && isatty(STDOUT_FILENO) == 1
    isMoving = StandardError.isTerminal && !areResultsOnTerminal
  }

  func log(_ line: String, worker: String) {
    clearLine()
    StandardError.writeLine("\(worker): \(line.printable)")
  }

  func warn(_ text: String) {
    clearLine()
    StandardError.writeLine("\(plan.name): \(text.printableLines)")
  }

  func progress(_ workers: [(worker: CoordinatedWorker, counters: RowCounters)]) {
    guard !isQuiet else { return }
    guard shown.duration(to: .now) >= (isMoving ? Self.movingInterval : Self.plainInterval) else { return }
    shown = .now
    let total = RowTotals(workers)
    let elapsed = started.duration(to: shown)
    let rate = Double(total.rowsIn) / max(elapsed.seconds, 0.001)
    let text =
      "\(plan.name): \(total.rowsIn.grouped) rows in, \(total.rowsOut.grouped) out, "
      + "\(Int64(rate).grouped) rows/s"
    if isMoving {
      // A line that wraps cannot be taken back; the last column would wrap it already on some terminals.
      StandardError.write("\r\u{1B}[K\(text.prefix(max((StandardError.width ?? 80) - 1, 0)))")
      hasLine = true
    } else {
      StandardError.writeLine(text)
    }
  }

  /// Says how the run ended.
  ///
  /// - Parameter hasSummary: whether that is all that is said of it.
  func finish(_ coordinator: Coordinator, hasSummary: Bool = true) {
    clearLine()
    if case .failed(let worker, let cause) = coordinator.outcome {
      StandardError.writeLine("sluice: \(worker.map { "worker \($0) " } ?? "")\(cause.printableLines)")
    }
    guard !isQuiet, hasSummary else { return }
    StandardError.write(RunSummary(plan, coordinator, elapsed: started.duration(to: .now)).text)
  }

  private func clearLine() {
    guard hasLine else { return }
    StandardError.write("\r\u{1B}[K")
    hasLine = false
  }
}

extension String {
  /// As `printable`, but with its lines, of which none but the first can be taken for a message of its own.
  fileprivate var printableLines: String {
    split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable }.joined(separator: "\n  ")
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
