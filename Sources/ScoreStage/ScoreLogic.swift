package import Dataflow
internal import Expressions
internal import Models
package import Records

/// Gives each row its score, the decision that follows from it, and the reasons.
package struct ScoreLogic: StageLogic, ~Copyable {
  private let plan: ScorePlan
  private let outputSchema: Schema
  /// The model's inputs, row after row.
  private var inputs: [Float] = []
  private var scores: [Double] = []
  private var added: ColumnScratch
  private var reasons: ConditionSet
  private let reasonNames: [[UInt8]]
  private var list: [UInt8] = []

  private static let (score, decision, reasonList) = (0, 1, 2)
  private static let approve = Array("approve".utf8)
  private static let review = Array("review".utf8)
  private static let decline = Array("decline".utf8)
  private static let separator = UInt8(ascii: ";")

  package init(_ plan: ScorePlan) {
    self.plan = plan
    outputSchema = plan.outputSchema
    added = ColumnScratch(Array(outputSchema.fields.suffix(3)), capacity: 4096)
    reasons = ConditionSet(plan.reasons.map(\.condition))
    reasonNames = plan.reasons.map { Array($0.name.utf8) }
  }

  package mutating func process(_ batch: RecordBatch, into effects: inout StageEffects) throws(StageFailure) {
    let rows = batch.rowCount
    let columns = batch.columns
    gatherInputs(columns, rows: rows)
    scores.removeAll(keepingCapacity: true)
    scores.append(contentsOf: repeatElement(0, count: rows))
    Self.score(plan.model, inputs, rows: rows, into: &scores)
    added.reset(rows: rows)
    for row in 0..<rows { added.store(scores[row], column: Self.score, row: row) }
    decide(rows: rows)
    explain(columns, rows: rows)
    effects.rows.append(
      LooseRows(
        outputSchema,
        positions: batch.positions,
        arrivals: batch.arrivals,
        columns: columns + (0..<3).map { added.view($0, rows: rows) },
        rows: .range(0..<rows)
      )
    )
  }

  package mutating func finish(into effects: inout StageEffects) {}

  private static func score(_ model: ScoringModel, _ inputs: [Float], rows: Int, into scores: inout [Double]) {
    var results = scores.mutableSpan
    model.score(rows: inputs.span, count: rows, into: &results)
  }

  /// Lays the model's inputs out row by row; a null is NaN, which models take as missing.
  private mutating func gatherInputs(_ columns: [ColumnView], rows: Int) {
    let width = plan.inputs.count
    inputs.removeAll(keepingCapacity: true)
    inputs.append(contentsOf: repeatElement(.nan, count: rows * width))
    for (place, column) in plan.inputs.enumerated() {
      let view = columns[column]
      var target = inputs.mutableSpan
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

  private mutating func decide(rows: Int) {
    let review = plan.review ?? .infinity
    let decline = plan.decline ?? .infinity
    for row in 0..<rows {
      let score = scores[row]
      if score >= decline {
        added.store(Self.decline.span, column: Self.decision, row: row)
      } else if score >= review {
        added.store(Self.review.span, column: Self.decision, row: row)
      } else {
        added.store(Self.approve.span, column: Self.decision, row: row)
      }
    }
  }

  /// Lists the reasons that hold, in the order in which the pipeline names them.
  private mutating func explain(_ columns: [ColumnView], rows: Int) {
    reasons.evaluate(columns: columns + [added.view(Self.score, rows: rows)], rows: rows)
    // Taken out, so that its bytes can be read while the column is written.
    var list: [UInt8] = []
    swap(&list, &self.list)
    for row in 0..<rows {
      list.removeAll(keepingCapacity: true)
      reasons.forEachHolding(row: row) { reason in
        if !list.isEmpty { list.append(Self.separator) }
        list += reasonNames[reason]
      }
      added.store(list.span, column: Self.reasonList, row: row)
    }
    swap(&list, &self.list)
  }
}
