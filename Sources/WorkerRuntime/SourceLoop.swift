internal import Dataflow
internal import Records
internal import Telemetry
internal import Transport

/// Runs a worker of a source: reads its file as fast as the next stage takes the rows, or as slowly as they are due.
struct SourceLoop<Logic: SourceLogic & ~Copyable>: ~Copyable {
  private var worker: SourceWorker<Logic>
  private var loop: WorkerLoop
  private var file: InputFile

  /// `poll` counts milliseconds; a shorter rest of a wait is slept to the nanosecond.
  private static var millisecond: Int64 { 1_000_000 }

  init(_ worker: consuming SourceWorker<Logic>, loop: consuming WorkerLoop, file: consuming InputFile) {
    self.worker = worker
    self.loop = loop
    self.file = file
  }

  /// Runs to the end of the input, or until the coordinator wants the stream to end.
  mutating func run() throws(RuntimeError) {
    var wasStopped = false
    while true {
      let allSent = try loop.send { worker.takeFrame() }
      let now = MonotonicClock.now
      try loop.attend(worker.effects.counters, now: now)
      if !allSent {
        try loop.wait(for: nil)
        continue
      }
      if worker.hasEnded { break }
      if loop.isStopping && !wasStopped {
        worker.logic.stop()
        wasStopped = true
      }
      let step = try explaining { () throws(WorkerFailure) in try worker.step(now: now) }
      try loop.write(deadLetters: &worker.effects.deadLetters)
      switch step {
      case .working, .finished: break
      case .needsInput: try supply()
      case .waiting(let time): try wait(until: time, now)
      }
    }
    let figures = worker.effects.figures + PeakMemory.figures
    try loop.conclude(.done(WorkerReport(counters: worker.effects.counters, figures: figures)))
  }

  private mutating func supply() throws(RuntimeError) {
    let hasMore = try file.read { (bytes) throws(StageFailure) in try worker.logic.supply(bytes) }
    if !hasMore { try explaining { () throws(StageFailure) in try worker.logic.endInput() } }
  }

  private mutating func wait(until time: Int64, _ now: Int64) throws(RuntimeError) {
    // Frames of the step before must be on their way first.
    guard try loop.send({ worker.takeFrame() }) else { return }
    let rest = time &- now
    if rest > Self.millisecond {
      try loop.wait(for: nil, milliseconds: Int(min(rest / Self.millisecond, 1000)))
    } else if rest > 0 {
      MonotonicClock.sleep(until: time)
    }
  }
}
