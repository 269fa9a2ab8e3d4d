internal import Records

/// The channels into one worker, merged into the pipeline's total order.
///
/// Rows at or below the least watermark of all channels are safe: nothing smaller can still come. Channels are ordered, so
/// merging compares nothing but their first rows. Small frames that wait are joined into one batch on the way.
struct MergedInput {
  /// What comes next.
  enum Event {
    case rows(RecordBatch)
    /// Every channel has reached the cut.
    case barrier(Barrier)
    /// Every channel has ended: for good, or some only for this epoch.
    case end(isStopped: Bool)
  }

  private enum Item {
    case rows(RecordBatch)
    /// The watermark is that of the cut.
    case barrier(Barrier, watermark: Position)
  }

  private struct Channel {
    var input: InputChannel
    /// Frames not used up yet, from `next` on.
    var items: [Item] = []
    var next = 0
    /// Rows of the next item that are used up already.
    var used = 0
    var queuedRows = 0
    var queuedBytes = 0

    var head: Item? { next < items.count ? items[next] : nil }

    mutating func dropHead() {
      if case .rows(let batch)? = head {
        queuedRows -= batch.rowCount
        queuedBytes -= batch.byteCount
      }
      used = 0
      next += 1
      if next == items.count {
        items.removeAll(keepingCapacity: true)
        next = 0
      } else if next >= 64 && next * 2 >= items.count {
        items.removeFirst(next)
        next = 0
      }
    }
  }

  private var channels: [Channel]
  private let everyone: [Int]
  /// The channels that have the ends of the micro-batches.
  private let followers: [Int]
  private let order: InputOrder
  private let limits: BatchLimits
  /// Every row that is still to come out has a greater position.
  private(set) var progress = Position.first
  private var lastOut = Position.first
  /// The channel whose rows are taken first, where they are taken as they come.
  private var turn = 0

  init(_ channels: [InputChannel], order: InputOrder, limits: BatchLimits) {
    self.channels = channels.map { Channel(input: $0) }
    everyone = Array(channels.indices)
    followers = channels.indices.filter { channels[$0].followsCuts }
    // Rows without an order say nothing of those behind them: whoever waits for a position may wait for ever. And rows of
    // one channel with an order have it when they come, so that it need not be lost for the stages behind.
    self.order = !channels.allSatisfy(\.isOrdered) ? .arrival : channels.count == 1 ? .position : order
    self.limits = limits
  }

  /// Whether the channel has room for another frame. One that does not stops its sender.
  func wants(_ channel: Int) -> Bool {
    let channel = channels[channel]
    return channel.queuedBytes < limits.bytes && channel.queuedRows < limits.rows
      && channel.items.count - channel.next < Self.mostItems && !channel.input.hasEnded
  }

  /// Barriers without rows take memory too.
  private static let mostItems = 4096

  /// Takes in the next frame of a channel.
  mutating func receive(_ storage: FrameStorage, on channel: Int) throws(ChannelError) {
    guard let frame = try channels[channel].input.accept(storage) else { return }
    switch frame.header.kind {
    case .rows:
      guard var batch = frame.batch else { return }
      let offset = channels[channel].input.offset
      if offset > 0 { batch = batch.advancingTags(by: offset) }
      channels[channel].items.append(.rows(batch))
      channels[channel].queuedRows += batch.rowCount
      channels[channel].queuedBytes += batch.byteCount
    case .barrier, .cut:
      guard let barrier = frame.barrier else { return }
      if case .cut = barrier, !channels[channel].input.followsCuts { return }
      channels[channel].items.append(.barrier(barrier, watermark: channels[channel].input.watermark))
    case .watermark, .end, .stop: break
    }
  }

  /// The next rows, as many as are safe and fit in a batch, or what stands where there are none; nil: nothing is safe yet.
  mutating func take() throws(ChannelError) -> Event? {
    switch order {
    case .position: if let batch = takeMerged() { return .rows(batch) }
    case .arrival: if let batch = takeArrived() { return .rows(batch) }
    }
    return try takeMark()
  }

  // MARK: By position

  private mutating func takeMerged() -> RecordBatch? {
    var safe = leastWatermark
    var picks = Picks()
    while picks.rows < limits.rows, picks.bytes < limits.bytes {
      guard let (channel, batch, bound) = firstChannel() else { break }
      let start = channels[channel].used
      let most = min(batch.rowCount - start, limits.rows - picks.rows)
      let rows = Self.run(batch.positions, from: start, atMost: most, below: bound, safe: safe)
      guard rows > 0 else { break }
      lastOut = batch.positions[start + rows - 1]
      take(rows, of: batch, from: channel, into: &picks)
      // Channels that have no such mark are not to run ahead of it.
      if case .barrier? = channels[channel].head { safe = leastWatermark }
    }
    let now = leastWatermark
    let hasMore = firstChannel().map { $0.batch.positions[channels[$0.channel].used] <= now } ?? false
    progress = max(progress, hasMore ? lastOut : max(lastOut, leastPromise))
    return picks.batch
  }

  /// The channel whose next row is the first of all, its batch, and the next row of the channel after it.
  private func firstChannel() -> (channel: Int, batch: RecordBatch, bound: Position)? {
    var first: (channel: Int, batch: RecordBatch)?
    var least = Position.last
    var bound = Position.last
    for index in channels.indices {
      guard case .rows(let batch)? = channels[index].head else { continue }
      let position = batch.positions[channels[index].used]
      if first == nil || position < least {
        if first != nil { bound = least }
        first = (index, batch)
        least = position
      } else if position < bound {
        bound = position
      }
    }
    return first.map { ($0.channel, $0.batch, bound) }
  }

  /// How many rows from `start` on stand below `bound` and are safe.
  private static func run(
    _ positions: PositionsView,
    from start: Int,
    atMost most: Int,
    below bound: Position,
    safe: Position
  ) -> Int {
    let last = positions[start + most - 1]
    if last < bound && last <= safe { return most }
    var count = 0
    while count < most, positions[start + count] <= safe, count == 0 || positions[start + count] < bound { count += 1 }
    return count
  }

  /// Up to where rows are safe in this epoch. A channel that stands at a barrier has come no further than the cut, whatever
  /// lies behind it; one that was stopped holds nobody up.
  private var leastWatermark: Position { least { $0.isStopped ? .last : $0.watermark } }

  /// What all channels promise, also for the epochs to come.
  private var leastPromise: Position { least(\.watermark) }

  private func least(_ watermark: (InputChannel) -> Position) -> Position {
    channels.reduce(Position.last) { least, channel in
      if case .barrier(_, let cut)? = channel.head { min(least, cut) } else { min(least, watermark(channel.input)) }
    }
  }

  // MARK: By arrival

  private mutating func takeArrived() -> RecordBatch? {
    var picks = Picks()
    // Each channel is the first in its turn, so that one which is always full keeps nobody waiting.
    for channel in [turn..<channels.count, 0..<turn].joined() {
      while picks.rows < limits.rows, picks.bytes < limits.bytes, case .rows(let batch)? = channels[channel].head {
        let rows = min(batch.rowCount - channels[channel].used, limits.rows - picks.rows)
        take(rows, of: batch, from: channel, into: &picks)
      }
    }
    turn = (turn + 1) % channels.count
    // Without an order the rows still to come may have any position.
    let isDone = channels.allSatisfy { $0.input.hasEnded && !$0.input.isStopped && $0.head == nil }
    progress = isDone ? .last : .first
    return picks.batch
  }

  // MARK: Both

  private mutating func take(_ rows: Int, of batch: RecordBatch, from channel: Int, into picks: inout Picks) {
    let start = channels[channel].used
    picks.add(batch, start..<start + rows, channel: channel)
    channels[channel].used += rows
    if channels[channel].used == batch.rowCount { channels[channel].dropHead() }
  }

  private mutating func takeMark() throws(ChannelError) -> Event? {
    // A micro-batch ends where the channels that follow its ends have come to one, a checkpoint's part where all have.
    let isAtCut = followers.contains { if case .barrier(.cut, _)? = channels[$0].head { true } else { false } }
    let places = isAtCut ? followers : everyone
    var barrier: Barrier?
    for index in places {
      switch channels[index].head {
      case .barrier(let other, _)?:
        if let barrier, barrier != other { throw .barrier(expected: barrier, actual: other) }
        barrier = other
      case .rows?: return nil
      case nil: if !channels[index].input.hasEnded { return nil }
      }
    }
    guard let barrier else { return .end(isStopped: channels.contains(where: \.input.isStopped)) }
    if isAtCut, order == .position, !isPast(followers) { return nil }
    for index in places where channels[index].head != nil { channels[index].dropHead() }
    return .barrier(barrier)
  }
}

extension MergedInput {
  /// Whether the channels that have no such mark have come as far as the first of those that stand at one: it is in one place
  /// of the order then, the same for all workers.
  private func isPast(_ marked: [Int]) -> Bool {
    let least = leastWatermark
    return marked.contains { if case .barrier(_, let cut)? = channels[$0].head { cut <= least } else { false } }
  }
}

/// Runs of rows that are to be one batch.
private struct Picks {
  private var sources: [RecordBatch] = []
  private var runs: [BatchRun] = []
  /// The place in `sources` of each channel's latest batch, by channel.
  private var placeOfChannel: [Int] = []
  private var storageOfChannel: [ObjectIdentifier?] = []
  private(set) var rows = 0
  private(set) var bytes = 0

  mutating func add(_ batch: RecordBatch, _ range: Range<Int>, channel: Int) {
    while placeOfChannel.count <= channel {
      placeOfChannel.append(-1)
      storageOfChannel.append(nil)
    }
    if storageOfChannel[channel] != batch.identity {
      storageOfChannel[channel] = batch.identity
      placeOfChannel[channel] = sources.count
      sources.append(batch)
      bytes += batch.byteCount
    }
    let source = placeOfChannel[channel]
    rows += range.count
    if let last = runs.last, last.source == source, last.rows.upperBound == range.lowerBound {
      runs[runs.count - 1] = BatchRun(source: source, rows: last.rows.lowerBound..<range.upperBound)
    } else {
      runs.append(BatchRun(source: source, rows: range))
    }
  }

  /// A batch that is whole and alone stays the one that came.
  var batch: RecordBatch? {
    guard let first = runs.first else { return nil }
    if runs.count == 1 { return sources[0].selecting(.range(first.rows)) }
    return RecordBatch(merging: sources, runs: runs)
  }
}

/// In which order a worker takes the rows of several channels.
package enum InputOrder: UInt8, Hashable, Sendable {
  /// By position: the same whatever the timing.
  case position = 0
  /// As they come: no row waits for another channel, and the order of the results is anyone's guess.
  case arrival = 1
}

/// How much goes into one batch, and waits in one channel.
package struct BatchLimits: Hashable, Sendable {
  /// Rows of a batch at the most.
  package let rows: Int
  /// Bytes from which on a batch is full.
  package let bytes: Int

  /// Enough rows to pay for a frame, few enough to stay in the cache.
  package static let defaultRows = 2048
  package static let mostRows = 1 << 20
  package static let defaultBytes = 1 << 20

  package init(rows: Int = defaultRows, bytes: Int = defaultBytes) {
    precondition(1...Self.mostRows ~= rows && bytes > 0)
    self.rows = rows
    self.bytes = bytes
  }
}
