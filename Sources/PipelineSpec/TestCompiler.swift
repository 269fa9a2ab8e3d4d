internal import Expressions
internal import Plan
internal import Records
internal import SourceStage

extension PipelineCompiler {
  /// The keys of a test that say how many rows are to end so.
  private static let counted = ["dead_letters", "late", "filtered"]

  /// Reads `tests` of the file.
  func compileTests(_ value: YAMLValue?, _ stages: [DeclaredStage], _ compiled: [PipelinePlan.Stage]) -> [PipelineTest]
  {
    guard let value else { return [] }
    guard case .mapping(let pairs) = value.content, !pairs.isEmpty else {
      diagnostics.report(
        "`tests` is \(value.kind)",
        at: value.place,
        remedy: "write each test as `what it shows:` with `input` and `expect` below it"
      )
      return []
    }
    return pairs.compactMap { test($0.key, $0.value, stages, compiled) }
  }

  private func test(
    _ name: YAMLKey,
    _ value: YAMLValue,
    _ stages: [DeclaredStage],
    _ compiled: [PipelinePlan.Stage]
  ) -> PipelineTest? {
    let owner = "test '\(name.name)'"
    guard var reader = MappingReader(value, owner, diagnostics) else { return nil }
    let defaults = reader.optional("defaults").flatMap { row($0, "`defaults` of \(owner)", []) }
    let input = reader.required(
      "input",
      remedy: "list the rows that go in: `input:` and lines of `- { column: value }`"
    )
    let expect = reader.optional("expect")
    let all = word(reader.optionalText("all"), "all", ["true": true, "false": false]) ?? false
    var counts: [(key: String, value: Int64)] = []
    for key in Self.counted {
      guard let text = reader.optionalText(key), let number = count(text, key, 0...1_000_000) else { continue }
      counts.append((key, Int64(number)))
    }
    reader.finish()
    if expect == nil && counts.isEmpty {
      diagnostics.report(
        "\(owner) expects nothing",
        at: name.place,
        remedy: "list the rows that come out below `expect:`, or say how many are `dead_letters`"
      )
    }
    let rowsOut = expect.map { rows($0, "`expect` of \(owner)", [], stages.filter { $0.isOf("sink") }, "sink") } ?? []
    let given = input.map {
      rows($0, "`input` of \(owner)", defaults?.cells ?? [], stages.filter { $0.isOf("source") }, "source")
    }
    let rowsIn = (given ?? [])
      .map { PipelineTest.Rows(stage: $0.stage, rows: $0.rows, declared: declared($0.stage, compiled)) }
    check(rowsOut, compiled)
    let sinks = stages.filter { $0.isOf("sink") }.map(\.name)
    // A source that the test says nothing of has no rows.
    let sources = stages.filter { $0.isOf("source") }.map(\.name)
    let missing = rowsIn.first?.stage == nil ? [] : sources.filter { name in !rowsIn.contains { $0.stage == name } }
    let none = missing.map { PipelineTest.Rows(stage: $0, rows: [], declared: declared($0, compiled)) }
    return PipelineTest(
      name: name.name,
      place: name.place,
      input: rowsIn + none,
      expected: rowsOut,
      showsAll: all,
      counts: counts,
      outputs: sinks.count > 1 ? sinks : [nil]
    )
  }

  /// A list of rows, or such a list for each stage.
  private func rows(
    _ value: YAMLValue,
    _ owner: String,
    _ defaults: [PipelineTest.Cell],
    _ stages: [DeclaredStage],
    _ kind: String
  ) -> [PipelineTest.Rows] {
    switch value.content {
    case .sequence(let values):
      if stages.count > 1 {
        diagnostics.report(
          "\(owner) does not say of which \(kind) its rows are",
          at: value.place,
          remedy: "write a list for each below its name: \(stages.map(\.name).joined(separator: ", "))"
        )
      }
      return [PipelineTest.Rows(stage: nil, rows: values.compactMap { row($0, "a row of \(owner)", defaults) })]
    case .mapping(let pairs):
      return pairs.compactMap { stage, list in
        guard stages.contains(where: { $0.name == stage.name }) else {
          let names = stages.map(\.name)
          let nearest = NearestName.of(stage.name, among: names)
          diagnostics.report(
            "\(owner) names '\(stage.name)', which is no \(kind)",
            at: stage.place,
            remedy: nearest.map { "did you mean '\($0)'?" } ?? "name one of: \(names.joined(separator: ", "))"
          )
          return nil
        }
        guard case .sequence(let values) = list.content else {
          diagnostics.report(
            "\(owner) for '\(stage.name)' is \(list.kind)",
            at: list.place,
            remedy: "write lines of `- { column: value }`"
          )
          return nil
        }
        return PipelineTest.Rows(
          stage: stage.name,
          rows: values.compactMap { row($0, "a row of \(owner)", defaults) }
        )
      }
    case .scalar:
      diagnostics.report(
        "\(owner) is \(value.kind)",
        at: value.place,
        remedy: "write lines of `- { column: value }`, or `[]` for none"
      )
      return []
    }
  }

  private func row(_ value: YAMLValue, _ owner: String, _ defaults: [PipelineTest.Cell]) -> PipelineTest.Row? {
    guard case .mapping(let pairs) = value.content else {
      diagnostics.report("\(owner) is \(value.kind)", at: value.place, remedy: "write it as `{ column: value }`")
      return nil
    }
    var cells: [PipelineTest.Cell] = []
    for (key, value) in pairs {
      guard case .scalar(let text) = value.content else {
        diagnostics.report("'\(key.name)' is \(value.kind)", at: value.place, remedy: "write one value after it")
        continue
      }
      let isQuoted = value.textOffset > 0
      let isNull = !isQuoted && ["", "~", "null"].contains(text)
      cells.append(PipelineTest.Cell(name: key.name, place: key.place, text: isNull ? nil : text))
    }
    let names = Set(cells.map(\.name))
    return PipelineTest.Row(place: value.place, cells: defaults.filter { !names.contains($0.name) } + cells)
  }

  /// The columns of a source.
  private func declared(_ source: String?, _ stages: [PipelinePlan.Stage]) -> [String] {
    for stage in stages where source == nil || stage.name == source {
      if case .source(let plan) = stage.plan.kind { return plan.schema.fields.map(\.name) }
    }
    return []
  }

  /// Every column that is expected is there.
  private func check(_ expected: [PipelineTest.Rows], _ stages: [PipelinePlan.Stage]) {
    for rows in expected {
      guard
        let sink = stages.last(where: { stage in
          guard case .sink = stage.plan.kind else { return false }
          return rows.stage == nil || rows.stage == stage.name
        })
      else { continue }
      let schema = sink.plan.projection.schema(over: sink.plan.inputSchema)
      for cell in rows.rows.flatMap(\.cells) {
        _ = column(PlacedText(text: cell.name, place: cell.place), schema)
      }
    }
  }
}
