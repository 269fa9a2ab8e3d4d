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
      "stages": .list(trace.stages.map(stage)), "times": times,
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
    case .learn(let learn):
      .object([
        "stage": .text(stage.name), "kind": .text("learn"), "column": .text(learn.value.name),
        "value": .cell(learn.value), "inputs": .cells(learn.inputs),
        "reasons": .list((learn.reasons?.text ?? "").split(separator: ";").map { .text(String($0)) }),
      ])
    case .score(let score): self.score(stage.name, score)
    case .sink(let sink):
      .object([
        "stage": .text(stage.name), "kind": .text("sink"), "where": .text(sink.condition), "shown": .truth(sink.shows),
      ])
    }
  }

  private var times: JSONValue {
    guard let times = trace.times else { return .null }
    return .object([
      "settled": .truth(times.isSettled), "nanoseconds": .integer(times.total),
      "stages": .list(
        times.stages.map {
          .object([
            "stage": .text($0.stage), "from": .text($0.from), "underway": .integer($0.underway),
            "waited": .integer($0.waited), "worked": .integer($0.worked), "since": .integer($0.since),
          ])
        }
      ),
    ])
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
      "model": .text(score.model?.file), "inputs": .cells(score.model?.inputs ?? []),
      "contributions": .contributions(score.model),
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
      "challengers": .list(
        score.challengers.map { challenger in
          .object([
            "name": .text(challenger.name), "score": .cell(challenger.score), "decision": .cell(challenger.decision),
            "model": .text(challenger.model?.file), "inputs": .cells(challenger.model?.inputs ?? []),
            "contributions": .contributions(challenger.model),
          ])
        }
      ),
    ])
  }
}

extension JSONValue {
  /// Null where there is no model.
  fileprivate static func contributions(_ model: ModelTrace?) -> JSONValue {
    switch model?.contributions {
    case nil, .itself: .null
    case .unknown(let why): .object(["unknown": .text(why)])
    case .known(let known):
      .object([
        "base": .float(known.base),
        "inputs": .list(
          known.inputs.map {
            .object([
              "name": .text($0.cell.name), "value": .cell($0.cell), "contribution": .float($0.contribution),
            ])
          }
        ),
        "sum": .float(known.sum), "output": .output(known.output), "score": .float(known.score),
      ])
    }
  }

  private static func output(_ output: ContributionTrace.Output) -> JSONValue {
    switch output {
    case .sum: .object(["kind": .text("sum")])
    case .logistic(let steepness): .object(["kind": .text("logistic"), "steepness": .float(steepness)])
    case .exponential: .object(["kind": .text("exponential")])
    case .side: .object(["kind": .text("side")])
    case .square: .object(["kind": .text("square")])
    }
  }

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
