internal import Models
internal import Records

/// The inputs of a model, and its scores; used again from batch to batch.
struct ModelInputs {
  private let model: ScoringModel
  private let columns: [Int]
  /// Of each of them; empty where none has categories.
  private let categories: [CategoryCodes?]
  /// Of a linear model.
  private let linear: LinearSum?
  /// Its rows' sums.
  private var sums: [Float] = []
  /// The inputs of any other model, row after row.
  private var values: [Double] = []
  /// The reasons that it has for its scores, if the plan asks for them.
  private var reasons: ReasonFinder?
  /// The column that has its reasons.
  private let reasonsColumn: Int?
  /// The inputs of one row, to be explained.
  private var row: [Double]

  init(_ plan: ScorePlan.Model) {
    model = plan.model
    columns = plan.inputs
    categories = plan.categories.contains { $0 != nil } ? plan.categories : []
    linear = categories.isEmpty ? LinearSum(plan.model) : nil
    reasons = plan.reasons.flatMap { ReasonFinder($0, plan.model) }
    reasonsColumn = plan.reasonsColumn
    row = Array(repeating: .nan, count: plan.inputs.count)
  }

  /// Scores the first `rows` rows of `views`; `scores` has room for them.
  mutating func score(_ views: [ColumnView], rows: Int, into scores: inout [Double]) {
    var results = scores.mutableSpan
    if let linear {
      add(linear, views, rows: rows)
      linear.finish(sums.span, into: &results)
    } else {
      gather(views, rows: rows)
      model.score(rows: values.span, count: rows, into: &results)
    }
  }

  /// Whether a row with this decision has reasons of the model.
  func explains(_ decision: Decision) -> Bool {
    guard let reasons else { return reasonsColumn != nil && decision != .approve }
    return decision != .approve || reasons.isForAllRows
  }

  /// Appends the reasons of a row to those that are listed already.
  mutating func explain(_ views: [ColumnView], row number: Int, to list: inout [UInt8]) {
    if let reasonsColumn {
      let view = views[reasonsColumn]
      if view.isNull(number) { return }
      let text = view.utf8(number)
      if !list.isEmpty, !text.isEmpty { list.append(UInt8(ascii: ";")) }
      for place in text.indices { list.append(text[place]) }
      return
    }
    // Taken out, so that it can be written while the rest is read.
    var row: [Double] = []
    swap(&row, &self.row)
    for (place, column) in columns.enumerated() {
      var target = row.mutableSpan
      target[place] = .nan
      let codes = categories.isEmpty ? nil : categories[place]
      Self.forEachValue(of: views[column], codes, number..<number + 1) { _, value in target[place] = value }
    }
    reasons?.append(to: &list, row.span)
    swap(&row, &self.row)
  }

  /// Adds the inputs up column by column; a null is left out.
  private mutating func add(_ linear: LinearSum, _ views: [ColumnView], rows: Int) {
    sums.removeAll(keepingCapacity: true)
    sums.append(contentsOf: repeatElement(linear.start, count: rows))
    for (place, column) in columns.enumerated() {
      let weight = linear.weights[place]
      var sums = sums.mutableSpan
      // As it is, and said here so that the loop need not check each row.
      guard sums.count == rows else { return }
      Self.forEachNumber(of: views[column], 0..<rows) { row, value in
        let value = Float(value)
        // What is no number is a missing value too.
        sums[row] = value == value ? sums[row] + value * weight : sums[row]
      }
    }
  }

  /// Lays the inputs out row by row; a null is NaN, which models take as missing.
  private mutating func gather(_ views: [ColumnView], rows: Int) {
    let (columns, categories) = (columns, categories)
    let width = columns.count
    values.removeAll(keepingCapacity: true)
    values.append(contentsOf: repeatElement(.nan, count: rows * width))
    var target = values.mutableSpan
    for (place, column) in columns.enumerated() {
      let codes = categories.isEmpty ? nil : categories[place]
      Self.forEachValue(of: views[column], codes, 0..<rows) { row, value in
        target[row &* width &+ place] = value
      }
    }
  }

  /// Gives `body` the rows that have a value of an input, with it.
  @inline(__always)
  private static func forEachValue(
    of view: ColumnView,
    _ codes: CategoryCodes?,
    _ rows: Range<Int>,
    _ body: (Int, Double) -> Void
  ) {
    guard let codes else {
      forEachNumber(of: view, rows, body)
      return
    }
    switch view.type {
    case .string: forEachRow(of: view, rows) { body($0, codes.code(view.utf8($0))) }
    default: forEachRow(of: view, rows) { body($0, codes.code(view.int64($0))) }
    }
  }

  @inline(__always)
  private static func forEachNumber(of view: ColumnView, _ rows: Range<Int>, _ body: (Int, Double) -> Void) {
    switch view.type {
    case .float64: forEachWord(of: view, rows) { body($0, Double(bitPattern: UInt64(bitPattern: $1))) }
    case .bool: forEachRow(of: view, rows) { body($0, view.bool($0) ? 1 : 0) }
    case .decimal(let scale):
      // The double nearest to the decimal number, as a program that reads the number from a CSV has it.
      let unit = Double(DecimalText.powerOfTen(scale))
      forEachWord(of: view, rows) { body($0, Double($1) / unit) }
    default: forEachWord(of: view, rows) { body($0, Double($1)) }
    }
  }

  @inline(__always)
  private static func forEachWord(of view: ColumnView, _ rows: Range<Int>, _ body: (Int, Int64) -> Void) {
    let words = view.words(rows)
    forEachRow(of: view, rows) { body($0, words[$0 &- rows.lowerBound]) }
  }

  @inline(__always)
  private static func forEachRow(of view: ColumnView, _ rows: Range<Int>, _ body: (Int) -> Void) {
    if view.hasNulls {
      for row in rows where !view.isNull(row) { body(row) }
    } else {
      for row in rows { body(row) }
    }
  }
}
