/// A message as it was received, or a promise in its place.
package struct JournalMessage: Hashable, Sendable {
  package let payload: [UInt8]
  /// Wall-clock microseconds since 1970 UTC.
  package let arrival: Int64
  let isPromise: Bool

  package init(_ payload: [UInt8], arrival: Int64) {
    self.payload = payload
    self.arrival = arrival
    isPromise = false
  }

  /// That no message behind it has an event time before `time`, or is late.
  package init(promise time: Int64, arrival: Int64) {
    var bytes: [UInt8] = []
    bytes.put(time)
    payload = bytes
    self.arrival = arrival
    isPromise = true
  }
}

/// A message, or a promise, as the journal gives it back.
package struct JournalRecord: Hashable, Sendable {
  package let sequence: UInt64
  /// Wall-clock microseconds since 1970 UTC.
  package let arrival: Int64
  package let payload: ArraySlice<UInt8>
  let isPromise: Bool

  /// The event time that was promised; nil for a message.
  package var promise: Int64? { isPromise ? payload.span.integer(Int64.self, at: 0) : nil }
}

/// A journal that cannot be read or written: which file, where, what is wrong and what to do.
package struct JournalError: Error, Hashable, Sendable, CustomStringConvertible {
  package let file: String
  /// The byte from which on nothing can be believed.
  package let offset: Int?
  package let description: String

  /// Damage.
  init(_ file: String, at offset: Int, _ reason: String, remedy: String) {
    self.file = file
    self.offset = offset
    description = "\(file) is damaged at byte \(offset): \(reason); \(remedy)"
  }

  init(_ error: StorageError) {
    file = error.path
    offset = nil
    description = error.description
  }

  init(_ file: String, _ description: String) {
    self.file = file
    offset = nil
    self.description = description
  }

  /// `segment` is not the one that has to come next.
  static func gap(before segment: JournalSegment, expected: UInt64) -> JournalError {
    JournalError(
      segment.path,
      "\(segment.path) begins with record \(segment.first), but record \(expected) comes next; put back the file "
        + "\(StoredName.segment(expected))"
    )
  }

  /// The end of the journal is missing.
  static func tooShort(_ storage: any Storage, end: UInt64, expected: UInt64) -> JournalError {
    JournalError(
      storage.place,
      "the journal in \(storage.place) ends before record \(end), but a checkpoint counts on all records before "
        + "\(expected); put back its later files, or go back to an earlier checkpoint"
    )
  }
}

/// Turns an error of the storage into the journal's.
func journaling<R>(_ body: () throws(StorageError) -> R) throws(JournalError) -> R {
  do { return try body() } catch { throw JournalError(error) }
}
