internal import ArgumentParser
internal import Checkpoints
internal import Dataflow
internal import Foundation
internal import Records

/// `sluice checkpoint list`: all of them, a line each.
struct CheckpointListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the checkpoints in a directory, newest first.",
    discussion: """
      A run goes on from the first that is sound. "saved" counts what the workers wrote for this checkpoint alone, \
      "in all" every file that going on from it reads. "sound" means that these files are there in their right lengths; \
      `sluice checkpoint verify` reads them.
      """
  )

  @OptionGroup var place: CheckpointDirectory

  func run() throws {
    let (store, checkpoints) = try place.open()
    var table = TextTable([
      .right("number"), .right("epoch"), .left("committed at (UTC)"), .right("records read"), .right("saved"),
      .right("in all"), .left("state"),
    ])
    for stored in checkpoints {
      switch stored.content {
      case .failure(let damage):
        guard try store.has(stored.number) else { continue }
        table.add(["\(stored.number)", "", "", "", "", "", "\(damage)"])
      case .success(let manifest):
        guard
          let files = try store.look(
            at: stored.number,
            { () throws(CheckpointDamage) in try store.checkFiles(of: manifest) }
          )
        else { continue }
        table.add([
          "\(stored.number)", "\(manifest.epoch)", manifest.commitTime, manifest.recordsRead.grouped,
          Self.size(manifest.bytesSaved), Self.size(manifest.bytesInAll), Self.state(files, manifest),
        ])
      }
    }
    try StandardOutput.writeText(table.text)
  }

  private static func state(_ files: Result<Void, CheckpointDamage>, _ manifest: Manifest) -> String {
    switch files {
    case .success: manifest.isComplete ? "sound; the input was read to its end" : "sound"
    case .failure(let damage): "\(damage)"
    }
  }

  /// Bytes for people.
  private static func size(_ bytes: Int) -> String {
    bytes < 10_000
      ? "\(Int64(bytes).grouped) B"
      : bytes < 10_000_000 ? "\(Int64(bytes / 1000).grouped) kB" : "\(Int64(bytes / 1_000_000).grouped) MB"
  }
}

extension Manifest {
  /// Records of the input before the barrier.
  var recordsRead: Int64 { Int64(clamping: sources.reduce(0) { $0 + $1.place }) }
  /// What the workers saved of their state for this checkpoint alone.
  var bytesSaved: Int { stages.reduce(0) { $0 + $1.workers.reduce(0) { $0 + $1.bytes } } }
  /// All files that going on from it reads, each once.
  var bytesInAll: Int {
    let states = Set(stateFiles).reduce(0) { $0 + $1.bytes }
    return Set(stagedRanges).reduce(states) { $0 + $1.count }
  }
}
