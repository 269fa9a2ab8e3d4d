package import Dataflow
internal import Records

/// The saved state of one worker: a full state file, then the files of what changed since, each in the place of what the
/// earlier ones say of the same block.
package struct StateChain {
  private let files: [StateFile]

  /// Opens the files and checks their indexes: all but the contents of the blocks.
  package init(_ storage: any Storage, _ files: [SavedFile]) throws(CheckpointDamage) {
    var opened: [StateFile] = []
    for file in files { opened.append(try StateFile(storage, file)) }
    self.files = opened
  }

  /// Reads the newest of every block of some key groups, in any order, each once, and nothing else.
  ///
  /// - Parameter includingUngrouped: also the blocks that belong to no key.
  /// - Throws: `CheckpointDamage`, or what `body` throws.
  package func read(
    groups: Range<Int>,
    includingUngrouped: Bool,
    _ body: (StateBlock, Span<UInt8>) throws -> Void
  ) throws {
    var seen: Set<StateBlock> = []
    for file in files.reversed() {
      let entries = file.entries
      var isNewest = Array(repeating: false, count: entries.count)
      for index in entries.indices.reversed() {
        let block = entries[index].block
        let group = Int(block.group)
        guard groups.contains(group) || includingUngrouped && group == KeyGroups.count else { continue }
        isNewest[index] = seen.insert(block).inserted
      }
      for run in file.runs(where: { isNewest[$0] }) {
        let bytes = try file.load(run)
        for entry in run.entries { try body(entry.block, bytes.span.extracting(run.range(of: entry))) }
      }
    }
  }

  /// Reads every byte of every file.
  package func verify() throws(CheckpointDamage) {
    for file in files {
      for run in file.runs(where: { _ in true }) { _ = try file.load(run) }
    }
  }
}
