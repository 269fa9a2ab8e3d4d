internal import Dataflow
internal import Plan
internal import Records
internal import SourceStage
internal import Telemetry
internal import Transport

/// Runs a worker of a source: reads its input as fast as the next stage takes the rows, or as slowly as they are due.
struct SourceLoop<Logic: SourceLogic & ~Copyable>: ~Copyable {
  private var worker: SourceWorker<Logic>
  private var loop: WorkerLoop
  private let input: SourceReader
  private let inputEntry: Poller.Entry?
  /// Whether the process does nothing else, so that its memory is this worker's.
  private let ownsProcess: Bool
  /// Whether a row is followed, which then is the last that the source leaves.
  private let isFollowing: Bool
  private var times: RowTimes?
  /// How long to wait for input before the stream is cut without it; -1: for ever.
  private let idleMilliseconds: Int
  private var isPaused = false
  /// nil where an idle input holds up the others.
  private var idle: IdleInput?

  /// `poll` counts milliseconds; a shorter rest of a wait is slept to the nanosecond.
  private static var millisecond: Int64 { 1_000_000 }

  /// - Parameter cut: where the stream is cut; one by the clock falls due although nothing comes.
  init(
    _ worker: consuming SourceWorker<Logic>,
    loop: consuming WorkerLoop,
    input: SourceReader,
    cut: CutPlan?,
    idle plan: IdlePlan?,
    ownsProcess: Bool,
    isFollowing: Bool
  ) {
    self.isFollowing = isFollowing
    idleMilliseconds =
      if case .nanoseconds(let every)? = cut { Int(min(every / Self.millisecond + 1, 1 << 30)) } else { -1 }
    idle = plan.map { IdleInput($0) }
    self.worker = worker
    self.loop = loop
    self.input = input
    self.ownsProcess = ownsProcess
    inputEntry = self.input.register(in: &self.loop)
  }

  /// Runs to the end of the input, or until the coordinator wants the stream to end.
  mutating func run() throws(RuntimeError) {
    do throws(RuntimeError) { try runToEnd() } catch {
      try loop.write(deadLetters: &worker.effects.deadLetters)
      try loop.tell(.progress(worker.effects.counters))
      throw error
    }
  }

  private mutating func runToEnd() throws(RuntimeError) {
    var isBusy = true
    while true {
      let allSent = try loop.send(&worker.outputs, isBusy: isBusy)
      let now = MonotonicClock.now
      try loop.attend(worker.effects.counters, now: now)
      try input.written?.attend(now: now)
      try obey()
      try attendToSaving()
      if worker.hasEnded && allSent { break }
      guard worker.hasRoom, !worker.hasEnded, !isPaused else {
        // Those that have room must know how far the stream has come: the full ones may wait for them.
        if isBusy {
          isBusy = false
        } else {
          try wait(forInput: false)
        }
        continue
      }
      let began = isFollowing ? MonotonicClock.now : 0
      // The same input would fail it again.
      let step = try explaining(.permanent) { () throws(WorkerFailure) in try worker.step(now: now) }
      if isFollowing, worker.hasEnded {
        times = RowTimes(came: began, taken: began, done: MonotonicClock.now, before: 0)
      }
      try loop.write(deadLetters: &worker.effects.deadLetters)
      if let snapshot = worker.nextSnapshot() { try loop.save(snapshot, journal: input.written?.unsynced) }
      isBusy = step == .working
      switch step {
      case .working, .finished: break
      case .needsInput:
        if let time = worker.logic.lastPromise, !input.isReadingAgain {
          try promise(time)
        } else if try supply() {
          idle?.end()
        } else if try !promise(now: now) {
          _ = try loop.send(&worker.outputs, isBusy: false)
          try wait(forInput: true)
        }
      case .waiting(let time): try wait(until: time, now)
      }
    }
    let figures = worker.effects.figures + (ownsProcess ? PeakMemory.figures : []) + (times?.figures ?? [])
    let state = try loop.awaitLastState()
    let time = worker.logic.time
    try loop.conclude(
      .done(WorkerReport(counters: worker.effects.counters, figures: figures, state: state, time: time))
    )
  }

  private mutating func obey() throws(RuntimeError) {
    while let request = loop.nextRequest() {
      switch request {
      case .pause:
        isPaused = true
        try loop.tell(.paused(at: worker.logic.place, time: worker.logic.time))
      case .resume: isPaused = false
      case .cut(let checkpoint, let place):
        isPaused = false
        worker.logic.cut(checkpoint, at: place)
      case .stop(let place):
        isPaused = false
        worker.logic.stop(at: place)
      case .cutBehind(let checkpoint, let time):
        isPaused = false
        worker.logic.cut(checkpoint, behind: time)
      case .stopBehind(let time):
        isPaused = false
        worker.logic.stop(behind: time)
      }
    }
  }

  /// Sees to what was saved, and to checkpoints that are committed.
  private mutating func attendToSaving() throws(RuntimeError) {
    guard let keeper = loop.keeper else { return }
    if keeper.isSaving { try loop.tellSaved() }
    if let committed = loop.nextCommitted() { keeper.forget(committed) }
  }

  /// Hands on the next bytes of the input, or the word that there are none; false when none have come yet.
  private mutating func supply() throws(RuntimeError) -> Bool {
    let outcome = try input.read { (bytes, piece) throws(StageFailure) in
      switch piece {
      case .part: try worker.logic.supply(bytes)
      case .message:
        try worker.logic.supply(bytes)
        worker.logic.endMessage()
      case .replayedMessage:
        try worker.logic.supply(bytes)
        worker.logic.endReplayedMessage()
      case .promise(let time): worker.logic.promise(time)
      }
    }
    switch outcome {
    case .bytes: return true
    case .nothingYet: return false
    case .end:
      try explaining(.permanent) { () throws(StageFailure) in try worker.logic.endInput() }
      return true
    }
  }

  /// Goes on with the clock where nothing comes.
  ///
  /// - Returns: whether the input has come further.
  private mutating func promise(now: Int64) throws(RuntimeError) -> Bool {
    guard !worker.logic.isStopped,
      let time = idle?.promise(now: now, latest: worker.logic.latest, wallTime: MonotonicClock.wallTime / 1000)
    else { return false }
    try promise(time)
    return true
  }

  /// Writes a promise down before it is acted on: a run that goes on from here has to find it where this one did.
  private mutating func promise(_ time: Int64) throws(RuntimeError) {
    try input.written?.append(promise: time)
    worker.logic.promise(time)
  }

  private mutating func wait(forInput: Bool) throws(RuntimeError) {
    if let inputEntry { loop.setInterest(forInput ? .readable : [], of: inputEntry) }
    try wait(milliseconds: forInput ? idleMilliseconds : -1)
  }

  /// Waits, and no longer than until the journal is to be attended to.
  private mutating func wait(milliseconds: Int) throws(RuntimeError) {
    var most = milliseconds
    if let due = idle?.due {
      let rest = Int(max(due &- MonotonicClock.now, 0) / Self.millisecond) + 1
      most = most < 0 ? rest : min(most, rest)
    }
    if let due = input.written?.nextSync {
      let rest = Int(max(due &- MonotonicClock.now, 0) / Self.millisecond) + 1
      most = most < 0 ? rest : min(most, rest)
    }
    try loop.wait(milliseconds: most)
  }

  private mutating func wait(until time: Int64, _ now: Int64) throws(RuntimeError) {
    // Frames of the step before must be on their way first.
    guard try loop.send(&worker.outputs, isBusy: false) else { return }
    let rest = time &- now
    if let inputEntry { loop.setInterest([], of: inputEntry) }
    if rest > Self.millisecond {
      try wait(milliseconds: Int(min(rest / Self.millisecond, 1000)))
    } else if rest > 0 {
      MonotonicClock.sleep(until: time)
    }
  }
}
