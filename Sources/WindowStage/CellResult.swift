internal import Records

/// What a column that the stage adds is read from, of windows made of cells.
struct CellResult {
  enum Kind {
    case count, rate, sum, mean, stddev, extreme, distinct
  }

  let kind: Kind
  /// Whether the window ends before this row.
  let isBeforeThisRow: Bool
  /// Words of the amounts at the edges where cells enter and leave the window.
  let newer: Int
  let older: Int
  /// Words of an amount.
  var count = 0
  var sum = 0
  var squares = 0
  /// The extreme, or the set and its window.
  var place = 0
  var window = 0
  /// Of a rate.
  let width: Int64
  /// 10^scale of the values.
  let unit: Int64
  /// The result of a window without values; the bits of a double where it is one.
  let otherwise: Int64?

  init(_ aggregate: WindowAggregate, newer: Int, older: Int, unit: Int64) {
    self.newer = newer
    self.older = older
    self.unit = unit
    isBeforeThisRow = aggregate.newer == .beforeThisRow
    if case .rate(let width) = aggregate.function { self.width = width } else { width = 1 }
    otherwise =
      switch aggregate.otherwise {
      case .integer(let value)?: value
      case .float(let value)?: Int64(bitPattern: value.bitPattern)
      case nil: nil
      }
    kind =
      switch aggregate.function {
      case .rate: .rate
      case .sum: .sum
      case .mean: .mean
      case .stddev: .stddev
      case .min, .max: .extreme
      case .distinctUpTo: .distinct
      default: .count
      }
  }
}

extension KeyedCells {
  /// Stores what a window of the key with the slot `words` holds.
  mutating func store(
    _ result: CellResult,
    _ words: MutableUnitWords,
    column: Int,
    row: Int,
    into scratch: inout ColumnScratch
  ) {
    let count = words[result.newer &+ result.count] &- words[result.older &+ result.count]
    switch result.kind {
    case .count: return scratch.store(count, column: column, row: row)
    case .rate:
      // The product is exact, so this rounds once.
      return scratch.store(Double(count &* 1_000_000) / Double(result.width), column: column, row: row)
    case .distinct:
      return scratch.store(different(result, words), column: column, row: row)
    case .sum where count != 0:
      let sum = difference(result, words)
      // What does not fit is null, whatever an empty window gives.
      guard sum.fitsInLowWord else { return scratch.storeNull(column: column, row: row) }
      return scratch.store(sum.lowWord, column: column, row: row)
    case .mean where count != 0:
      let mean = WindowMean.of(sum: difference(result, words), count: count, unit: result.unit)
      return scratch.store(mean, column: column, row: row)
    case .stddev where 2...Int64(UInt32.max) ~= count:
      let squares =
        UInt192(words.words, at: result.newer &+ result.squares)
        - UInt192(words.words, at: result.older &+ result.squares)
      let sum = difference(result, words)
      let deviation = WindowDeviation.of(sum: sum, squares: squares, count: UInt64(count), unit: result.unit)
      return scratch.store(deviation, column: column, row: row)
    case .extreme where count != 0:
      let extreme = layout.extremes[result.place]
      return scratch.store(extreme.best.bits(best(extreme, words)), column: column, row: row)
    default: break
    }
    if let otherwise = result.otherwise {
      scratch.store(otherwise, column: column, row: row)
    } else {
      scratch.storeNull(column: column, row: row)
    }
  }

  private func difference(_ result: CellResult, _ words: MutableUnitWords) -> Int128 {
    let (newer, older) = (result.newer &+ result.sum, result.older &+ result.sum)
    return Int128(low: words[newer], high: words[newer &+ 1]) &- Int128(low: words[older], high: words[older &+ 1])
  }
}
