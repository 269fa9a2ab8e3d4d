internal import Dataflow
internal import Records

/// A batch's rows in the words that the chunks keep of them, written column by column and used again from batch to batch.
struct StagedRows {
  /// Each row's time, values and flags, as `WindowLayout` lays them out.
  private(set) var words: [Int64] = []
  /// The slot of each row's key.
  var slots: [Int] = []
  /// The column of each value, where rows keep values that do not fit in a word.
  private(set) var columns: [ColumnView] = []
  /// The time of the last row.
  private(set) var latest = Int64.min

  /// Reads the times and values of a batch; the slots are the caller's to find.
  ///
  /// - Parameter computed: the values that are no columns.
  mutating func read(
    _ batch: RecordBatch,
    _ values: [WindowLayout.Value],
    _ shape: AnyShape,
    _ computed: [ColumnView]
  ) throws(StageFailure) {
    let count = batch.rowCount
    if words.count < count * shape.rowWords { words = Array(repeating: 0, count: count * shape.rowWords) }
    if slots.count < count { slots = Array(repeating: 0, count: count) }
    latest = try Self.readTimes(batch.positions, since: latest, shape, into: &words)
    var others = computed.makeIterator()
    let keepsColumns = values.contains(where: \.keepsTexts)
    columns.removeAll(keepingCapacity: true)
    for (index, value) in values.enumerated() {
      guard let column = value.column.map({ batch.column($0) }) ?? others.next() else { break }
      if keepsColumns { columns.append(column) }
      Self.read(column, isBool: value.isBool, index, shape, into: &words)
    }
  }

  private static func readTimes(
    _ positions: PositionsView,
    since start: Int64,
    _ shape: AnyShape,
    into words: inout [Int64]
  ) throws(StageFailure) -> Int64 {
    var target = words.mutableSpan
    var latest = start
    for row in 0..<positions.count {
      let time = positions.time(row)
      guard time >= latest else { throw StageFailure("a row is earlier than the one before it", at: positions[row]) }
      latest = time
      if shape.hasFlags { target[row &* shape.rowWords &+ shape.flagsWord] = 0 }
      target[row &* shape.rowWords] = time
    }
    return latest
  }

  private static func read(
    _ column: ColumnView,
    isBool: Bool,
    _ index: Int,
    _ shape: AnyShape,
    into words: inout [Int64]
  ) {
    var target = words.mutableSpan
    if column.type == .string {
      // For the time being, where the text is.
      for row in 0..<column.count { target[row &* shape.rowWords &+ 1 &+ index] = Int64(row) }
    } else if isBool {
      for row in 0..<column.count { target[row &* shape.rowWords &+ 1 &+ index] = column.bool(row) ? 1 : 0 }
    } else {
      for row in 0..<column.count { target[row &* shape.rowWords &+ 1 &+ index] = column.int64(row) }
    }
    guard shape.hasFlags else { return }
    for row in 0..<column.count {
      if column.isNull(row) {
        target[row &* shape.rowWords &+ 1 &+ index] = 0
      } else {
        target[row &* shape.rowWords &+ shape.flagsWord] |= 1 &<< Int64(index)
      }
    }
  }
}
