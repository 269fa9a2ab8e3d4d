internal import Decisions
internal import Records

/// The explanation of a decision for machines: one object.
struct DecisionJSON {
  private let trace: DecisionTrace
  private let most: Int
  private let nanoseconds: Int64

  /// - Parameters:
  ///   - rows: of a window to list.
  ///   - nanoseconds: that the runs over the history took.
  init(_ trace: DecisionTrace, rows: Int, nanoseconds: Int64) {
    self.trace = trace
    most = rows
    self.nanoseconds = nanoseconds
  }

  var text: String {
    JSONValue.object([
      "pipeline": .text(trace.pipeline), "version": .text(trace.version), "column": .text(trace.column),
      "id": .text(trace.id), "occurrences": .integer(trace.occurrences), "copies": .integer(trace.copies),
      "origin": .text(trace.origin),
      "time": .time(trace.time), "row": .cells(trace.row), "ending": .text(trace.ending),
      "stages": .list(trace.stages.map(stage)),
      "replay": .object([
        "rows": .integer(trace.replay.rows), "dead_letters": .integer(trace.replay.deadLetters),
        "late": .integer(trace.replay.late), "seconds": .float(Double(nanoseconds) / 1e9),
      ]),
    ]).serialised
  }

  private func stage(_ stage: StageTrace) -> JSONValue {
    switch stage.kind {
    case .window(let window):
      .object([
        "stage": .text(stage.name), "kind": .text("window"), "key": .cells([window.key]), "emits": .truth(window.emits),
        "features": .list(window.features.map { feature($0, window) }),
      ])
    case .score(let score): self.score(stage.name, score)
    case .sink(let sink):
      .object([
        "stage": .text(stage.name), "kind": .text("sink"), "where": .text(sink.condition), "shown": .truth(sink.shows),
      ])
    }
  }

  private func feature(_ feature: FeatureTrace, _ window: WindowTrace) -> JSONValue {
    let rows = feature.rows.indices
    let listed = feature.decisive == .oldest ? rows.prefix(most) : rows.suffix(most)
    return .object([
      "name": .text(feature.cell.name), "value": .cell(feature.cell), "feature": .text(feature.text),
      "window": .text(feature.words), "from": .edge(feature.edges.from), "to": .edge(feature.edges.to),
      "rows_in_window": .integer(feature.window.count), "rows": .integer(feature.rows.count),
      "tells": .text(feature.decisive.rawValue),
      "listed": .list(
        listed.map { place in
          let row = window.rows[feature.rows[place]]
          return .object([
            "time": .time(row.position.time), "values": .list(feature.values.map { .cell($0[place]) }),
            "row": .members(zip(window.columns, row.values).map { ($0.name, .value($1, $0.type)) }),
          ])
        }
      ),
    ])
  }

  private func score(_ name: String, _ score: ScoreTrace) -> JSONValue {
    .object([
      "stage": .text(name), "kind": .text("score"), "score": .cell(score.score), "decision": .cell(score.decision),
      "reasons": .list((score.reasons.text ?? "").split(separator: ";").map { .text(String($0)) }),
      "model": .text(score.model), "inputs": .cells(score.inputs),
      "thresholds": .object(["review": .float(score.review), "decline": .float(score.decline)]),
      "match": .text(score.countsFirst ? "first" : "all"),
      "rules": .list(
        score.rules.map { rule in
          .object([
            "name": .text(rule.name), "condition": .text(rule.condition), "holds": .truth(rule.holds),
            "counts": .truth(rule.counts), "weight": .float(rule.weight), "decision": .text(rule.decision),
            "reason": .text(rule.reason),
          ])
        }
      ),
    ])
  }
}

extension JSONValue {
  /// As the sinks write it.
  fileprivate static func time(_ microseconds: Int64) -> JSONValue {
    .value(microseconds.timestampText, .timestamp)
  }

  fileprivate static func value(_ text: String?, _ type: ColumnType) -> JSONValue {
    guard let text else { return .null }
    return switch type {
    case .int64, .decimal: .number(text)
    case .float64: Double(text).map { $0.isFinite } == true ? .number(text) : .text(text)
    case .bool: .truth(text == "true")
    case .timestamp: .text(text.replacing(" ", with: "T") + "Z")
    case .string: .text(text)
    }
  }

  fileprivate static func cell(_ cell: Cell) -> JSONValue { value(cell.text, cell.type) }

  fileprivate static func cells(_ cells: [Cell]) -> JSONValue { .members(cells.map { ($0.name, .cell($0)) }) }

  fileprivate static func edge(_ edge: WindowEdges.Edge?) -> JSONValue {
    guard let edge else { return .null }
    return .object(["time": time(edge.time), "included": .truth(edge.isIncluded)])
  }
}
