internal import Expressions
internal import LearnStage
package import PipelineSpec
package import Plan
internal import Records
internal import ScoreStage
internal import SourceStage
internal import WindowStage

/// Explains one decision from the history: the pipeline itself runs over it, as it does for live rows, while its rows are looked
/// at on their way. A first run finds the row and what became of it, a second one the rows in its windows, a third one how long
/// each stage has to do with it.
package struct DecisionTracer {
  private let plan: PipelinePlan
  private let texts: PipelineTexts
  private let folder: (_ name: String) throws -> String
  private let run: (PipelinePlan) throws -> Replay

  /// - Parameters:
  ///   - folder: makes a folder to write to.
  ///   - run: runs a plan to its end.
  package init(
    _ plan: PipelinePlan,
    _ texts: PipelineTexts,
    folder: @escaping (_ name: String) throws -> String,
    run: @escaping (PipelinePlan) throws -> Replay
  ) {
    self.plan = plan
    self.texts = texts
    self.folder = folder
    self.run = run
  }

  /// The column that identifies rows where nobody says one: the first column of the first source whose rows keep it until they
  /// are scored, or else of the first source.
  package var usualColumn: String? {
    let first = plan.sources.compactMap(\.plan.schema.fields.first?.name)
    let scored = plan.stages.filter { if case .score = $0.plan.kind { true } else { false } }
    return first.first { name in scored.contains { $0.plan.inputSchema.index(of: name) != nil } } ?? first.first
  }

  /// - Parameter column: nil: the usual one.
  /// - Throws: a `DecisionError`, or what `run` and `folder` throw.
  package func trace(_ id: String, column: String?) throws -> DecisionTrace {
    let column = try checked(column)
    let identity = Identity(column: column.name, text: try spelling(id, column))
    let (finding, replay) = try find(identity, "row")
    let last = try target(finding, identity, replay)
    let windows = last.isDelivered ? nil : windowsThatHold(last, finding)
    guard let windows else { return try trace(identity, finding, last, origin: nil, replay) }
    // What the row became part of.
    let (emitted, _) = try find(windows.identity, "window")
    guard let row = try? target(emitted, windows.identity, replay) else {
      return try trace(identity, finding, last, origin: nil, replay)
    }
    return try trace(identity, emitted, row, origin: windows.origin, replay)
  }

  // MARK: What is asked for

  private func checked(_ name: String?) throws(DecisionError) -> Field {
    let schemas = plan.stages.map(\.plan.outputSchema)
    guard let name = name ?? usualColumn else { throw DecisionError("the pipeline has no columns", isMisuse: true) }
    for schema in schemas { if let place = schema.index(of: name) { return schema.fields[place] } }
    var names: [String] = []
    for schema in schemas { for field in schema.fields where !names.contains(field.name) { names.append(field.name) } }
    let remedy = NearestName.of(name, among: names).map { "did you mean '\($0)'?" }
    throw DecisionError(
      "there is no column '\(name)'; \(remedy ?? "the columns are: \(names.joined(separator: ", "))")",
      isMisuse: true
    )
  }

  private func spelling(_ id: String, _ column: Field) throws(DecisionError) -> String {
    if let text = Equality.spelling(id, of: column.type) { return text }
    throw DecisionError(
      "'\(id)' is no \(column.type), and the column \(column.name) is one; another column is named by --column",
      isMisuse: true
    )
  }

  // MARK: The row

  private func find(_ identity: Identity, _ name: String) throws -> (RowFinder.Finding, Replay) {
    let finder = RowFinder(plan, identity, folder: try folder(name))
    let replay = try run(finder.taps.plan)
    return (try finder.finding(), replay)
  }

  /// A row where it came furthest.
  struct Target {
    let stage: Int
    let row: TappedRow
    let isDelivered: Bool
    let occurrences: Int
    let copies: Int
  }

  /// The first row with the identifier: of those that came to a sink, or else of those that came furthest.
  private func target(
    _ finding: RowFinder.Finding,
    _ identity: Identity,
    _ replay: Replay
  ) throws(DecisionError) -> Target {
    func isSink(_ stage: Int) -> Bool { if case .sink = plan.stages[stage].plan.kind { true } else { false } }
    let places = plan.stages.indices.filter { !(finding.outputs[$0] ?? []).isEmpty }
    guard let stage = places.first(where: isSink) ?? places.last, let rows = finding.outputs[stage] else {
      var unread: [String] = []
      if replay.deadLetters == 1 { unread.append("1 became a dead letter") }
      if replay.deadLetters > 1 { unread.append("\(replay.deadLetters.grouped) became dead letters") }
      if replay.late > 0 { unread.append("\(replay.late.grouped) came too late") }
      let sources = plan.sources.reduce(into: [String]()) { names, source in
        if !names.contains(source.plan.inputName) { names.append(source.plan.inputName) }
      }
      throw DecisionError(
        "no row has \(identity.column) \(identity.text.printable): \(replay.rows.grouped) rows were read from "
          + "\(sources.joined(separator: " and "))" + (unread.isEmpty ? "" : "; \(unread.joined(separator: ", "))"),
        isMisuse: false
      )
    }
    let bits = plan.wayBits
    return Target(
      stage: stage,
      row: rows[0],
      isDelivered: isSink(stage),
      occurrences: Set(rows.map { $0.original(bits) }).count,
      copies: rows.count { $0.original(bits) == rows[0].original(bits) }
    )
  }

  /// What the windows that hold a row leave, where it ends in such.
  private func windowsThatHold(
    _ target: Target,
    _ finding: RowFinder.Finding
  ) -> (identity: Identity, origin: String)? {
    for (number, stage) in plan.stages.enumerated() where number > target.stage {
      guard case .window(let window) = stage.plan.kind, window.emission != nil,
        let row = finding.inputs[number]?.first(where: {
          $0.original(plan.wayBits) == target.row.original(plan.wayBits)
        })
      else { continue }
      let key = window.inputSchema.fields[window.key].name
      guard let text = row.values[window.key] else { continue }
      let time = row.position.time
      return (
        Identity(column: key, text: text, covering: time),
        "the row of \(time.timestampText) ended in a window of '\(stage.name)'; this is the row that the window left"
      )
    }
    return nil
  }

  /// Why a row came no further than some stage.
  private func ending(_ target: Target) -> String? {
    if target.isDelivered { return nil }
    for (_, stage) in plan.stages.enumerated() {
      guard stage.inputs.contains(where: { $0.stage == target.stage }) else { continue }
      if let condition = texts.condition(ofStage: stage.name) {
        return "it came no further: stage '\(stage.name)' takes rows where \(condition)"
      }
      if case .window(let window) = stage.plan.kind, window.emission != nil {
        return "it came no further: it ended in a window of stage '\(stage.name)', which left no row in this history"
      }
    }
    return "it came no further than stage '\(plan.stages[target.stage].name)'"
  }

  // MARK: The stages

  /// Those whose rows come to a stage, and it.
  private func stages(before stage: Int) -> Set<Int> {
    var found: Set<Int> = []
    var rest = [stage]
    while let next = rest.popLast() {
      if found.insert(next).inserted { rest += plan.stages[next].inputs.map(\.stage) }
    }
    return found
  }

  /// - Parameter identity: what was asked for.
  private func trace(
    _ identity: Identity,
    _ finding: RowFinder.Finding,
    _ target: Target,
    origin: String?,
    _ replay: Replay
  ) throws -> DecisionTrace {
    let before = stages(before: target.stage)
    let way = RowWay(target.row, finding.schemas[target.stage] ?? Schema([]), plan.wayBits)
    var traced: [(number: Int, row: TappedRow, schema: Schema)] = []
    for number in plan.stages.indices {
      guard let schema = finding.schemas[number],
        let row = way.row(among: finding.outputs[number] ?? [], schema, mayDiffer: !before.contains(number))
      else { continue }
      traced.append((number, row, schema))
    }
    let windows = try WindowTracer(plan, texts, folder: try folder("windows"))
      .traces(of: traced, run)
    let stages: [StageTrace] = traced.compactMap { number, found, schema in
      let stage = plan.stages[number]
      switch stage.plan.kind {
      case .window: return windows[number].map { StageTrace(name: stage.name, kind: .window($0)) }
      case .learn(let learn):
        func cell(_ column: Int) -> Cell { Cell(schema.fields[column], found.values[column]) }
        let first = learn.inputSchema.fields.count
        let trace = LearnTrace(
          value: cell(first),
          reasons: learn.reasons.map { _ in cell(first + 1) },
          inputs: learn.inputs.map(cell)
        )
        return StageTrace(name: stage.name, kind: .learn(trace))
      case .score(let score):
        let copies = finding.rules[number] ?? []
        let rules = way.row(among: copies, score.inputSchema, mayDiffer: !before.contains(number))
        return StageTrace(name: stage.name, kind: .score(ScoreTrace(stage.name, score, found, schema, rules, texts)))
      case .sink:
        let shows = schema.fields.last?.name != Tap.passes || found.values.last == "true"
        return StageTrace(
          name: stage.name,
          kind: .sink(SinkTrace(condition: texts.condition(ofStage: stage.name), shows: shows))
        )
      case .source, .format: return nil
      }
    }
    let timer = StageTimer(plan, folder: try folder("times"))
    let times = try timer.times(of: target.row.position, through: traced.map(\.number), run)
    let schema = finding.schemas[target.stage] ?? Schema([])
    let cells = zip(schema.fields, target.row.values).map { Cell($0, $1) }
    return DecisionTrace(
      pipeline: plan.name,
      version: plan.version,
      column: identity.column,
      id: identity.text,
      occurrences: target.occurrences,
      copies: target.copies,
      origin: origin,
      row: cells.filter { $0.name != Tap.passes },
      time: target.row.position.time,
      stages: stages,
      ending: ending(target),
      times: times,
      replay: replay
    )
  }
}

extension Int64 {
  /// With commas between thousands.
  package var grouped: String {
    var text = String(magnitude)
    var end = text.count - 3
    while end > 0 {
      text.insert(",", at: text.index(text.startIndex, offsetBy: end))
      end -= 3
    }
    return self < 0 ? "-" + text : text
  }
}
