internal import Dataflow
internal import Expressions
internal import Foundation
package import Plan
internal import Records
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
    options.input = "/dev/null"
    return try PipelineCompiler(path: path, options: options).compile().tests
  }

  /// What the compiled pipeline does, in words.
  package static func explain(
    path: String,
    options: RunOptions = RunOptions()
  ) throws(PipelineFileError) -> (explanation: Explanation, warnings: DiagnosticReport) {
    let compiler = PipelineCompiler(path: path, options: options)
    let compiled = try compiler.compile()
    return (Explanation(compiled.plan, compiled.root), compiler.diagnostics.report(on: path))
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
    let stages = reader?.required("stages", remedy: "list the stages below `stages:`")
    let testsValue = reader?.optional("tests")
    reader?.finish()
    let chain = stages.map(declaredStages).map { PipelineGraph.order($0, diagnostics) } ?? []
    files.reads(path, as: "the pipeline file")
    let compiled = compile(chain, settings)
    LabelCheck(root, diagnostics).check(compiled, declared: labels.knownAfter)
    let tests = compileTests(testsValue, chain, compiled)
    let pipeline = name?.text ?? ""
    let deadLetterPath = deadLetterPath(deadLetters, pipeline: pipeline, at: name?.place)
    files.check(diagnostics)
    try diagnostics.check(path)
    let plan = PipelinePlan(
      name: pipeline,
      deadLetterPath: deadLetterPath,
      mode: settings.mode,
      limits: settings.limits,
      isInsecure: settings.isInsecure,
      checkpoints: settings.checkpoints,
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
      var from: PlacedText?
      if case .mapping(let keys) = value.content, let entry = keys.first(where: { $0.key.name == "from" }) {
        if case .scalar(let text) = entry.value.content {
          from = PlacedText(text: text, place: entry.value.place)
        } else {
          diagnostics.report(
            "`from` of stage '\(key.name)' is \(entry.value.kind)",
            at: entry.value.place,
            remedy: "name one stage after it"
          )
        }
      }
      return DeclaredStage(name: key.name, place: key.place, from: from, value: value)
    }
  }

  /// Compiles the chain from the source on, each stage with the columns that the one before leaves it.
  private func compile(_ chain: [DeclaredStage], _ settings: RunSettings) -> [PipelinePlan.Stage] {
    let workers = workersOnCommandLine(chain)
    var isArrival = false
    var stages: [PipelinePlan.Stage] = []
    var schema: Schema?
    for (index, declared) in chain.enumerated() {
      let isLast = index == chain.count - 1
      // Where a stage is wrong, its columns may be known all the same, and then the next ones are looked at too.
      var output: Schema?
      let compiled = compile(
        declared,
        input: schema,
        isFirst: index == 0,
        isLast: isLast,
        settings,
        workers: workers[declared.name],
        output: &output
      )
      schema = output
      guard let compiled else { continue }
      check(compiled, declared, settings, wasArrival: isArrival)
      if compiled.order == .arrival { isArrival = true }
      stages.append(compiled)
      computeKeyBefore(&stages)
    }
    return stages
  }

  /// Where the last stage's key is a column that it computes, lets the stage before it compute that: rows find their worker by
  /// their key.
  private func computeKeyBefore(_ stages: inout [PipelinePlan.Stage]) {
    guard stages.count > 1, let last = stages.last, case .window(let window) = last.plan.kind,
      window.key >= last.plan.inputSchema.fields.count
    else { return }
    let before = stages[stages.count - 2]
    stages[stages.count - 2] = before.with(before.plan.computing(last.plan.projection))
    stages[stages.count - 1] = last.with(last.plan.withoutProjection)
  }

  private static let kinds = ["source", "window", "score", "sink"]

  private func compile(
    _ declared: DeclaredStage,
    input: Schema?,
    isFirst: Bool,
    isLast: Bool,
    _ settings: RunSettings,
    workers: Int?,
    output: inout Schema?
  ) -> PipelinePlan.Stage? {
    let owner = "stage '\(declared.name)'"
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
        remedy: "give it one of: source, window, score, sink"
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
      case "source": compileSource(body, owner, settings, compute: compute, filter: filter, output: &output)
      case "window": compileWindow(body, owner, input, compute: compute, filter: filter, output: &output)
      case "score": compileScore(body, owner, input, compute: compute, filter: filter, output: &output)
      default: compileSink(body, owner, input, compute: compute, filter: filter)
      }
    let declaredWorkers = workersText.flatMap { count($0, "workers", 1...Self.mostWorkers) }
    let order = word(orderText, "order", ["position": InputOrder.position, "arrival": .arrival]) ?? .position
    return plan.map {
      PipelinePlan.Stage(name: declared.name, plan: $0, workers: workers ?? declaredWorkers ?? 1, order: order)
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
