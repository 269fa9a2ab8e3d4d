internal import ArgumentParser
internal import Checkpoints
internal import Foundation
internal import PipelineSpec
internal import Records

/// A journal that takes the place of a live source.
struct JournalOptions: ParsableArguments {
  @Option(
    name: .customLong("from-journal"),
    help: ArgumentHelp(
      "Read what a live source received from the journal in this directory of checkpoints, instead of the source.",
      valueName: "dir"
    )
  )
  var directory: String?

  @Option(
    help: ArgumentHelp(
      "With --from-journal: only what had arrived by then: 2026-11-25T09:30:00, in UTC.",
      valueName: "time"
    )
  )
  var until: Instant?

  /// A moment as ISO 8601 writes it, in UTC unless it says otherwise.
  struct Instant: ExpressibleByArgument {
    /// Wall-clock microseconds since 1970 UTC.
    let microseconds: Int64

    init?(argument: String) {
      guard let time = Timestamp.parse(Array(argument.utf8).span) else { return nil }
      microseconds = time
    }
  }

  mutating func validate() throws {
    if until != nil && directory == nil {
      throw ValidationError("--until ends the reading of a journal: give it with --from-journal DIR.")
    }
  }

  /// What it is for the compiler.
  var options: RunOptions.Journal? {
    directory.map { RunOptions.Journal(directory: Self.absolute($0), until: until?.microseconds) }
  }

  private static func absolute(_ directory: String) -> String { URL(filePath: directory).path(percentEncoded: false) }

  /// Ends the command where there is no journal at the path of a source's.
  func check(_ path: String) throws {
    // As it was written, where it is that.
    let directory = path == directory.map(Self.absolute) ? directory ?? path : path
    do {
      // A directory of storage is made where there is none.
      guard FileManager.default.fileExists(atPath: path + "/."),
        let first = try JournalRetention(try DirectoryStorage(path: path)).firstSequence()
      else {
        StandardError.writeLine(
          "sluice: there is no journal in '\(directory)'; name the directory of checkpoints of a run with a live source"
        )
        throw Sluice.misuse
      }
      if first > 0 {
        StandardError.writeLine(
          "sluice: the journal in '\(directory)' begins with message \(first): what came before was removed, and what is "
            + "computed from here on knows nothing of it"
        )
      }
    } catch let error as JournalError {
      StandardError.writeLine("sluice: \(error)")
      throw Sluice.misuse
    } catch let error as StorageError {
      StandardError.writeLine("sluice: \(error)")
      throw Sluice.misuse
    }
  }

  /// Whether two paths are one directory.
  static func isSame(_ one: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    guard unsafe stat(one, &first) == 0, unsafe stat(other, &second) == 0 else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }
}
