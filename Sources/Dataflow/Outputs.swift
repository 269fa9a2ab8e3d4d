package import Records

/// The channels out of one worker: splits its batches among the workers of the next stage, and tells all of them how far the
/// stream has come.
package struct Outputs: Sendable {
  private enum Item: Sendable {
    case rows(RecordBatch, watermark: Position)
    case barrier(Barrier, watermark: Position)
    case end
  }

  private struct Channel: Sendable {
    var output: OutputChannel
    var items: [Item] = []
    var next = 0
    /// Rows that have gone this way, or are about to.
    var rows = 0
    /// What was taken last is still waiting for room.
    var isBlocked = false
    /// Rows that have gone other ways since this channel was last told anything.
    var rowsElsewhere = 0

    var isEmpty: Bool { next == items.count }
    /// What has been put in and is not on its way.
    var waiting: Int { items.count - next + (isBlocked ? 1 : 0) }
    var isFree: Bool { waiting == 0 }
  }

  private var channels: [Channel]
  private let partition: Partition
  private var partitioner: KeyPartitioner?
  private var watermark = Position.first

  /// - Parameters:
  ///   - channels: one to each worker of the next stage, in their order; at least one.
  package init(_ channels: [OutputChannel], partition: Partition) {
    precondition(!channels.isEmpty && channels.count <= KeyGroups.count)
    self.channels = channels.map { Channel(output: $0) }
    self.partition = partition
    if case .key(let column) = partition, channels.count > 1 {
      partitioner = KeyPartitioner(column: column, workers: channels.count)
    }
  }

  package var count: Int { channels.count }

  /// Whether more rows may be put in: what was put in before is on its way.
  package var hasRoom: Bool {
    partitioner == nil ? channels.contains(where: \.isFree) : channels.allSatisfy(\.isFree)
  }

  /// Tells whether the frame taken last for a channel waits for room.
  package mutating func setBlocked(_ isBlocked: Bool, _ channel: Int) { channels[channel].isBlocked = isBlocked }

  /// Puts in rows, all at or below `watermark` and above that of the call before.
  mutating func put(_ rows: LooseRows, watermark: Position) {
    self.watermark = max(self.watermark, watermark)
    for index in channels.indices { channels[index].rowsElsewhere += rows.count }
    guard let parts = partitioner?.split(rows) else { return put(rows.assembled(), on: freest) }
    for (index, part) in parts.enumerated() where part.count > 0 {
      put(part.count == rows.count ? rows.assembled() : rows.batch(of: part), on: index)
    }
  }

  /// Says how far the stream has come.
  mutating func put(watermark: Position) { self.watermark = max(self.watermark, watermark) }

  mutating func put(_ barrier: Barrier) {
    for index in channels.indices { channels[index].items.append(.barrier(barrier, watermark: watermark)) }
  }

  mutating func end() {
    for index in channels.indices { channels[index].items.append(.end) }
  }

  /// The next frame for a channel; nil when it has been told everything.
  ///
  /// - Parameter isBusy: more rows are at hand. Then a channel that gets none of them is told how far the stream has come
  ///   only now and then.
  package mutating func takeFrame(for index: Int, isBusy: Bool) -> Frame? {
    guard !channels[index].isEmpty else {
      if isBusy && channels[index].rowsElsewhere < Self.rowsBetweenWatermarks { return nil }
      channels[index].rowsElsewhere = 0
      return channels[index].output.watermark(watermark)
    }
    channels[index].rowsElsewhere = 0
    defer {
      channels[index].next += 1
      if channels[index].isEmpty {
        channels[index].items.removeAll(keepingCapacity: true)
        channels[index].next = 0
      }
    }
    switch channels[index].items[channels[index].next] {
    case .rows(let batch, let watermark):
      // The queue lets go of the batch, so that its own memory can become the frame.
      channels[index].items[channels[index].next] = .end
      return channels[index].output.rows(batch, watermark: watermark)
    case .barrier(let barrier, let watermark): return channels[index].output.barrier(barrier, watermark: watermark)
    case .end: return channels[index].output.end()
    }
  }

  private static let rowsBetweenWatermarks = 2048

  private mutating func put(_ batch: RecordBatch, on index: Int) {
    channels[index].rows += batch.rowCount
    channels[index].items.append(.rows(batch, watermark: watermark))
  }

  /// The channel with room that has had the fewest rows. Where a step leaves more batches than there are such, the one in
  /// which the least waits: rows must not pile up before a worker that stands still.
  private var freest: Int {
    var best = 0
    for index in channels.indices.dropFirst() {
      let (left, right) = (channels[index], channels[best])
      if left.waiting != right.waiting ? left.waiting < right.waiting : left.rows < right.rows { best = index }
    }
    return best
  }
}
