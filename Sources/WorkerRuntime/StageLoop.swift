internal import Dataflow
internal import Plan
internal import Records
internal import Telemetry
internal import Transport

/// Runs a worker of a stage that has inputs: one thread, which blocks only where there is nothing to do or no room.
struct StageLoop<Logic: StageLogic & ~Copyable>: ~Copyable {
  private var worker: Worker<Logic>
  private var loop: WorkerLoop
  private let inputs: [DataInput]
  private let results: (any ResultOutput)?
  private var closing: Poller.Entry?
  private var latency = LatencyHistogram()
  /// Whether the process does nothing else, so that its memory is this worker's.
  private let ownsProcess: Bool
  /// nil where no row is followed.
  private var watch: RowWatch?

  /// Frames taken in from one channel before the others have their turn.
  private static var framesInTurn: Int { 256 }

  /// - Parameter results: where a sink writes; nil for other stages.
  init(
    _ worker: consuming Worker<Logic>,
    loop: consuming WorkerLoop,
    inputs: [DataInput],
    results: (any ResultOutput)?,
    ownsProcess: Bool,
    watch: RowWatch?
  ) {
    self.watch = watch
    self.worker = worker
    self.loop = loop
    self.inputs = inputs
    self.ownsProcess = ownsProcess
    self.results = results
    if let descriptor = results?.watchedDescriptor { closing = self.loop.watch(descriptor: descriptor, for: .error) }
  }

  /// Runs to the end of the stream, or of those who read the results; what goes wrong is told with the last counts.
  mutating func run() throws(RuntimeError) {
    do throws(RuntimeError) { try runToEnd() } catch {
      try loop.tell(.progress(worker.effects.counters))
      throw error
    }
  }

  private mutating func runToEnd() throws(RuntimeError) {
    var isBusy = false
    while true {
      let allSent = try loop.send(&worker.outputs, isBusy: isBusy)
      try loop.attend(worker.effects.counters, now: MonotonicClock.now)
      if worker.hasEnded && allSent { break }
      try receive()
      let hasRoom = worker.hasRoom
      isBusy = false
      if hasRoom {
        let began = loop.keeper == nil && watch == nil ? 0 : MonotonicClock.now
        isBusy = try explaining { () throws(WorkerFailure) in try worker.step() }
        try loop.write(deadLetters: &worker.effects.deadLetters)
        if worker.mayPublish, try !write() { return try concludeClosed() }
        watch?.endStep(since: began, at: worker.reached, rowsIn: worker.effects.counters.rowsIn)
        try save(since: began)
      }
      try attendToSaving()
      if isBusy { continue }
      let isIdle = try loop.send(&worker.outputs, isBusy: false)
      // Room that has come meanwhile would not wake it.
      if isIdle && worker.hasEnded || !hasRoom && worker.hasRoom { continue }
      if isIdle, inputs.count == 1, worker.wants(0), loop.keeper?.isSaving != true {
        if try receivePatiently() { continue }
        try loop.look()
      } else {
        try wait()
      }
      if let closing, loop.events(of: closing).contains(.error) { return try concludeClosed() }
    }
    let figures =
      worker.effects.figures + latency.figures + (loop.keeper?.figures.figures ?? [])
      + (ownsProcess ? PeakMemory.figures : []) + (watch?.figures ?? [])
    let report = WorkerReport(counters: worker.effects.counters, figures: figures, state: try loop.awaitLastState())
    try loop.conclude(.done(report), publishing: results)
  }

  /// Begins to save what the step left behind a barrier.
  ///
  /// - Parameter began: when the step did.
  private mutating func save(since began: Int64) throws(RuntimeError) {
    guard let snapshot = worker.nextSnapshot() else { return }
    try loop.save(snapshot, output: results?.cut(snapshot.checkpoint))
    if snapshot.checkpoint != nil { loop.keeper?.figures.add(pause: MonotonicClock.now - began) }
  }

  /// Sees to what was saved, and to checkpoints that are committed.
  private mutating func attendToSaving() throws(RuntimeError) {
    guard let keeper = loop.keeper else { return }
    if keeper.isSaving {
      try loop.tellSaved()
      if !keeper.isSaving { worker.needsFullSnapshot = keeper.needsFullSnapshot }
    }
    guard let committed = loop.nextCommitted() else { return }
    keeper.forget(committed)
    try results?.publish(committed)
  }

  /// Takes in what has come, as far as the worker has room for it.
  private mutating func receive() throws(RuntimeError) {
    for index in inputs.indices {
      var frames = 0
      while frames < Self.framesInTurn, worker.wants(index), let message = try inputs[index].receive() {
        let storage = FrameStorage(message)
        watch?.receive(storage, on: index)
        try explaining { () throws(WorkerFailure) in try worker.receive(storage, on: index) }
        frames += 1
      }
    }
  }

  /// Waits for the one channel that there is; false when nothing came for a while.
  private mutating func receivePatiently() throws(RuntimeError) -> Bool {
    guard let message = try inputs[0].receivePatiently() else { return false }
    let storage = FrameStorage(message)
    watch?.receive(storage, on: 0)
    try explaining { () throws(WorkerFailure) in try worker.receive(storage, on: 0) }
    return true
  }

  private mutating func wait() throws(RuntimeError) {
    for index in inputs.indices {
      loop.setInterest(worker.wants(index) ? .readable : [], of: inputs[index].entry)
    }
    try loop.wait()
  }

  private mutating func concludeClosed() throws(RuntimeError) {
    try loop.tell(.progress(worker.effects.counters))
    try loop.conclude(.outputClosed)
  }

  /// Writes the sink's text, and times the rows that are now out; false when nobody reads them.
  private mutating func write() throws(RuntimeError) -> Bool {
    if case .closed? = try results?.write(&worker.effects.output) { return false }
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
