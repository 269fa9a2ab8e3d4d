internal import Expressions
internal import PipelineSpec
internal import Plan
internal import Records
internal import WindowStage

/// The rows in the windows of a row: one run of the pipeline with a tap at each window stage on the row's way, for its key.
struct WindowTracer {
  private let plan: PipelinePlan
  private let texts: PipelineTexts
  private let folder: String

  init(_ plan: PipelinePlan, _ texts: PipelineTexts, folder: String) {
    self.plan = plan
    self.texts = texts
    self.folder = folder
  }

  private struct Watched {
    let window: WindowPlan
    let tap: Tap
    let key: String
    let row: TappedRow
    let schema: Schema
  }

  /// - Parameter way: the row as it left each of the stages on its way.
  /// - Returns: by the stages' numbers.
  func traces(
    of way: [(number: Int, row: TappedRow, schema: Schema)],
    _ run: (PipelinePlan) throws -> Replay
  ) throws -> [Int: WindowTrace] {
    var taps = TapPlan(plan, folder: folder)
    var watched: [Int: Watched] = [:]
    for (number, row, schema) in way {
      guard case .window(let window) = plan.stages[number].plan.kind else { continue }
      // Of windows that emit the key is the first column.
      guard let key = row.values[window.emission == nil ? window.key : 0] else { continue }
      let filter = Equality.expression(window.key, of: window.inputSchema, key)
      let added = window.inputs.enumerated().map { ComputedColumn(name: "value \($0)", expression: $1) }
      let tap =
        window.emission == nil
        ? taps.tap(outputOf: number, first: window.inputSchema.fields.count, adding: added, where: filter)
        : taps.tap(inputsOf: number, adding: added, where: filter)
      watched[number] = Watched(window: window, tap: tap, key: key, row: row, schema: schema)
    }
    if watched.isEmpty { return [:] }
    _ = try run(taps.plan)
    var traces: [Int: WindowTrace] = [:]
    for (number, watched) in watched { traces[number] = try trace(plan.stages[number].name, watched) }
    return traces
  }

  private func trace(_ stage: String, _ watched: Watched) throws -> WindowTrace {
    let window = watched.window
    var rows = try watched.tap.rowsThatPass().filter { $0.values[window.key] == watched.key }
    if window.emission == nil {
      rows = rows.filter { $0.position <= watched.row.position }
    } else if let start = watched.row.time(1), let end = watched.row.time(2) {
      rows = rows.filter { start <= $0.position.time && $0.position.time < end }
    }
    let own = window.inputSchema.fields
    let features = window.aggregates.map { aggregate in
      feature(aggregate, stage, watched, rows)
    }
    return WindowTrace(
      key: Cell(own[window.key], watched.key),
      emits: window.emission != nil,
      features: features,
      columns: own,
      rows: rows.map { TappedRow(position: $0.position, values: Array($0.values.prefix(own.count))) }
    )
  }

  private func feature(
    _ aggregate: WindowAggregate,
    _ stage: String,
    _ watched: Watched,
    _ rows: [TappedRow]
  ) -> FeatureTrace {
    let window = watched.window
    /// Where the values that features take stand behind the columns.
    let values = window.inputSchema.fields.count
    var range = rows.indices
    var edges = WindowEdges(from: nil, to: nil)
    var words = aggregate.rowsInWords
    if window.emission == nil, !rows.isEmpty {
      let selection = WindowRows(times: rows.map(\.position.time), retention: window.retention)
      range = selection.range(of: aggregate)
      edges = selection.edges(of: aggregate)
    } else if let emission = window.emission {
      words = "all rows of the window: \(emission.extent.words)"
      edges = WindowEdges(from: watched.row.time(1), until: watched.row.time(2))
    }
    // The steps of a sequence may be one condition several times.
    let inputs = aggregate.inputs.reduce(into: [Int]()) { if !$0.contains($1) { $0.append($1) } }
    let taken = range.filter { row in
      aggregate.takesNulls || inputs.allSatisfy { rows[row].values[values + $0] != nil }
    }
    return FeatureTrace(
      cell: watched.schema.index(of: aggregate.name).map { Cell(watched.schema.fields[$0], watched.row.values[$0]) }
        ?? Cell(Field(aggregate.name, .float64), nil),
      text: texts.feature(aggregate.name, ofStage: stage) ?? "",
      words: words,
      edges: edges,
      window: range,
      rows: taken,
      values: inputs.map { input in
        taken.map { row in
          Cell(Field("value", window.inputs[input].type), rows[row].values[values + input])
        }
      },
      columns: inputs.reduce(into: Set<Int>()) { $0.formUnion(window.inputs[$1].columns) }.sorted(),
      decisive: aggregate.decisive
    )
  }
}

extension TappedRow {
  /// A column of timestamps.
  fileprivate func time(_ column: Int) -> Int64? {
    values[column].flatMap { Timestamp.parse(Array($0.utf8).span) }
  }
}
