internal import Models
internal import Records

/// The inputs of a model, and its scores; used again from batch to batch.
struct ModelInputs {
  private let model: ScoringModel
  private let columns: [Int]
  /// Of a linear model.
  private let linear: LinearSum?
  /// The inputs, row after row; of a linear model the rows' sums.
  private var values: [Float] = []

  init(_ plan: ScorePlan.Model) {
    model = plan.model
    columns = plan.inputs
    linear = LinearSum(plan.model)
  }

  /// Scores the first `rows` rows of `views`; `scores` has room for them.
  mutating func score(_ views: [ColumnView], rows: Int, into scores: inout [Double]) {
    var results = scores.mutableSpan
    if let linear {
      add(linear, views, rows: rows)
      linear.finish(values.span, into: &results)
    } else {
      gather(views, rows: rows)
      model.score(rows: values.span, count: rows, into: &results)
    }
  }

  private mutating func reset(_ value: Float, count: Int) {
    values.removeAll(keepingCapacity: true)
    values.append(contentsOf: repeatElement(value, count: count))
  }

  /// Adds the inputs up column by column; a null is left out.
  private mutating func add(_ linear: LinearSum, _ views: [ColumnView], rows: Int) {
    reset(linear.start, count: rows)
    for (place, column) in columns.enumerated() {
      let weight = linear.weights[place]
      var sums = values.mutableSpan
      Self.forEachValue(of: views[column], rows) { row, value in
        // What is no number is a missing value too.
        sums[row] = value == value ? sums[row] + value * weight : sums[row]
      }
    }
  }

  /// Lays the inputs out row by row; a null is NaN, which models take as missing.
  private mutating func gather(_ views: [ColumnView], rows: Int) {
    let width = columns.count
    reset(.nan, count: rows * width)
    for (place, column) in columns.enumerated() {
      var target = values.mutableSpan
      Self.forEachValue(of: views[column], rows) { row, value in target[row &* width &+ place] = value }
    }
  }

  /// Gives `body` the rows that have a value, with it.
  @inline(__always)
  private static func forEachValue(of view: ColumnView, _ rows: Int, _ body: (Int, Float) -> Void) {
    switch view.type {
    case .float64: forEachRow(of: view, rows) { body($0, Float(view.float64($0))) }
    case .bool: forEachRow(of: view, rows) { body($0, view.bool($0) ? 1 : 0) }
    case .decimal(let scale):
      // The double nearest to the decimal number, as a program that reads the number from a CSV has it.
      let unit = Double(DecimalText.powerOfTen(scale))
      forEachRow(of: view, rows) { body($0, Float(Double(view.int64($0)) / unit)) }
    default: forEachRow(of: view, rows) { body($0, Float(Double(view.int64($0)))) }
    }
  }

  @inline(__always)
  private static func forEachRow(of view: ColumnView, _ rows: Int, _ body: (Int) -> Void) {
    if view.hasNulls {
      for row in 0..<rows where !view.isNull(row) { body(row) }
    } else {
      for row in 0..<rows { body(row) }
    }
  }
}
