internal import Checkpoints
internal import Records

/// What a journal gives back, in pieces that a source can take in at once: messages up to a promise, or a promise by itself.
struct JournalPieces {
  private var rest: ArraySlice<JournalRecord> = []

  var isEmpty: Bool { rest.isEmpty }

  init(_ records: [JournalRecord] = []) { rest = records[...] }

  /// Hands the next piece to `body`.
  mutating func next<E: Error>(
    _ body: (Span<UInt8>, SourceReader.Piece) throws(E) -> Void
  ) throws(RuntimeError) {
    if let promise = rest.first?.promise {
      rest.removeFirst()
      return try explaining { () throws(E) in try body(Span(), .promise(promise)) }
    }
    while let record = rest.first, record.promise == nil {
      rest.removeFirst()
      try explaining { () throws(E) in try body(record.payload.span, .replayedMessage) }
    }
  }
}
