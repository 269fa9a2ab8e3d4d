internal import ArgumentParser
internal import Checkpoints
internal import Foundation

/// `sluice checkpoint`: what the directory of `run --checkpoints` holds.
struct CheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint",
    abstract: "Looks at the checkpoints that a run has saved; changes nothing.",
    discussion: "The run may go on meanwhile.",
    subcommands: [CheckpointListCommand.self, CheckpointShowCommand.self, CheckpointVerifyCommand.self]
  )
}

/// The directory that a command looks at.
struct CheckpointDirectory: ParsableArguments {
  @Argument(help: ArgumentHelp("The directory that `sluice run --checkpoints` was given.", valueName: "dir"))
  var directory: String

  /// Its checkpoints, newest first; ends the command where there are none.
  func open() throws -> (store: CheckpointStore, checkpoints: [CheckpointStore.Stored]) {
    // A store would make one.
    let place = URL(filePath: directory).resolvingSymlinksInPath()
    guard (try? place.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true else {
      throw Self.misuse("there is no directory '\(directory)'")
    }
    let store: CheckpointStore
    let checkpoints: [CheckpointStore.Stored]
    do {
      store = CheckpointStore(try DirectoryStorage(path: directory))
      checkpoints = try store.manifests()
    } catch {
      StandardError.writeLine("sluice: \(error)")
      throw ExitCode.failure
    }
    guard !checkpoints.isEmpty else { throw Self.misuse("there are no checkpoints in '\(directory)'") }
    return (store, checkpoints)
  }

  static func misuse(_ problem: String) -> ExitCode {
    StandardError.writeLine("sluice: \(problem); give the directory that `sluice run --checkpoints` was given")
    return Sluice.misuse
  }
}

extension CheckpointStore {
  /// Reads what is there of a checkpoint; nil where the run that goes on has removed it meanwhile.
  func look<R>(at number: UInt64, _ body: () throws(CheckpointDamage) -> R) throws -> Result<R, CheckpointDamage>? {
    do throws(CheckpointDamage) { return .success(try body()) } catch {
      return try has(number) ? .failure(error) : nil
    }
  }
}
