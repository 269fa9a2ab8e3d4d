internal import Models
internal import Records

/// The inputs of a model, row after row, and its scores; used again from batch to batch.
struct ModelInputs {
  private let model: ScoringModel
  private let columns: [Int]
  private var values: [Float] = []

  init(_ plan: ScorePlan.Model) {
    model = plan.model
    columns = plan.inputs
  }

  /// Scores the first `rows` rows of `views`; `scores` has room for them.
  mutating func score(_ views: [ColumnView], rows: Int, into scores: inout [Double]) {
    gather(views, rows: rows)
    var results = scores.mutableSpan
    model.score(rows: values.span, count: rows, into: &results)
  }

  /// Lays the inputs out row by row; a null is NaN, which models take as missing.
  private mutating func gather(_ views: [ColumnView], rows: Int) {
    let width = columns.count
    values.removeAll(keepingCapacity: true)
    values.append(contentsOf: repeatElement(.nan, count: rows * width))
    for (place, column) in columns.enumerated() {
      let view = views[column]
      var target = values.mutableSpan
      switch view.type {
      case .float64: Self.fill(&target, place, width, view, rows) { Float(view.float64($0)) }
      case .bool: Self.fill(&target, place, width, view, rows) { view.bool($0) ? 1 : 0 }
      case .decimal(let scale):
        // The double nearest to the decimal number, as a program that reads the number from a CSV has it.
        let unit = Double(DecimalText.powerOfTen(scale))
        Self.fill(&target, place, width, view, rows) { Float(Double(view.int64($0)) / unit) }
      default: Self.fill(&target, place, width, view, rows) { Float(Double(view.int64($0))) }
      }
    }
  }

  @inline(__always)
  private static func fill(
    _ target: inout MutableSpan<Float>,
    _ place: Int,
    _ width: Int,
    _ view: ColumnView,
    _ rows: Int,
    _ value: (Int) -> Float
  ) {
    var at = place
    if view.hasNulls {
      for row in 0..<rows {
        if !view.isNull(row) { target[at] = value(row) }
        at &+= width
      }
    } else {
      for row in 0..<rows {
        target[at] = value(row)
        at &+= width
      }
    }
  }
}
