package import Checkpoints
internal import Glibc

/// Where the file of the dead letters is.
package protocol LetterPlace {
  /// Whether there is one.
  var isThere: Bool { get }
  /// Opens it, or makes it.
  func open() throws(StorageError) -> PublishedFile
}

struct LetterPath: LetterPlace {
  let path: String

  var isThere: Bool { unsafe access(path, F_OK) == 0 }
  func open() throws(StorageError) -> PublishedFile { try PublishedFile(path) }
}

/// The dead letters of a run with checkpoints: workers hold them back, and they are appended to one file when their checkpoint
/// is committed.
final class DeadLetterFile {
  private let place: any LetterPlace
  private let storage: any Storage
  /// Bytes of it that checkpoints have brought.
  private var length = 0
  /// Parts that checkpoints have brought and that could not be appended yet.
  private var pending: [StagedRange] = []
  /// Parts that checkpoints have brought: workers may name them again before they hear of that.
  private var known: Set<String> = []

  init(_ place: any LetterPlace, _ storage: any Storage) {
    self.place = place
    self.storage = storage
  }

  /// Makes the file what it was to be at a checkpoint.
  func goOn(from place: OutputPlace) throws(PublicationError) {
    length = place.length
    try append(place)
    // What a later checkpoint brought comes again.
    guard self.place.isThere else { return }
    do throws(StorageError) { try self.place.open().truncate(to: length) } catch { throw .storage(error) }
  }

  /// Where the file is to be at a checkpoint for which the workers hold back `parts`.
  func place(with parts: [StagedRange]) -> OutputPlace {
    // What its worker names no more has been heard of there, and is not named again.
    known.formIntersection(parts.map(\.file))
    return OutputPlace(length: length, staged: pending + parts.filter { !known.contains($0.file) })
  }

  func publish(_ place: OutputPlace) throws(SupervisorError) {
    do throws(PublicationError) { try append(place) } catch { throw SupervisorError("\(error)") }
  }

  private func append(_ place: OutputPlace) throws(PublicationError) {
    pending = place.staged
    known.formUnion(place.staged.map(\.file))
    // Made when there is a first one.
    if place.end > 0 {
      let file: PublishedFile
      do throws(StorageError) { file = try self.place.open() } catch { throw .storage(error) }
      try file.publish(place, from: storage)
    }
    length = place.end
    pending = []
  }
}
