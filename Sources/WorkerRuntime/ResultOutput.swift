package import Checkpoints
internal import Dataflow
package import Records

/// Where a sink's text goes.
///
/// Where checkpoints are taken, results are one stream of bytes that is the same in every run, so a place in it says what has
/// been shown.
package protocol ResultOutput: AnyObject {
  /// What to watch for a reader that goes away; nil where nobody can.
  var watchedDescriptor: Int32? { get }
  /// Takes all of `text` and empties it.
  func write(_ text: inout TextBuffer) throws(RuntimeError) -> OutputFile.Outcome
  /// Cuts the stream for a checkpoint, or, where that is nil, at its end.
  func cut(_ checkpoint: UInt64?) -> ResultCut
  /// Shows what belongs to a checkpoint.
  func publish(_ committed: Committed) throws(RuntimeError)
}

/// Where a stream of results is cut for a checkpoint.
package struct ResultCut {
  package var place: OutputPlace
  /// What is to be made durable for it.
  package var files: [any StorageFile]
  /// Whether more has been shown already, before a failure: only the same text can follow.
  package var isRepeating: Bool

  package init(place: OutputPlace, files: [any StorageFile] = [], isRepeating: Bool = false) {
    self.place = place
    self.files = files
    self.isRepeating = isRepeating
  }
}

/// Text that is shown as it comes, where no checkpoints are taken.
final class DirectResults: ResultOutput {
  private var file: OutputFile

  init(_ file: consuming OutputFile) { self.file = file }

  var watchedDescriptor: Int32? { file.descriptor }
  func write(_ text: inout TextBuffer) throws(RuntimeError) -> OutputFile.Outcome { try file.write(&text) }
  func cut(_ checkpoint: UInt64?) -> ResultCut { ResultCut(place: OutputPlace(length: 0, staged: [])) }
  func publish(_ committed: Committed) {}
}

/// Text that is shown as it comes and cannot be taken back, as on stdout: what was shown already is left out when it comes a
/// second time.
package final class PrintedResults<Stream: PrintedStream & ~Copyable>: ResultOutput {
  private var file: Stream
  private let mark: any PrintedLength
  /// Bytes of the stream so far.
  private var length: Int

  /// - Parameters:
  ///   - length: where the stream goes on.
  ///   - mark: how far it has been shown.
  package init(_ file: consuming Stream, mark: any PrintedLength, from length: Int) {
    self.file = file
    self.mark = mark
    self.length = length
  }

  package var watchedDescriptor: Int32? { file.descriptor }

  package func write(_ text: inout TextBuffer) throws(RuntimeError) -> OutputFile.Outcome {
    let end = length + text.count
    text.removeFirst(mark.printed - length)
    if case .closed = try file.write(&text) { return .closed }
    length = end
    if length > mark.printed { mark.printed = length }
    return .written
  }

  package func cut(_ checkpoint: UInt64?) -> ResultCut {
    ResultCut(place: OutputPlace(length: length, staged: []), isRepeating: length < mark.printed)
  }
  package func publish(_ committed: Committed) {}
}

/// Text for a file in which nothing is ever seen but what belongs to a committed checkpoint.
package final class StagedResults: ResultOutput {
  private let storage: any Storage
  private let target: PublishedFile
  private var text: StagedText
  /// Bytes to be left out, since they are in the file already.
  private var excess: Int
  /// Bytes of the stream that the file has, or had from earlier epochs.
  private var length: Int
  /// What is behind them up to the last cut, and for which checkpoint each part was cut: nil for the one at the end.
  private var unpublished: [(checkpoint: UInt64?, range: StagedRange)] = []

  /// - Parameter start: where the stream goes on.
  package init(
    _ target: PublishedFile,
    from start: OutputPlace,
    in storage: any Storage,
    names: StagedNames
  ) throws(RuntimeError) {
    self.storage = storage
    text = StagedText(in: storage, names: names)
    self.target = target
    try Self.publish(start, in: target, from: storage)
    length = start.end
    excess = target.length - start.end
  }

  package var watchedDescriptor: Int32? { nil }

  package func write(_ text: inout TextBuffer) throws(RuntimeError) -> OutputFile.Outcome {
    if excess > 0 {
      let left = min(excess, text.count)
      text.removeFirst(left)
      excess -= left
      length += left
    }
    try self.text.append(&text)
    return .written
  }

  package func cut(_ checkpoint: UInt64?) -> ResultCut {
    let part = text.cut()
    if let part { unpublished.append((checkpoint, part.range)) }
    return ResultCut(
      place: OutputPlace(length: length, staged: unpublished.map(\.range)),
      files: part.map { [$0.file] } ?? [],
      isRepeating: excess > 0
    )
  }

  package func publish(_ committed: Committed) throws(RuntimeError) {
    let parts = unpublished.prefix { committed.isLast || $0.checkpoint.map { $0 <= committed.checkpoint } ?? false }
    try Self.publish(OutputPlace(length: length, staged: parts.map(\.range)), in: target, from: storage)
    length += parts.reduce(0) { $0 + $1.range.count }
    unpublished.removeFirst(parts.count)
  }

  private static func publish(
    _ place: OutputPlace,
    in target: PublishedFile,
    from storage: any Storage
  ) throws(RuntimeError) {
    do throws(PublicationError) { try target.publish(place, from: storage) } catch {
      switch error {
      case .storage: throw RuntimeError("\(error)")
      case .damage: throw RuntimeError("\(error)", .checkpoint)
      case .isCutOff: throw RuntimeError("\(error)", .permanent)
      }
    }
  }
}
