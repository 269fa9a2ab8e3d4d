package import Records

/// The sending end of a channel: numbers its frames and says how far the stream has come.
package struct OutputChannel: Sendable {
  private let sender: WorkerID
  private let epoch: UInt32
  private var nextSequence: UInt64 = 0
  private var sentWatermark = Position.first

  package init(sender: WorkerID, epoch: UInt32) {
    self.sender = sender
    self.epoch = epoch
  }

  /// Rows, all of them at or below `watermark`.
  package mutating func rows(_ batch: consuming RecordBatch, watermark: Position) -> Frame {
    let header = header(.rows, watermark)
    return Frame(header, batch)
  }

  /// A frame that says no more than the watermark; nil when the channel knows it already.
  package mutating func watermark(_ watermark: Position) -> Frame? {
    watermark > sentWatermark ? Frame(header(.watermark, watermark)) : nil
  }

  /// The marker that cuts the stream; every row before it is at or below `watermark`.
  package mutating func barrier(_ barrier: Barrier, watermark: Position) -> Frame {
    Frame(header(.barrier, max(watermark, sentWatermark)), barrier)
  }

  package mutating func end() -> Frame { Frame(header(.end, .last)) }

  /// The last frame of an epoch whose stream was stopped. Everything up to `watermark` has come; the next epoch goes on behind.
  package mutating func stop(watermark: Position) -> Frame { Frame(header(.stop, max(watermark, sentWatermark))) }

  private mutating func header(_ kind: FrameKind, _ watermark: Position) -> FrameHeader {
    defer {
      nextSequence += 1
      sentWatermark = watermark
    }
    return FrameHeader(kind: kind, epoch: epoch, sender: sender, sequence: nextSequence, watermark: watermark)
  }
}
