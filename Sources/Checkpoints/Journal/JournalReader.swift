/// Reads a journal from a record on, in order, while it may grow.
package struct JournalReader {
  private let storage: any Storage
  /// The number of the next record that is given.
  package private(set) var nextSequence: UInt64
  /// The segment that is read, and from where on.
  private var segment: JournalSegment?
  private var offset = 0
  /// The record at `offset`, which may be before the one that was asked for.
  private var sequence: UInt64 = 0
  /// What is read at a time.
  private let readSize: Int

  /// - Parameter sequence: the first record to give; it may be one that is yet to come.
  package init(_ storage: any Storage, from sequence: UInt64, readSize: Int = 1 << 20) {
    self.storage = storage
    nextSequence = sequence
    self.readSize = max(readSize, JournalLayout.headerSize)
  }

  /// The next records, some at a time; none when there is nothing more yet.
  package mutating func next() throws(JournalError) -> [JournalRecord] {
    while true {
      // Named before the read: what one of these follows is complete.
      let later = try laterSegments()
      if let segment {
        let records = try read(segment, isLast: later.isEmpty)
        if !records.isEmpty { return records }
        if offset == 0 || later.isEmpty { return [] }
      }
      guard let next = later.first else { return [] }
      if segment != nil, next.first != sequence { throw .gap(before: next, expected: sequence) }
      segment = next
      sequence = next.first
      offset = 0
    }
  }

  /// The segments behind the one that is read; at the beginning, from the one on that holds the first record to give.
  private func laterSegments() throws(JournalError) -> [JournalSegment] {
    let segments = try JournalSegment.all(in: storage)
    if let segment { return segments.filter { $0.first > segment.first } }
    guard let first = segments.first else { return [] }
    guard first.first <= nextSequence else { throw .gap(before: first, expected: nextSequence) }
    let start = segments.lastIndex { $0.first <= nextSequence } ?? 0
    return Array(segments[start...])
  }

  /// Reads on in a segment: until there are records to give, or it ends.
  private mutating func read(_ segment: JournalSegment, isLast: Bool) throws(JournalError) -> [JournalRecord] {
    var wanted = readSize
    while true {
      let bytes = try segment.read(at: offset, count: wanted)
      let isWhole = bytes.count < wanted
      if offset == 0, !segment.isHeader(bytes.span) {
        try refuse(segment, bytes.span, at: 0, isLast: isLast, after: segment.first &- 1)
        return []
      }
      let start = offset
      var place = offset == 0 ? JournalLayout.headerSize : 0
      var records: [JournalRecord] = []
      var missing = 0
      scan: while place < bytes.count {
        switch JournalLayout.record(bytes.span, at: place, sequence) {
        case .record(let length):
          if sequence >= nextSequence { records.append(record(bytes, place, length)) }
          place += length
          sequence &+= 1
        case .incomplete(let length) where !isWhole:
          missing = length
          break scan
        case .incomplete, .unsound:
          // An unsound record may have a length that is wrong: all that is behind it has to be looked at.
          offset = start + place
          if records.isEmpty { try refuseRest(segment, isLast: isLast) }
          break scan
        }
      }
      offset = start + place
      if let last = records.last {
        nextSequence = last.sequence &+ 1
        return records
      }
      if isWhole { return [] }
      wanted = place > 0 ? max(readSize, missing) : max(missing, wanted)
    }
  }

  private func record(_ bytes: [UInt8], _ place: Int, _ length: Int) -> JournalRecord {
    JournalRecord(
      sequence: sequence,
      arrival: bytes.span.integer(at: place + JournalLayout.arrivalOffset),
      payload: bytes[place + JournalLayout.recordHeaderSize..<place + length],
      isPromise: bytes.span.integer(UInt32.self, at: place) & JournalLayout.promiseBit != 0
    )
  }

  /// Whether the bytes at `offset`, which are no sound record, are the end of what was written so far.
  private func refuseRest(_ segment: JournalSegment, isLast: Bool) throws(JournalError) {
    let rest = try segment.read(at: offset, count: max(try segment.size() - offset, 0))
    // More of it may have been written meanwhile.
    if case .record = JournalLayout.record(rest.span, at: 0, sequence) { return }
    try refuse(segment, rest.span, at: offset, isLast: isLast, after: sequence)
  }

  private func refuse(
    _ segment: JournalSegment,
    _ bytes: Span<UInt8>,
    at start: Int,
    isLast: Bool,
    after sequence: UInt64
  ) throws(JournalError) {
    guard isLast else { throw segment.damageBeforeEnd(at: start) }
    try segment.refuseRecordsBehind(bytes, at: 0, sequence, start: start)
  }
}
