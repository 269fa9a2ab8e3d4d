internal import Checkpoints
internal import Dataflow
internal import Records

/// A journal as an input of its own: what came in before, up to its end or to a time.
final class JournalInput {
  private var reader: JournalReader
  private let until: Int64?
  /// What was read and not handed on.
  private var pieces = JournalPieces()

  /// - Parameters:
  ///   - sequence: the first message to read; nil: the first that there is.
  ///   - until: the time of the last arrival to read, in wall-clock microseconds; nil: all.
  init(_ directory: String, from sequence: UInt64?, until: Int64?) throws(RuntimeError) {
    let storage = try explaining { () throws(StorageError) in try DirectoryStorage(path: directory) }
    let first = try explaining(.permanent) { () throws(JournalError) in try JournalRetention(storage).firstSequence() }
    reader = JournalReader(storage, from: sequence ?? first ?? 0)
    self.until = until
  }

  func read<E: Error>(
    _ body: (Span<UInt8>, SourceReader.Piece) throws(E) -> Void
  ) throws(RuntimeError) -> SourceReader.Outcome {
    if pieces.isEmpty {
      let records = try explaining(.permanent) { () throws(JournalError) in try reader.next() }
      // Messages stand in the order of their arrival.
      pieces = JournalPieces(Array(records.prefix { record in until.map { record.arrival <= $0 } ?? true }))
    }
    guard !pieces.isEmpty else { return .end }
    try pieces.next(body)
    return .bytes
  }
}
