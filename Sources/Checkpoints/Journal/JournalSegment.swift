/// One file of a journal.
struct JournalSegment {
  let storage: any Storage
  let first: UInt64

  var name: String { StoredName.segment(first) }
  var path: String { storage.path(name) }

  /// All of a directory, in order.
  static func all(in storage: any Storage) throws(JournalError) -> [JournalSegment] {
    try journaling { () throws(StorageError) in try storage.names() }
      .compactMap(StoredName.firstSequence(ofSegment:)).sorted()
      .map { JournalSegment(storage: storage, first: $0) }
  }

  func size() throws(JournalError) -> Int {
    let size = try journaling { () throws(StorageError) in try storage.size(of: name) }
    guard let size else { throw JournalError(path, "\(path) is gone; put it back") }
    return size
  }

  func read(at offset: Int, count: Int) throws(JournalError) -> [UInt8] {
    try journaling { () throws(StorageError) in try storage.read(name, at: offset, count: count) }
  }

  /// Where a journal that was left ends in its last segment.
  struct End {
    /// The number of the next record.
    let sequence: UInt64
    /// Bytes of the segment that are sound; less than all of it where a write was torn. 0: not even its header.
    let length: Int
  }

  /// Reads the whole segment.
  func end() throws(JournalError) -> End {
    let bytes = try read(at: 0, count: try size())
    let span = bytes.span
    guard isHeader(span) else {
      try refuseRecordsBehind(span, at: 0, first &- 1)
      return End(sequence: first, length: 0)
    }
    var offset = JournalLayout.headerSize
    var sequence = first
    while offset < span.count {
      guard case .record(let length) = JournalLayout.record(span, at: offset, sequence) else {
        try refuseRecordsBehind(span, at: offset, sequence)
        break
      }
      offset += length
      sequence &+= 1
    }
    return End(sequence: sequence, length: offset)
  }

  func isHeader(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count >= JournalLayout.headerSize else { return false }
    let header = JournalLayout.header(first: first)
    return header.indices.allSatisfy { bytes[$0] == header[$0] }
  }

  /// Tells damage from the end of the last write: behind damage there are sound records.
  ///
  /// - Parameter sequence: of what should stand at `offset`.
  func refuseRecordsBehind(
    _ bytes: Span<UInt8>,
    at offset: Int,
    _ sequence: UInt64,
    start: Int = 0
  ) throws(JournalError) {
    guard let later = JournalLayout.laterRecord(bytes, from: offset, after: sequence) else { return }
    throw damage(at: start + offset, "there are sound records behind it, from byte \(start + later) on")
  }

  /// What is no torn write, because the segment was complete.
  func damageBeforeEnd(at offset: Int) -> JournalError {
    damage(at: offset, "no sound record stands there, and there is a segment behind")
  }

  private func damage(at offset: Int, _ reason: String) -> JournalError {
    JournalError(
      path,
      at: offset,
      reason,
      remedy: "put back a copy of the file, or cut it off at that byte and remove the segments behind it, which gives "
        + "up the records from there on"
    )
  }
}
