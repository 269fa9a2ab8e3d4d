internal import Dataflow
internal import Plan
internal import Records
internal import Telemetry
internal import Transport

/// Runs a worker of a stage that has an input: one thread, which blocks only where there is nothing to do or no room.
struct StageLoop<Logic: StageLogic & ~Copyable>: ~Copyable {
  private var worker: Worker<Logic>
  private var loop: WorkerLoop
  private let input: PullSocket
  private let inputEntry: Poller.Entry
  private var file: OutputFile?
  private var closing: Poller.Entry?
  private var latency = LatencyHistogram()

  /// - Parameter file: where a sink writes; nil for other stages.
  init(
    _ worker: consuming Worker<Logic>,
    loop: consuming WorkerLoop,
    input: consuming PullSocket,
    file: consuming OutputFile?
  ) {
    self.worker = worker
    self.loop = loop
    self.input = input
    self.file = consume file
    inputEntry = self.loop.watch(self.input)
    if let descriptor = self.file?.descriptor { closing = self.loop.watchForClosing(descriptor) }
  }

  /// Runs to the end of the stream, or of those who read the results.
  mutating func run() throws(RuntimeError) {
    while true {
      let allSent = try loop.send { worker.takeFrame() }
      try loop.attend(worker.effects.counters, now: MonotonicClock.now)
      if allSent {
        if worker.hasEnded { break }
        if let message = try explaining({ () throws(TransportError) in try input.receive() }) {
          let storage = FrameStorage(message)
          try explaining { () throws(WorkerFailure) in try worker.receive(storage) }
          try loop.write(deadLetters: &worker.effects.deadLetters)
          guard try write() else { return try loop.conclude(.outputClosed) }
          continue
        }
      }
      try loop.wait(for: inputEntry)
      if let closing, loop.hasFailed(closing) { return try loop.conclude(.outputClosed) }
    }
    var figures = worker.effects.figures
    figures += latency.figures + PeakMemory.figures
    try loop.conclude(.done(WorkerReport(counters: worker.effects.counters, figures: figures)))
  }

  /// Writes the sink's text, and times the rows that are now out; false when nobody reads them.
  private mutating func write() throws(RuntimeError) -> Bool {
    if case .closed? = try file?.write(&worker.effects.output) { return false }
    guard !worker.delivered.isEmpty else { return true }
    let now = MonotonicClock.now
    for arrivals in worker.delivered {
      // Rows that arrived together are recorded together.
      var row = 0
      while row < arrivals.count {
        let arrival = arrivals.int64(row)
        let first = row
        repeat { row += 1 } while row < arrivals.count && arrivals.int64(row) == arrival
        latency.record(nanoseconds: now &- arrival, rows: row - first)
      }
    }
    worker.clearDelivered()
    return true
  }
}
