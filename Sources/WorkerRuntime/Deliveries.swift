internal import Dataflow
internal import Expressions
internal import Plan
internal import Records
internal import SinkStage

/// What a worker does with the rows that a step left, before they are sent: for each stage that reads them its own.
final class Deliveries {
  private let deliveries: [Delivery]
  /// Which of the stage's outputs each reads.
  private let outputs: [StageOutput]
  /// All readers get the rows as they are, and there are no others.
  private let arePlain: Bool

  /// - Parameters:
  ///   - plans: for each reader.
  ///   - stage: whose outputs they read.
  init(_ plans: [WorkerPlan.OutputPlan], of stage: StagePlan) {
    outputs = plans.map(\.output)
    deliveries = plans.map { Delivery($0.delivery, of: stage.schema(of: $0.output) ?? stage.outputSchema) }
    arePlain = plans.allSatisfy { $0.delivery.isEmpty && $0.output == .main }
  }

  func apply(_ effects: inout StageEffects) {
    if arePlain || (effects.rows.isEmpty && effects.side.isEmpty) { return }
    // What computes on rows uses its memory again for the next ones.
    let isOne = effects.rows.count == 1
    for rows in effects.rows { route(rows, of: .main, staysAsItIs: isOne, &effects) }
    effects.rows.removeAll(keepingCapacity: true)
    for side in effects.side { route(LooseRows(side.rows), of: side.output, staysAsItIs: false, &effects) }
    effects.side.removeAll(keepingCapacity: true)
  }

  private func route(
    _ rows: LooseRows,
    of output: StageOutput,
    staysAsItIs: Bool,
    _ effects: inout StageEffects
  ) {
    effects.counters.copied += Int64(rows.count * (outputs.count { $0 == output } - 1))
    for (reader, delivery) in deliveries.enumerated() where outputs[reader] == output {
      guard let rows = delivery.apply(rows, &effects) else { continue }
      effects.routed.append(RoutedRows(reader: reader, rows: staysAsItIs ? rows : LooseRows(rows.assembled())))
    }
  }
}

/// What is done for one reader.
private final class Delivery {
  private var columns: ColumnChoice?
  private var projection: Projection?
  /// Makes lines of rows for a sink, so that the rows that it does not show need not travel.
  private var format: FormatLogic?

  init(_ plan: DeliveryPlan, of schema: Schema) {
    columns = plan.columns.map { ColumnChoice($0) }
    projection = Projection(plan.projection, over: plan.columns?.schema ?? schema)
    format = plan.format.map { FormatLogic($0.plan, filter: $0.filter.map { Predicate($0) }) }
  }

  /// The rows that the reader gets; nil where those are none.
  func apply(_ rows: LooseRows, _ effects: inout StageEffects) -> LooseRows? {
    var rows = rows
    if let chosen = columns?.apply(rows) { rows = chosen }
    if projection != nil {
      guard let kept = projection?.keep(rows, &effects) else { return nil }
      rows = kept
    }
    return format?.lines(of: rows) ?? rows
  }
}

/// Columns for a stage that reads several: those that this one lacks are null.
private struct ColumnChoice: ~Copyable {
  private let plan: DeliveryPlan.Columns
  /// For each column of it that is lacking, its place here.
  private let places: [Int?]
  private var nulls: ColumnScratch

  init(_ plan: DeliveryPlan.Columns) {
    self.plan = plan
    var lacking: [Field] = []
    places = zip(plan.schema.fields, plan.sources).map { field, source in
      if source != nil { return nil }
      lacking.append(field)
      return lacking.count - 1
    }
    nulls = ColumnScratch(lacking, capacity: 64)
  }

  mutating func apply(_ rows: LooseRows) -> LooseRows {
    let count = rows.positions.count
    nulls.reset(rows: count)
    for column in nulls.fields.indices { for row in 0..<count { nulls.storeNull(column: column, row: row) } }
    let columns = plan.sources.indices.map { index in
      if let source = plan.sources[index] { return rows.columns[source] }
      return nulls.view(places[index] ?? 0, rows: count)
    }
    return LooseRows(
      plan.schema,
      positions: rows.positions,
      arrivals: rows.arrivals,
      columns: columns,
      rows: rows.rows
    )
  }
}
