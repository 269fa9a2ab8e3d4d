/// What is left of a journal that is not kept for ever.
package struct JournalRetention {
  private let storage: any Storage

  package init(_ storage: any Storage) { self.storage = storage }

  /// The number of the first record that is left; nil where there is no journal.
  package func firstSequence() throws(JournalError) -> UInt64? { try JournalSegment.all(in: storage).first?.first }

  /// Removes all of it, for a run that begins anew.
  package func removeAll() throws(JournalError) {
    for segment in try JournalSegment.all(in: storage) {
      try journaling { () throws(StorageError) in try storage.remove(segment.name) }
    }
    try journaling { () throws(StorageError) in try storage.syncNames() }
  }

  /// Removes the segments whose records are all before `sequence`, and have all arrived before `time`; never the last one.
  ///
  /// - Parameter time: wall-clock microseconds since 1970 UTC; nil: whenever they arrived.
  package func removeSegments(before sequence: UInt64, arrivedBefore time: Int64? = nil) throws(JournalError) {
    let segments = try JournalSegment.all(in: storage)
    for (segment, next) in zip(segments, segments.dropFirst()) {
      guard next.first <= sequence else { return }
      // What is behind a segment came later than all that is in it.
      if let time {
        guard let arrival = try next.firstArrival(), arrival < time else { return }
      }
      try journaling { () throws(StorageError) in try storage.remove(segment.name) }
    }
  }
}

extension JournalSegment {
  /// When its first record arrived; nil where that cannot be read.
  fileprivate func firstArrival() throws(JournalError) -> Int64? {
    let size = JournalLayout.headerSize + JournalLayout.recordHeaderSize
    let bytes = try read(at: 0, count: size)
    guard isHeader(bytes.span), bytes.count == size else { return nil }
    return bytes.span.integer(at: JournalLayout.headerSize + JournalLayout.arrivalOffset)
  }
}
