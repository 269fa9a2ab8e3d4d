/// The memory that the state of a window stage takes.
package struct StateFootprint: Hashable, Sendable {
  /// Bytes of a key, whatever rows it has.
  package let bytesPerKey: Int
  /// Bytes of a chunk of a key's rows.
  package let bytesPerChunk: Int
  /// Rows of a chunk.
  package let rowsPerChunk: Int
}

extension WindowPlan {
  package var footprint: StateFootprint {
    let layout = WindowLayout(self)
    return StateFootprint(
      bytesPerKey: layout.slotWords * 8,
      bytesPerChunk: layout.shape.chunkWords * 8,
      rowsPerChunk: Cursor.rowsPerChunk
    )
  }
}
