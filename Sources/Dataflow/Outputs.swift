package import Records

/// The channels out of one worker: splits its batches among the workers of each stage that reads them, and tells all of those
/// how far the stream has come.
package struct Outputs: Sendable {
  private enum Item: Sendable {
    case rows(RecordBatch, watermark: Position)
    case barrier(Barrier, watermark: Position)
    case end
    case stop(watermark: Position)
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

  /// A stage that reads the rows.
  private struct Reader: Sendable {
    /// One to each of its workers.
    let channels: Range<Int>
    /// nil where any worker will do.
    var partitioner: KeyPartitioner?
  }

  /// Those to the first reader, then those to the next.
  private var channels: [Channel] = []
  private var readers: [Reader] = []
  private var watermark = Position.first

  /// - Parameters:
  ///   - channels: one to each worker of the one stage that reads the rows, in their order; at least one.
  package init(_ channels: [OutputChannel], partition: Partition) { self.init([(channels, partition)]) }

  /// - Parameter readers: for each stage that reads the rows, a channel to each of its workers, in their order, and how rows
  ///   find theirs; at least one.
  package init(_ readers: [(channels: [OutputChannel], partition: Partition)]) {
    precondition(!readers.isEmpty)
    for (channels, partition) in readers {
      precondition(!channels.isEmpty && channels.count <= KeyGroups.count)
      let start = self.channels.count
      self.channels += channels.map { Channel(output: $0) }
      var reader = Reader(channels: start..<self.channels.count)
      if case .key(let column) = partition, channels.count > 1 {
        reader.partitioner = KeyPartitioner(column: column, workers: channels.count)
      }
      self.readers.append(reader)
    }
  }

  package var count: Int { channels.count }
  /// Stages that read the rows.
  var readerCount: Int { readers.count }

  /// Whether more rows may be put in: what was put in before is on its way to every stage that reads them.
  package var hasRoom: Bool {
    readers.allSatisfy { reader in
      reader.partitioner == nil
        ? reader.channels.contains { channels[$0].isFree } : reader.channels.allSatisfy { channels[$0].isFree }
    }
  }

  /// Tells whether the frame taken last for a channel waits for room.
  package mutating func setBlocked(_ isBlocked: Bool, _ channel: Int) { channels[channel].isBlocked = isBlocked }

  /// Puts in rows for every reader, all at or below `watermark` and above that of the call before.
  mutating func put(_ rows: LooseRows, watermark: Position) {
    if readers.count == 1 { return put(rows, watermark: watermark, for: 0) }
    let whole = LooseRows(rows.assembled())
    for reader in readers.indices { put(whole, watermark: watermark, for: reader) }
  }

  /// Puts in rows for one reader, all at or below `watermark` and above that of the rows that it was given before.
  mutating func put(_ rows: LooseRows, watermark: Position, for reader: Int) {
    let range = readers[reader].channels
    for index in range { channels[index].rowsElsewhere += rows.count }
    guard let parts = readers[reader].partitioner?.split(rows) else {
      return put(rows.assembled(), watermark, on: freest(of: range))
    }
    for (index, part) in parts.enumerated() where part.count > 0 {
      let batch = part.count == rows.count ? rows.assembled() : rows.batch(of: part)
      put(batch, watermark, on: range.lowerBound + index)
    }
  }

  /// Says how far the stream has come.
  mutating func put(watermark: Position) { self.watermark = max(self.watermark, watermark) }

  mutating func put(_ barrier: Barrier) {
    for index in channels.indices { channels[index].items.append(.barrier(barrier, watermark: watermark)) }
  }

  /// - Parameter isStopped: the stream goes on in another epoch.
  mutating func end(isStopped: Bool) {
    for index in channels.indices { channels[index].items.append(isStopped ? .stop(watermark: watermark) : .end) }
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
    case .stop(let watermark): return channels[index].output.stop(watermark: watermark)
    }
  }

  private static let rowsBetweenWatermarks = 2048

  private mutating func put(_ batch: RecordBatch, _ watermark: Position, on index: Int) {
    channels[index].rows += batch.rowCount
    channels[index].items.append(.rows(batch, watermark: watermark))
  }

  /// The channel with room that has had the fewest rows. Where a step leaves more batches than there are such, the one in
  /// which the least waits: rows must not pile up before a worker that stands still.
  private func freest(of range: Range<Int>) -> Int {
    var best = range.lowerBound
    for index in range.dropFirst() {
      let (left, right) = (channels[index], channels[best])
      if left.waiting != right.waiting ? left.waiting < right.waiting : left.rows < right.rows { best = index }
    }
    return best
  }
}
