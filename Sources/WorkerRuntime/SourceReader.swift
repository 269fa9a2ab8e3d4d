internal import Checkpoints
internal import Dataflow
internal import Plan
internal import Records
internal import SourceStage
internal import Transport

/// Where a source's bytes come from.
enum SourceReader {
  case descriptor(DescriptorReader)
  case messages(MessageReader)
  case journaled(JournaledReader)
  case journal(JournalInput)

  enum Outcome {
    case bytes
    case nothingYet
    case end
  }

  /// What bytes of an input are.
  enum Piece {
    /// Some of it, which end wherever it pleases.
    case part
    case message
    /// A message that had been received before.
    case replayedMessage
    /// No bytes: a promise that no message behind it is of before this event time.
    case promise(Int64)
  }

  /// - Parameters:
  ///   - ingress: what a live source has from earlier epochs.
  ///   - place: where a source goes on whose input comes in messages.
  init(
    _ source: SourcePlan,
    _ context: Context,
    _ ingress: Ingress,
    _ checkpoint: CheckpointPlan?,
    from place: MessagePlace?
  ) throws(RuntimeError) {
    switch source.input {
    case .file(let path): self = .descriptor(try DescriptorReader(path: path))
    case .standardInput: self = .descriptor(DescriptorReader.standardInput)
    case .messages(let endpoint):
      let live = try ingress.messages(at: endpoint, context)
      guard let checkpoint else {
        self = .messages(live)
        return
      }
      let journal = try ingress.journal(in: source.journal.directory(in: checkpoint.directory), source.journal)
      try journal.open(upTo: place?.end ?? 0)
      self = .journaled(JournaledReader(live, journal, from: place?.first ?? 0))
    case .journal(let directory, _, let until):
      self = .journal(try JournalInput(directory, from: place?.first, until: until))
    }
  }

  /// Makes it something to wait for, where it is.
  func register(in loop: inout WorkerLoop) -> Poller.Entry? {
    switch self {
    case .descriptor(let reader): reader.isWaitedFor ? loop.watch(descriptor: reader.descriptor, for: .readable) : nil
    case .messages(let reader): loop.watch(reader.socket)
    case .journaled(let reader): loop.watch(reader.live.socket)
    case .journal: nil
    }
  }

  /// Goes on from a byte of a file. Inputs that come in messages know where they go on.
  func skip(to place: UInt64) throws(StageFailure) {
    if case .descriptor(let reader) = self { try reader.skip(to: place) }
  }

  /// Hands what there is to `body`, a message at a time where the input comes in messages.
  func read<E: Error>(_ body: (_ bytes: Span<UInt8>, _ piece: Piece) throws(E) -> Void) throws(RuntimeError) -> Outcome
  {
    switch self {
    case .descriptor(let reader): try reader.read { (bytes) throws(E) in try body(bytes, .part) }
    case .messages(let reader): try reader.read { (bytes) throws(E) in try body(bytes, .message) }
    case .journaled(let reader): try reader.read(body)
    case .journal(let reader): try reader.read(body)
    }
  }

  /// Whether what comes next was there before.
  var isReadingAgain: Bool { if case .journaled(let reader) = self { reader.isReadingAgain } else { false } }

  /// The journal that it writes.
  var written: LiveJournal? {
    if case .journaled(let reader) = self { reader.journal } else { nil }
  }
}
