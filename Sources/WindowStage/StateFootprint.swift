/// The memory that the state of windows made of rows takes.
package struct StateFootprint: Hashable, Sendable {
  /// Bytes of a key, whatever rows it has.
  package let bytesPerKey: Int
  /// Bytes of a chunk of a key's rows.
  package let bytesPerChunk: Int
  /// Rows of a chunk.
  package let rowsPerChunk: Int
}

/// The memory that the state of windows made of cells takes.
package struct CellFootprint: Hashable, Sendable {
  /// Bytes of a key, whatever cells it has.
  package let bytesPerKey: Int
  package let bytesPerCell: Int
  /// Cells of a key at most: those of the longest window, and that of now.
  package let mostCells: Int
  package let sets: [ValueFootprint]

  /// Bytes of a key and all its cells.
  package var mostBytes: Int { bytesPerKey + bytesPerCell * mostCells }
}

/// The memory that counting different values takes.
package struct ValueFootprint: Hashable, Sendable {
  /// The columns that are counted of them.
  package let features: [String]
  /// Values that are kept at most.
  package let exact: Int
  package let bytesPerValue: Int
  /// Bytes of a sketch, in the mean of keys that had a million values.
  package let sketchBytes: Int
}

extension WindowPlan {
  /// Nil where no windows are made of rows.
  package var footprint: StateFootprint? {
    guard let plan = resolution == nil ? self : ofRows else { return nil }
    let layout = WindowLayout(plan)
    return StateFootprint(
      bytesPerKey: layout.slotWords * 8,
      bytesPerChunk: layout.shape.chunkWords * 8,
      rowsPerChunk: Cursor.rowsPerChunk
    )
  }

  /// Nil where none are made of cells.
  package var cellFootprint: CellFootprint? {
    guard let resolution else { return nil }
    let layout = CellLayout(self, resolution: resolution)
    let ofCells = aggregates.filter { $0.resolution != nil }
    let sets = layout.sets.enumerated().map { number, set in
      ValueFootprint(
        features: zip(ofCells, layout.results).filter { $1.kind == .distinct && $1.place == number }.map(\.0.name),
        exact: set.exact,
        bytesPerValue: CellValues.bytesPerValue,
        sketchBytes: CellSketches.bytes(windows: set.windows)
      )
    }
    return CellFootprint(
      bytesPerKey: layout.slotWords * 8,
      bytesPerCell: layout.cellWords * 8,
      mostCells: Int(clamping: (layout.ages.last ?? 0) / resolution)
        + (layout.ages.allSatisfy { $0 % resolution == 0 } ? 1 : 2),
      sets: sets
    )
  }
}
