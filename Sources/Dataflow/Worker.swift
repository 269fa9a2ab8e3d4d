package import Records

/// A worker of a stage that has inputs: frames in, frames and text out. Deterministic, without I/O.
///
/// A driver hands it the frames of each channel in the order they came, as long as it wants them, lets it step while its
/// outputs have room, sends what `outputs` give, and writes `effects.output`, when `mayPublish` says so, and
/// `effects.deadLetters`. Results do not depend on when it does which of these.
package struct Worker<Logic: StageLogic & ~Copyable>: ~Copyable {
  private var logic: Logic
  private var input: MergedInput
  /// nil for a sink.
  package var outputs: Outputs?
  package var effects = StageEffects()
  /// Scheduled arrivals of rows that ended here, for the driver to time once their output is written.
  package private(set) var delivered: [ColumnView] = []
  /// The stream has ended and all that the stage had to say is in the outputs or the effects.
  package private(set) var hasEnded = false
  private let publication: Publication
  private var isAtCut = false
  /// How far the stage has come: every row up to here is done with.
  package private(set) var reached = Position.first
  private let savesAtEnd: Bool
  private var snapshot: WorkerSnapshot?
  /// A barrier or the end, until the stage has said all that comes before it.
  private var mark: MergedInput.Event?
  /// Whether the stage has more to say of what it was given.
  private var isBehind = false
  /// Whether the next snapshot holds all of the state: the one before was not saved, or there is none.
  package var needsFullSnapshot = true

  /// - Parameters:
  ///   - logic: with its state restored.
  ///   - order: in which the channels' rows are taken; always as they come where a channel has no order.
  package init(
    _ logic: consuming Logic,
    inputs: [InputChannel],
    order: InputOrder = .position,
    outputs: Outputs?,
    limits: BatchLimits = BatchLimits(),
    publication: Publication = .always,
    start: WorkerStart = WorkerStart()
  ) {
    self.logic = logic
    input = MergedInput(inputs, order: order, limits: limits)
    self.outputs = outputs
    self.publication = publication
    savesAtEnd = start.savesAtEnd
    effects.counters = start.counters
  }

  /// Whether another frame of the channel can be taken in. A driver that does not read it stops its sender.
  package func wants(_ channel: Int) -> Bool { input.wants(channel) }

  /// Takes in the next frame of a channel.
  package mutating func receive(_ storage: FrameStorage, on channel: Int) throws(WorkerFailure) {
    do { try input.receive(storage, on: channel) } catch { throw .channel(error) }
  }

  /// Whether what a step leaves has a place to go.
  package var hasRoom: Bool { outputs?.hasRoom ?? true }

  /// Whether the text in `effects.output` may be shown: always, or in micro-batches only when one is whole.
  package var mayPublish: Bool { publication == .always || isAtCut || hasEnded }

  /// Works on the next rows that are safe.
  ///
  /// - Returns: false when there is nothing to do before another frame comes.
  package mutating func step() throws(WorkerFailure) -> Bool {
    guard !hasEnded else { return false }
    var isWorking = true
    if mark == nil, !isBehind { isWorking = try takeIn() }
    do { reached = try logic.advance(to: input.progress, into: &effects) } catch { throw .stage(error) }
    isBehind = reached < input.progress
    let hasMore = isBehind || !effects.rows.isEmpty || !effects.routed.isEmpty
    outputs.handOn(&effects, progress: reached)
    if !isBehind, let mark = mark.take() { try pass(mark) }
    return isWorking || hasMore
  }

  /// Takes in the next rows, or the mark that stands where there are none.
  private mutating func takeIn() throws(WorkerFailure) -> Bool {
    let event: MergedInput.Event?
    do { event = try input.take() } catch { throw .channel(error) }
    switch event {
    case .rows(let batch)?:
      isAtCut = false
      effects.counters.rowsIn += Int64(batch.rowCount)
      do { try logic.process(batch, into: &effects) } catch { throw .stage(error) }
      if outputs == nil, let arrivals = batch.arrivals { delivered.append(arrivals) }
    case .barrier, .end: mark = event
    case nil: return false
    }
    return true
  }

  /// Does what a mark asks for, once all that is to be said before it is in the outputs.
  private mutating func pass(_ mark: MergedInput.Event) throws(WorkerFailure) {
    switch mark {
    case .rows: break
    case .barrier(let barrier):
      isAtCut = true
      outputs?.put(barrier)
      if case .checkpoint(let number) = barrier { takeSnapshot(number) }
    case .end(let isStopped):
      if savesAtEnd { takeSnapshot(nil) }
      do { try logic.finish(into: &effects) } catch { throw .stage(error) }
      hasEnded = true
      outputs.handOn(&effects, progress: input.progress)
      outputs?.end(isStopped: isStopped)
    }
  }

  private mutating func takeSnapshot(_ checkpoint: UInt64?) {
    snapshot = WorkerSnapshot(
      checkpoint: checkpoint,
      counters: effects.counters,
      state: logic.snapshot(isFull: needsFullSnapshot),
      isFull: needsFullSnapshot,
      source: nil,
      place: nil
    )
    needsFullSnapshot = false
  }

  /// What is to be saved since the last step, once: all that `effects` and `outputs` hold now came before it.
  package mutating func nextSnapshot() -> WorkerSnapshot? { snapshot.take() }

  package mutating func clearDelivered() { delivered.removeAll(keepingCapacity: true) }
}

/// When a sink shows what it has.
package enum Publication: UInt8, Hashable, Sendable {
  case always = 0
  /// Only whole micro-batches.
  case atCuts = 1
}

/// A worker of a source: bytes in, frames out. Deterministic, without I/O.
package struct SourceWorker<Logic: SourceLogic & ~Copyable>: ~Copyable {
  package var logic: Logic
  package var outputs: Outputs?
  package var effects = StageEffects()
  package private(set) var hasEnded = false
  private let savesAtEnd: Bool
  private var snapshot: WorkerSnapshot?

  /// - Parameter logic: with its state restored.
  package init(_ logic: consuming Logic, outputs: Outputs, start: WorkerStart = WorkerStart()) {
    self.logic = logic
    self.outputs = outputs
    savesAtEnd = start.savesAtEnd
    effects.counters = start.counters
  }

  package var hasRoom: Bool { outputs?.hasRoom ?? true }

  /// Takes one step of the source at `now` (nanoseconds of the monotonic clock).
  package mutating func step(now: Int64) throws(WorkerFailure) -> SourceStep {
    let step: SourceStep
    do { step = try logic.step(now: now, into: &effects) } catch { throw .stage(error) }
    hasEnded = step == .finished
    let barrier = effects.barrier
    effects.barrier = nil
    outputs.handOn(&effects, progress: effects.watermark)
    if let barrier { outputs?.put(barrier) }
    if hasEnded { outputs?.end(isStopped: logic.isStopped) }
    if case .checkpoint(let number)? = barrier {
      takeSnapshot(number)
    } else if hasEnded, savesAtEnd {
      takeSnapshot(nil)
    }
    return step
  }

  private mutating func takeSnapshot(_ checkpoint: UInt64?) {
    snapshot = WorkerSnapshot(
      checkpoint: checkpoint,
      counters: effects.counters,
      state: nil,
      isFull: true,
      source: logic.state,
      place: logic.place
    )
  }

  /// What is to be saved since the last step, once: the source stands right behind a barrier, or at its end.
  package mutating func nextSnapshot() -> WorkerSnapshot? { snapshot.take() }
}

/// Why a worker cannot go on.
package enum WorkerFailure: Error, Sendable, CustomStringConvertible {
  case channel(ChannelError)
  case stage(StageFailure)

  package var description: String {
    switch self {
    case .channel(let error): "\(error)"
    case .stage(let failure): "\(failure)"
    }
  }
}

extension Outputs? {
  /// Hands on the rows that a step left, and how far the stream has come with them.
  fileprivate mutating func handOn(_ effects: inout StageEffects, progress: Position) {
    let copies = Int64((self?.readerCount ?? 1) - 1)
    for index in effects.rows.indices {
      let rows = effects.rows[index]
      let count = Int64(rows.count)
      effects.counters.rowsOut += count * (copies + 1)
      effects.counters.copied += count * copies
      let last = rows.lastPosition
      // Only behind the last of them has the stream come as far as the progress says.
      self?.put(rows, watermark: index == effects.rows.count - 1 ? max(progress, last) : last)
    }
    effects.rows.removeAll(keepingCapacity: true)
    if !effects.routed.isEmpty { handOnRouted(&effects, progress: progress) }
    self?.put(watermark: progress)
  }

  private mutating func handOnRouted(_ effects: inout StageEffects, progress: Position) {
    for (index, routed) in effects.routed.enumerated() {
      effects.counters.rowsOut += Int64(routed.rows.count)
      let last = routed.rows.lastPosition
      let isLast = !effects.routed[(index + 1)...].contains { $0.reader == routed.reader }
      self?.put(routed.rows, watermark: isLast ? max(progress, last) : last, for: routed.reader)
    }
    effects.routed.removeAll(keepingCapacity: true)
  }
}
