internal import Records

extension WindowResult {
  /// Stores what a window holds now, by the words of its key's slot: counts, sums and means.
  @inline(__always)
  func store<Shape: RowShape>(
    _ words: UnitWords,
    _ shape: Shape,
    column: Int,
    row: Int,
    into scratch: inout ColumnScratch
  ) {
    let rows = Int64(Cursor(words[newer]).count &- Cursor(words[older]).count)
    if case .count = kind {
      scratch.store(rows, column: column, row: row)
      return
    }
    let count = shape.hasFlags ? words[newerSum &+ 2] &- words[olderSum &+ 2] : rows
    if case .valueCount = kind {
      scratch.store(count, column: column, row: row)
      return
    }
    let sum =
      Int128(low: words[newerSum], high: words[newerSum &+ 1])
      &- Int128(low: words[olderSum], high: words[olderSum &+ 1])
    if count == 0 {
      storeNothing(column: column, row: row, into: &scratch)
    } else if case .mean = kind {
      scratch.store(WindowMean.of(sum: sum, count: count, unit: unit), column: column, row: row)
    } else if sum.fitsInLowWord {
      scratch.store(sum.lowWord, column: column, row: row)
    } else {
      scratch.storeNull(column: column, row: row)
    }
  }

  /// Stores the result of a window without values.
  @inline(__always)
  func storeNothing(column: Int, row: Int, into scratch: inout ColumnScratch) {
    if hasOtherwise {
      scratch.store(otherwise, column: column, row: row)
    } else {
      scratch.storeNull(column: column, row: row)
    }
  }
}

/// The mean of a window: one division, so that its bits depend on nothing but the window's rows.
enum WindowMean {
  /// - Parameters:
  ///   - sum: of the values, scaled by `unit`.
  ///   - count: of the values, above 0.
  ///   - unit: 10^scale of the column.
  @inline(__always)
  static func of(sum: Int128, count: Int64, unit: Int64) -> Double {
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    let divisor = overflow ? Double(count) * Double(unit) : Double(product)
    return (sum.fitsInLowWord ? Double(sum.lowWord) : wide(sum)) / divisor
  }

  @inline(never)
  private static func wide(_ sum: Int128) -> Double { Double(sum) }
}

/// The sample standard deviation of a window, from exact integers: one division, a square root, and one division by the
/// values' unit.
enum WindowDeviation {
  /// - Parameter count: of the values, 2 to 2^32 - 1.
  static func of(sum: Int128, squares: UInt192, count: UInt64, unit: Int64) -> Double {
    let spread = squares * count - .square(of: sum.magnitude)
    return (spread.double / Double(count &* (count &- 1))).squareRoot() / Double(unit)
  }
}

extension Int128 {
  @inline(__always) var fitsInLowWord: Bool { highWord == lowWord &>> 63 }
}
