internal import Dataflow

/// What became of all rows of a run.
struct RowTotals {
  /// Read by the sources.
  var rowsIn: Int64 = 0
  /// Written by the sinks.
  var rowsOut: Int64 = 0
  /// Times that a row went to one more stage than the first that reads it.
  var copied: Int64 = 0
  var filtered: Int64 = 0
  /// Rows that ended in windows which leave rows of their own, and those.
  var gathered: Int64 = 0
  var emitted: Int64 = 0
  var late: Int64 = 0
  var deadLetters: Int64 = 0

  init(_ workers: [(worker: CoordinatedWorker, counters: RowCounters)]) {
    for (worker, counters) in workers {
      if worker.upstream.isEmpty { rowsIn += counters.rowsIn }
      if worker.downstream.isEmpty { rowsOut += counters.rowsOut }
      copied += counters.copied
      filtered += counters.filtered
      gathered += counters.gathered
      emitted += counters.emitted
      late += counters.late
      deadLetters += counters.deadLetters
    }
  }

  /// Rows of which nothing is known: 0 once every worker is done.
  var missing: Int64 { rowsIn + copied + emitted - rowsOut - filtered - gathered - late - deadLetters }
}
