package import Records

/// A worker of a stage that has inputs: frames in, frames and text out. Deterministic, without I/O.
///
/// A driver hands it the frames of its channel in the order they came, sends what `takeFrame` gives, writes
/// `effects.output` and `effects.deadLetters`, and hands in no more while any of that waits: this is how a full channel
/// stops its sender.
package struct Worker<Logic: StageLogic & ~Copyable>: ~Copyable {
  private var logic: Logic
  private var input: InputChannel
  private var output: OutputChannel?
  private var outgoing = FrameQueue()
  package var effects = StageEffects()
  /// Scheduled arrivals of rows that ended here, for the driver to time once their output is written.
  package private(set) var delivered: [ColumnView] = []
  /// The stream has ended and all that the stage had to say is in the queue or the effects.
  package private(set) var hasEnded = false

  /// - Parameter output: nil for a sink.
  package init(_ logic: consuming Logic, input: InputChannel, output: OutputChannel?) {
    self.logic = logic
    self.input = input
    self.output = output
  }

  /// Takes in the next frame of the channel.
  package mutating func receive(_ storage: FrameStorage) throws(WorkerFailure) {
    let accepted: Frame?
    do { accepted = try input.accept(storage) } catch { throw .channel(error) }
    guard let frame = accepted else { return }
    do {
      if let batch = frame.batch {
        effects.counters.rowsIn += Int64(batch.rowCount)
        try logic.process(batch, into: &effects)
        if output == nil, let arrivals = batch.arrivals { delivered.append(arrivals) }
      }
      if frame.header.kind == .end { try logic.finish(into: &effects) }
    } catch { throw .stage(error) }
    let ends = frame.header.kind == .end
    outgoing.enqueue(&effects, on: &output, watermark: input.watermark, ends: ends)
    hasEnded = ends
  }

  /// The next frame to send.
  package mutating func takeFrame() -> Frame? { outgoing.take() }

  package mutating func clearDelivered() { delivered.removeAll(keepingCapacity: true) }
}

/// A worker of a source: bytes in, frames out. Deterministic, without I/O.
package struct SourceWorker<Logic: SourceLogic & ~Copyable>: ~Copyable {
  package var logic: Logic
  private var output: OutputChannel?
  private var outgoing = FrameQueue()
  package var effects = StageEffects()
  package private(set) var hasEnded = false

  package init(_ logic: consuming Logic, output: OutputChannel) {
    self.logic = logic
    self.output = output
  }

  /// Takes one step of the source at `now` (nanoseconds of the monotonic clock).
  package mutating func step(now: Int64) throws(WorkerFailure) -> SourceStep {
    let step: SourceStep
    do { step = try logic.step(now: now, into: &effects) } catch { throw .stage(error) }
    hasEnded = step == .finished
    outgoing.enqueue(&effects, on: &output, watermark: effects.watermark, ends: hasEnded)
    return step
  }

  package mutating func takeFrame() -> Frame? { outgoing.take() }
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

/// Frames that wait to be sent, first in, first out.
private struct FrameQueue {
  private var frames: [Frame] = []
  private var next = 0

  mutating func take() -> Frame? {
    guard next < frames.count else { return nil }
    defer {
      next += 1
      if next == frames.count {
        frames.removeAll(keepingCapacity: true)
        next = 0
      }
    }
    return frames[next]
  }

  /// Turns the batches that a step left into frames, with the stream's progress and its end behind them.
  mutating func enqueue(
    _ effects: inout StageEffects,
    on output: inout OutputChannel?,
    watermark: Position,
    ends: Bool
  ) {
    var batches: [RecordBatch] = []
    swap(&batches, &effects.batches)
    while !batches.isEmpty {
      let batch = batches.removeFirst()
      effects.counters.rowsOut += Int64(batch.rowCount)
      // Only behind the last batch has the stream come as far as the watermark says.
      let reached = batches.isEmpty && !ends ? watermark : batch.positions[batch.rowCount - 1]
      if let frame = output?.rows(batch, watermark: max(reached, batch.positions[batch.rowCount - 1])) {
        frames.append(frame)
      }
    }
    if ends {
      if let frame = output?.end() { frames.append(frame) }
    } else if let frame = output?.watermark(watermark) {
      frames.append(frame)
    }
    effects.batches = batches
  }
}
