/// One message on a channel: a header, and a batch where the kind is `rows`.
public struct Frame: Sendable {
  package let header: FrameHeader
  /// Present exactly for the kind `rows`.
  package let batch: RecordBatch?
  /// Present exactly for the kinds `barrier` and `cut`.
  package let barrier: Barrier?
  /// The bytes that travel; the batch reads its columns in them.
  package let storage: FrameStorage

  /// A frame that says no more than its header.
  package init(_ header: FrameHeader) {
    precondition(header.kind == .watermark || header.kind.isLast)
    self.header = header
    batch = nil
    barrier = nil
    storage = FrameStorage(uninitialised: FrameHeader.size)
    storage.seal(header, flags: 0, fingerprint: 0, rows: 0)
  }

  /// A place where the stream is cut; it decides the header's kind.
  package init(_ header: FrameHeader, _ barrier: Barrier) {
    var header = header
    header.kind = barrier.kind
    self.header = header
    batch = nil
    self.barrier = barrier
    storage = FrameStorage(uninitialised: FrameHeader.size + Self.barrierBytes)
    storage.store(barrier.number, at: FrameHeader.size)
    storage.seal(header, flags: 0, fingerprint: 0, rows: 0)
  }

  private static let barrierBytes = 8

  /// A frame of rows. The batch's own memory becomes the frame when no one else holds the batch; else it is copied.
  package init(_ header: FrameHeader, _ batch: consuming RecordBatch) {
    precondition(header.kind == .rows)
    self.header = header
    var sealed = batch
    sealed.makeUnique()
    sealed.storage.seal(
      header,
      flags: sealed.flags,
      fingerprint: sealed.schema.fingerprint,
      rows: sealed.rowCount
    )
    storage = sealed.storage
    self.batch = sealed
    barrier = nil
  }

  /// Reads a frame in place, checking everything that reading its rows relies on.
  ///
  /// - Parameter schema: of the rows that the receiver expects on this channel.
  package init(decoding storage: FrameStorage, schema: Schema) throws(FrameError) {
    let (header, flags, fingerprint, rows) = try storage.openHeader()
    self.header = header
    self.storage = storage
    guard header.kind == .rows else {
      guard rows == 0 else { throw .body(field: "rows in a frame without a batch") }
      let isBarrier = header.kind == .barrier || header.kind == .cut
      let body = isBarrier ? Self.barrierBytes : 0
      guard storage.count == FrameHeader.size + body else { throw .body(field: "length of a frame without a batch") }
      batch = nil
      let number = isBarrier ? storage.load(UInt64.self, at: FrameHeader.size) : 0
      barrier = isBarrier ? (header.kind == .barrier ? .checkpoint(number) : .cut(number)) : nil
      return
    }
    barrier = nil
    guard fingerprint == schema.fingerprint else {
      throw .schema(expected: schema.fingerprint, actual: fingerprint)
    }
    batch = try RecordBatch(decoding: storage, schema: schema, rows: rows, flags: flags)
  }
}
