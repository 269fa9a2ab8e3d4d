package import Records

/// The receiving end of a channel: lets through only the next frame of the right sender, epoch and order.
package struct InputChannel: Sendable {
  private let sender: WorkerID
  private let epoch: UInt32
  private let schema: Schema
  /// Whether rows come in the order of their positions.
  let isOrdered: Bool
  /// What is added to the tags of its rows: one row that comes by several ways has a position of its own on each.
  let offset: UInt64
  /// Whether its micro-batches are those of the receiver; else their ends mean nothing here.
  let followsCuts: Bool
  private var nextSequence: UInt64 = 0
  /// What the sender has promised, before the offset.
  private var sent = Position.first
  /// What the channel has promised: every later row has a greater position.
  package private(set) var watermark = Position.first
  package private(set) var hasEnded = false
  /// Whether it has ended for this epoch only: the stream goes on behind the watermark in another.
  package private(set) var isStopped = false

  /// - Parameters:
  ///   - isOrdered: false where the sender takes its rows in the order of their arrival.
  ///   - offset: what to add to the tags of its rows.
  ///   - followsCuts: whether its micro-batches are those of the receiver.
  package init(
    from sender: WorkerID,
    epoch: UInt32,
    schema: Schema,
    isOrdered: Bool = true,
    offset: UInt64 = 0,
    followsCuts: Bool = true
  ) {
    self.sender = sender
    self.offset = offset
    self.followsCuts = followsCuts
    self.epoch = epoch
    self.schema = schema
    self.isOrdered = isOrdered
  }

  /// Reads the channel's next frame.
  ///
  /// - Returns: the frame, or nil for one of an older epoch, which is refused without ending the run.
  package mutating func accept(_ storage: FrameStorage) throws(ChannelError) -> Frame? {
    let frame: Frame
    do { frame = try Frame(decoding: storage, schema: schema) } catch { throw .frame(error) }
    let header = frame.header
    if header.epoch < epoch { return nil }
    guard header.epoch == epoch else { throw .epoch(expected: epoch, actual: header.epoch) }
    guard header.sender == sender else { throw .sender(expected: sender, actual: header.sender) }
    guard header.sequence == nextSequence else {
      throw .sequence(expected: nextSequence, actual: header.sequence)
    }
    guard !hasEnded else { throw .afterEnd }
    guard header.watermark >= sent || !isOrdered else { throw .watermark }
    if let batch = frame.batch, isOrdered {
      guard batch.positions[0] > sent, batch.positions[batch.rowCount - 1] <= header.watermark else {
        throw .position
      }
    }
    nextSequence += 1
    sent = header.watermark
    watermark = sent.advanced(by: offset)
    hasEnded = header.kind.isLast
    isStopped = header.kind == .stop
    return frame
  }
}

/// A breach of the channel protocol: the epoch cannot go on.
package enum ChannelError: Error, Hashable, Sendable, CustomStringConvertible {
  case frame(FrameError)
  case epoch(expected: UInt32, actual: UInt32)
  case sender(expected: WorkerID, actual: WorkerID)
  /// A frame was lost or came twice.
  case sequence(expected: UInt64, actual: UInt64)
  case afterEnd
  case watermark
  case position
  /// Two channels were cut in different places.
  case barrier(expected: Barrier, actual: Barrier)

  package var description: String {
    switch self {
    case .frame(let error): error.description
    case .epoch(let expected, let actual): "frame of epoch \(actual) in epoch \(expected)"
    case .sender(let expected, let actual):
      "frame of worker \(actual.stage).\(actual.worker) on the channel of \(expected.stage).\(expected.worker)"
    case .sequence(let expected, let actual): "frame \(actual) came where frame \(expected) is due: frames were lost"
    case .afterEnd: "a frame came after the end of the stream"
    case .watermark: "a watermark went back"
    case .barrier(let expected, let actual): "\(actual) came where \(expected) is due"
    case .position: "rows break the promise of a watermark"
    }
  }
}
