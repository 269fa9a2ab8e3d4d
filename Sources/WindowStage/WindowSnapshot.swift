internal import Dataflow

/// The state of a window stage at one place of the stream.
final class WindowSnapshot: StateSnapshot {
  private let heads: [(block: StateBlock, bytes: [UInt8])]
  private let saves: [PageSave]

  init(heads: [(block: StateBlock, bytes: [UInt8])], saves: [PageSave]) {
    self.heads = heads
    self.saves = saves
  }

  deinit { for save in saves { save.giveUp() } }

  /// Where this throws, the pages count as changed again, as they do where the snapshot is let go unwritten.
  func write(to writer: any StateWriter) throws(StateWriteError) {
    for (block, bytes) in heads { try writer.write(block, bytes.span) }
    for save in saves { try save.write(to: writer) }
    for save in saves { save.conclude() }
  }
}
