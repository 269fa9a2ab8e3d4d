extension ColumnType {
  /// Whether it is a number or a truth, which models can read.
  package var isNumber: Bool {
    switch self {
    case .int64, .float64, .bool, .decimal: true
    case .timestamp, .string: false
    }
  }
}

extension ColumnView {
  /// Copies the values of a column of numbers or truths as doubles; what stands where a row has none is left.
  ///
  /// - Parameters:
  ///   - rows: of which; the first of them goes to place `first` of `target`, each further one `step` places behind.
  package func copyNumbers(_ rows: Range<Int>, into target: inout MutableSpan<Double>, first: Int, step: Int) {
    switch type {
    case .float64: copy(rows, &target, first, step) { float64($0) }
    case .bool: copy(rows, &target, first, step) { bool($0) ? 1 : 0 }
    case .decimal(let scale):
      // The double nearest to the decimal number, as a program that reads the number from a CSV has it.
      let unit = Double(DecimalText.powerOfTen(scale))
      copy(rows, &target, first, step) { Double(int64($0)) / unit }
    default: copy(rows, &target, first, step) { Double(int64($0)) }
    }
  }

  @inline(__always)
  private func copy(
    _ rows: Range<Int>,
    _ target: inout MutableSpan<Double>,
    _ first: Int,
    _ step: Int,
    _ value: (Int) -> Double
  ) {
    var place = first
    for row in rows {
      if !(hasNulls && isNull(row)) { target[place] = value(row) }
      place &+= step
    }
  }
}
