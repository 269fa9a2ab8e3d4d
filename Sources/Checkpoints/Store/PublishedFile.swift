internal import Glibc

/// A file to which committed text is appended, each byte once: its length says how much of the text it has.
package final class PublishedFile {
  private let file: any AppendedFile
  /// Bytes that it has.
  package private(set) var length: Int
  /// Whoever wrote what it has may have died before it was durable.
  private var isDurable: Bool

  package init(_ file: any AppendedFile) {
    self.file = file
    length = file.length
    isDurable = length == 0
  }

  /// Opens the file, or makes it.
  package convenience init(_ path: String) throws(StorageError) { self.init(try FileAtPath(path)) }

  /// Whether there is a file of this name that keeps what is written to it, or could be.
  package static func isPossible(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFREG
  }

  /// Appends what of `place` the file lacks, and makes it durable.
  package func publish(_ place: OutputPlace, from storage: any Storage) throws(PublicationError) {
    guard length >= place.length else { throw .isCutOff(path: file.path, length: length, expected: place.length) }
    var before = place.length
    for range in place.staged {
      if length < before + range.count {
        try append(range, skipping: length - before, from: storage)
      }
      before += range.count
    }
    if isDurable { return }
    do throws(StorageError) { try file.sync() } catch { throw .storage(error) }
    isDurable = true
  }

  /// Forgets what is behind `length`.
  package func truncate(to length: Int) throws(StorageError) {
    try file.truncate(to: length)
    self.length = length
  }

  private func append(_ range: StagedRange, skipping skipped: Int, from storage: any Storage) throws(PublicationError) {
    var left = skipped
    do {
      try range.read(from: storage) { bytes in
        let dropped = min(left, bytes.count)
        left -= dropped
        try write(bytes.extracting(droppingFirst: dropped))
      }
    } catch let error as StorageError { throw .storage(error) } catch let error as CheckpointDamage {
      throw .damage(error)
    } catch { throw .storage(StorageError("write", file.path, reason: "\(error)")) }
  }

  private func write(_ bytes: Span<UInt8>) throws(StorageError) {
    var written = 0
    while written < bytes.count {
      isDurable = false
      let more = try file.append(bytes.extracting(droppingFirst: written))
      written += more
      length += more
    }
  }
}

/// Why committed text could not be put where it belongs.
package enum PublicationError: Error, Hashable, Sendable, CustomStringConvertible {
  case storage(StorageError)
  /// What was held back is damaged.
  case damage(CheckpointDamage)
  /// Somebody has shortened the file.
  case isCutOff(path: String, length: Int, expected: Int)

  package var description: String {
    switch self {
    case .storage(let error): "\(error)"
    case .damage(let damage): "\(damage)"
    case .isCutOff(let path, let length, let expected):
      "\(path) has \(length) bytes, but \(expected) had been written to it at the checkpoint; give the file back, or start over with --fresh"
    }
  }
}

extension StagedRange {
  package var count: Int { to - from }
}

extension OutputPlace {
  /// Bytes of the output up to here.
  package var end: Int { staged.reduce(length) { $0 + $1.count } }
}
