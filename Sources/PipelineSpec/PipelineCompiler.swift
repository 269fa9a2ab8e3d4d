internal import Dataflow
internal import Expressions
internal import Foundation
package import Plan
internal import Records
internal import SourceStage
internal import WindowStage

/// Reads a pipeline file, checks all of it, and compiles it: the only place that knows what the file looks like.
///
/// A mistake in one place does not hide those in others: everything that can be looked at is.
package struct PipelineCompiler {
  let path: String
  let options: RunOptions
  let diagnostics = Diagnostics()
  let files = NamedFiles()
  let labels = DeclaredLabels()
  let names = DeclaredNames()
  let challengers = DeclaredChallengers()

  private init(path: String, options: RunOptions) {
    self.path = path
    self.options = options
  }

  /// Compiles the pipeline file at `path`; nothing is started, and files that it names are only read.
  package static func compile(
    path: String,
    options: RunOptions = RunOptions()
  ) throws(PipelineFileError) -> PipelinePlan {
    try check(path: path, options: options).plan
  }

  /// The same, with what is no mistake and probably not what was meant.
  package static func check(
    path: String,
    options: RunOptions = RunOptions()
  ) throws(PipelineFileError) -> (plan: PipelinePlan, warnings: DiagnosticReport) {
    let compiler = PipelineCompiler(path: path, options: options)
    let plan = try compiler.compile().plan
    return (plan, compiler.diagnostics.report(on: path))
  }

  /// The tests that the file holds, which is compiled as a whole; what it reads is not looked at.
  package static func tests(path: String) throws(PipelineFileError) -> [PipelineTest] {
    var options = RunOptions()
    options.ignoresInputs = true
    return try PipelineCompiler(path: path, options: options).compile().tests
  }

  /// What the compiled pipeline does, in words.
  package static func explain(
    path: String,
    options: RunOptions = RunOptions()
  ) throws(PipelineFileError) -> (explanation: Explanation, warnings: DiagnosticReport) {
    let compiler = PipelineCompiler(path: path, options: options)
    let compiled = try compiler.compile()
    return (
      Explanation(compiled.plan, compiled.root, tables: compiler.names.names.tables),
      compiler.diagnostics.report(on: path)
    )
  }

  /// The compiled pipeline, with the texts of its expressions.
  package static func compileWithTexts(
    path: String,
    options: RunOptions
  ) throws(PipelineFileError) -> (plan: PipelinePlan, texts: PipelineTexts) {
    let compiled = try PipelineCompiler(path: path, options: options).compile()
    return (compiled.plan, PipelineTexts(compiled.root))
  }

  private func compile() throws(PipelineFileError) -> (root: YAMLValue, plan: PipelinePlan, tests: [PipelineTest]) {
    let root = try readFile()
    var reader = MappingReader(root, "the pipeline file", diagnostics)
    let name = reader?.requiredText("pipeline", remedy: "begin the file with `pipeline: a-name`")
    if let name, !Self.isName(name.text) {
      diagnostics.report(
        "the pipeline's name is '\(name.text)'",
        at: name.place,
        remedy: "use lower-case letters, digits, '-' and '_', a letter first"
      )
    }
    let deadLetters = reader?.optionalText("dead_letters")
    let settings = compileSettings(&reader)
    compileLists(reader?.optional("lists"))
    compileTables(reader?.optional("tables"))
    let stages = reader?.required("stages", remedy: "list the stages below `stages:`")
    let testsValue = reader?.optional("tests")
    reader?.finish()
    let graph = PipelineGraph(stages.map(declaredStages) ?? [], diagnostics)
    files.reads(path, as: "the pipeline file")
    let compiled = compile(graph, settings)
    LabelCheck(root, diagnostics).check(compiled, declared: labels.knownAfter)
    let tests = compileTests(testsValue, graph.stages, compiled)
    let pipeline = name?.text ?? ""
    let deadLetterPath = deadLetterPath(deadLetters, pipeline: pipeline, at: name?.place)
    files.check(diagnostics)
    try diagnostics.check(path)
    Warnings(root, diagnostics).check(compiled, names.reads, showsAll: options.columns == nil)
    let plan = PipelinePlan(
      name: pipeline,
      deadLetterPath: deadLetterPath,
      mode: settings.mode,
      limits: settings.limits,
      isInsecure: settings.isInsecure,
      checkpoints: settings.checkpoints,
      version: settings.version?.text,
      stages: compiled
    )
    return (root, plan, tests)
  }

  /// Where dead letters go: beside the pipeline file when it says so, else in the working directory.
  private func deadLetterPath(_ named: PlacedText?, pipeline: String, at place: Place?) -> String {
    let path = options.deadLetters ?? named.map { besideFile($0.text) } ?? "\(pipeline).dead-letters.jsonl"
    let remedy = "name another file after `dead_letters:`"
    let place = named?.place ?? place ?? .commandLine
    files.writes(path, as: "the dead letters", at: place, remedy: remedy)
    // The working directory is no matter of the file: a run looks at it.
    if named != nil, let reason = FileFacts.writeProblem(path, takesPipe: false) {
      diagnostics.report("cannot write the dead letters to '\(path)': \(reason)", at: place, remedy: remedy)
    }
    return path
  }

  private func readFile() throws(PipelineFileError) -> YAMLValue {
    let start = Place(line: 1, column: 1)
    let data: [UInt8]
    do throws(FileFacts.ReadProblem) {
      data = try FileFacts.read(path, atMost: YAMLValue.largestFile + 1)
    } catch {
      diagnostics.report(
        "the file cannot be read: \(error.reason)",
        at: start,
        remedy: "check its name and your permissions"
      )
      throw PipelineFileError(report: diagnostics.report(on: path))
    }
    let text = data.count <= YAMLValue.largestFile ? String(validating: data, as: UTF8.self) : nil
    guard let text else {
      diagnostics.report(
        data.count <= YAMLValue.largestFile ? "the file is not UTF-8 text" : "the file is larger than 1 MB",
        at: start,
        remedy: "name a pipeline file: YAML text"
      )
      throw PipelineFileError(report: diagnostics.report(on: path))
    }
    diagnostics.text = text
    switch YAMLValue.parse(text) {
    case .success(let root): return root
    case .failure(let mistake):
      diagnostics.report(mistake.message, at: mistake.place, remedy: mistake.remedy)
      throw PipelineFileError(report: diagnostics.report(on: path))
    }
  }

  private func declaredStages(_ value: YAMLValue) -> [DeclaredStage] {
    guard case .mapping(let pairs) = value.content, !pairs.isEmpty else {
      diagnostics.report(
        "`stages` is \(value.kind)",
        at: value.place,
        remedy: "write each stage as `name:` with its keys below"
      )
      return []
    }
    return pairs.map { key, value in
      if !Self.isName(key.name) {
        diagnostics.report(
          "'\(key.name)' is no name for a stage",
          at: key.place,
          remedy: "use lower-case letters, digits, '-' and '_', a letter first"
        )
      }
      let from = fromTexts(key.name, value)
      return DeclaredStage(name: key.name, place: key.place, from: from, value: value)
    }
  }

  /// The stages that one reads: `from: a`, or `from: [a, b]`.
  private func fromTexts(_ stage: String, _ value: YAMLValue) -> [PlacedText] {
    guard case .mapping(let keys) = value.content, let entry = keys.first(where: { $0.key.name == "from" }) else {
      return []
    }
    func report(_ value: YAMLValue) -> [PlacedText] {
      diagnostics.report(
        "`from` of stage '\(stage)' is \(value.kind)",
        at: value.place,
        remedy: "name one stage after it, or several: `from: [a, b]`"
      )
      return []
    }
    switch entry.value.content {
    case .scalar(let text) where !text.isEmpty: return [PlacedText(text: text, place: entry.value.place)]
    case .sequence(let items) where !items.isEmpty:
      return items.flatMap { item in
        if case .scalar(let text) = item.content { return [PlacedText(text: text, place: item.place)] }
        return report(item)
      }
    default: return report(entry.value)
    }
  }

  /// Compiles each stage with the columns that those before leave it.
  private func compile(_ graph: PipelineGraph, _ settings: RunSettings) -> [PipelinePlan.Stage] {
    let workers = workersOnCommandLine(graph.stages)
    let paths = (
      inputs: NamedPaths(options.inputs, option: "--input", kind: "source", names: graph.sources, diagnostics),
      outputs: NamedPaths(options.outputs, option: "--output", kind: "sink", names: graph.sinks, diagnostics)
    )
    if options.columns != nil, graph.sinks.count > 1 {
      diagnostics.report(
        "--columns is for a pipeline of one sink, and there are \(graph.sinks.count)",
        at: .commandLine,
        remedy: "list the `columns` of each sink in the file"
      )
    }
    files.namesSinks = graph.sinks.count > 1
    var arrival: Set<String> = []
    var stages: [PipelinePlan.Stage] = []
    var schemas: [String: Schema] = [:]
    for declared in graph.stages {
      let input = FanIn(declared, schemas, diagnostics)
      // Where a stage is wrong, its columns may be known all the same, and then the next ones are looked at too.
      var output: Schema?
      let compiled = compile(
        declared,
        input: input.schema,
        isLast: !graph.hasReader(declared),
        settings,
        workers: workers[declared.name],
        path: paths.inputs[declared.name] ?? paths.outputs[declared.name]
          ?? (options.ignoresInputs && declared.isOf("source") ? "/dev/null" : nil),
        output: &output
      )
      schemas[declared.name] = output
      guard let compiled else { continue }
      for (side, schema) in compiled.plan.sideOutputs {
        if let name = side.name { schemas["\(declared.name).\(name)"] = schema }
      }
      let wasArrival = declared.from.contains { arrival.contains($0.stage) }
      check(compiled, declared, settings, wasArrival: wasArrival)
      if wasArrival || compiled.order == .arrival { arrival.insert(declared.name) }
      let inputs = zip(declared.from, input.deliveries)
        .compactMap { from, delivery in
          let output = StageOutput.allCases.first { $0.name == from.output } ?? .main
          return stages.firstIndex { $0.name == from.stage }.map { PipelinePlan.Input($0, output, delivery) }
        }
      stages.append(computeKeyBefore(compiled.with(compiled.plan, inputs: inputs)))
    }
    check(stages, graph)
    return apartJournals(stages)
  }

  /// Gives each of several live sources a journal of its own.
  private func apartJournals(_ stages: [PipelinePlan.Stage]) -> [PipelinePlan.Stage] {
    func source(_ stage: PipelinePlan.Stage) -> SourcePlan? {
      guard case .source(let plan) = stage.plan.kind else { return nil }
      return switch plan.input {
      case .messages, .journal: plan
      case .file, .standardInput: nil
      }
    }
    guard stages.count(where: { source($0) != nil }) > 1 else { return stages }
    return stages.map { stage in
      guard let plan = source(stage) else { return stage }
      let apart = StagePlan(
        kind: .source(plan.journaled(in: stage.name)),
        inputSchema: stage.plan.inputSchema,
        projection: stage.plan.projection
      )
      return stage.with(apart, inputs: stage.inputs)
    }
  }

  /// Where a stage's key is a column that it computes, lets the stages before it compute that: rows find their worker by
  /// their key.
  private func computeKeyBefore(_ stage: PipelinePlan.Stage) -> PipelinePlan.Stage {
    guard case .window(let window) = stage.plan.kind, window.key >= stage.plan.inputSchema.fields.count else {
      return stage
    }
    let inputs = stage.inputs.map { input in
      var input = input
      input.delivery.projection = stage.plan.projection
      return input
    }
    return stage.with(stage.plan.withoutProjection, inputs: inputs)
  }

  /// Reports sinks that would print into one another's text, sources that cannot both be live, and a graph that has too many
  /// ways.
  private func check(_ stages: [PipelinePlan.Stage], _ graph: PipelineGraph) {
    func place(_ name: String) -> Place { graph.stages.first { $0.name == name }?.place ?? .commandLine }
    let pipeline = PipelinePlan(name: "", deadLetterPath: "", stages: stages)
    let printing = pipeline.targets.filter { $0.target == .standardOutput }.map(\.sink)
    if printing.count > 1 {
      diagnostics.report(
        "sinks '\(printing[0])' and '\(printing[1])' both write to stdout",
        at: place(printing[1]),
        remedy: "let one of them write to a file: `file: PATH`, or --output \(printing[1])=PATH"
      )
    }
    let live = pipeline.sources.filter { if case .messages = $0.plan.input { true } else { false } }
    if live.count > 1 {
      for source in live where source.plan.idle == nil {
        diagnostics.report(
          "source '\(source.name)' is one of \(live.count) that are live, and holds up the others while it is idle",
          at: place(source.name),
          remedy: "say after how long without a message it goes on with the clock: `idle_timeout: 200ms`"
        )
      }
    }
    if options.journal != nil, let first = pipeline.sources.first,
      !pipeline.sources.contains(where: { if case .journal = $0.plan.input { true } else { false } })
    {
      diagnostics.report(
        "--from-journal stands for the messages of a live source, and stage '\(first.name)' reads a file",
        at: .commandLine,
        remedy: "leave it out: a file can be read again; or give a pipeline with a `zeromq:` source"
      )
    }
    checkEmitted(stages, place)
    if !Deployment.canTellWays(pipeline) {
      diagnostics.report(
        "rows come to one stage by more than \(Deployment.mostWays) ways",
        at: graph.stages.last?.place ?? .commandLine,
        remedy: "copy and merge them less often"
      )
    }
  }

  private static let kinds = ["source", "window", "learn", "score", "sink"]

  private func compile(
    _ declared: DeclaredStage,
    input: Schema?,
    isLast: Bool,
    _ settings: RunSettings,
    workers: Int?,
    path: String?,
    output: inout Schema?
  ) -> PipelinePlan.Stage? {
    let owner = "stage '\(declared.name)'"
    let isFirst = declared.from.isEmpty
    guard var reader = MappingReader(declared.value, owner, diagnostics) else { return nil }
    defer { reader.finish() }
    _ = reader.optional("from")
    let bodies = Self.kinds.compactMap { kind in reader.optional(kind).map { (kind, $0) } }
    let workersText = reader.optionalText("workers")
    let orderText = reader.optionalText("order")
    let compute = reader.optional("compute")
    let filter = reader.optionalText("where")
    guard let (kind, body) = bodies.first else {
      diagnostics.report(
        "\(owner) says not what it does",
        at: declared.place,
        remedy: "give it one of: \(Self.kinds.joined(separator: ", "))"
      )
      return nil
    }
    if bodies.count > 1 {
      diagnostics.report(
        "\(owner) is both a \(kind) and a \(bodies[1].0)",
        at: bodies[1].1.place,
        remedy: "make two stages of it"
      )
      return nil
    }
    guard isFirst == (kind == "source") else {
      diagnostics.report(
        isFirst ? "\(owner) is a \(kind) that reads from no stage" : "\(owner) is a source that reads from a stage",
        at: declared.place,
        remedy: isFirst ? "add `from:` and the name of a stage" : "remove its `from`"
      )
      return nil
    }
    guard isLast == (kind == "sink") else {
      diagnostics.report(
        isLast ? "no stage reads from \(owner)" : "\(owner) is a sink, but a stage reads from it",
        at: declared.place,
        remedy: isLast ? "add a sink with `from: \(declared.name)`" : "let that stage read from another"
      )
      return nil
    }
    let plan: StagePlan? =
      switch kind {
      case "source":
        compileSource(body, owner, settings, path: path, compute: compute, filter: filter, output: &output)
      case "window": compileWindow(body, owner, input, compute: compute, filter: filter, output: &output)
      case "learn": compileLearning(body, owner, input, compute: compute, filter: filter, output: &output)
      case "score": compileScore(body, owner, input, compute: compute, filter: filter, output: &output)
      default: compileSink(body, owner, input, settings, path: path, compute: compute, filter: filter)
      }
    let declaredWorkers = workersText.flatMap { count($0, "workers", 1...Self.mostWorkers) }
    let order = word(orderText, "order", ["position": InputOrder.position, "arrival": .arrival]) ?? .position
    return plan.map {
      PipelinePlan.Stage(
        name: declared.name,
        plan: $0,
        inputs: [],
        workers: workers ?? declaredWorkers ?? 1,
        order: order
      )
    }
  }

  /// `path` as the pipeline file means it: relative to the file.
  func besideFile(_ other: String) -> String {
    if other.hasPrefix("/") { return other }
    let directory = (path as NSString).deletingLastPathComponent
    return (directory as NSString).appendingPathComponent(other)
  }

  static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, UInt8(ascii: "a")...UInt8(ascii: "z") ~= first else { return false }
    return name.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
        UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }
}
