internal import Dataflow
internal import Expressions
internal import Plan
internal import SinkStage
internal import SourceStage

/// How a pipeline runs: what of it changes no result.
struct RunSettings {
  let mode: PipelinePlan.Mode
  /// nil in real time.
  let cut: CutPlan?
  let limits: BatchLimits
  /// Whether endpoints that other machines can reach may be in the clear.
  let isInsecure: Bool
  let checkpoints: CheckpointSettings
  /// What the results say they come of; nil where the file says nothing.
  let version: PlacedText?
}

extension PipelineCompiler {
  private static var modes: KeyValuePairs<String, PipelinePlan.Mode> {
    ["real-time": .realTime, "micro-batch": .microBatch]
  }
  /// What `every` is where nothing says.
  private static let defaultCut = CutPlan.nanoseconds(500_000_000)
  package static let mostWorkers = 64

  /// Reads `mode`, `every` and `batch_rows` of the file, and what the command line says instead.
  func compileSettings(_ reader: inout MappingReader?) -> RunSettings {
    let modeText = reader?.optionalText("mode")
    let everyText = reader?.optionalText("every")
    let rowsText = reader?.optionalText("batch_rows")
    let insecureText = reader?.optionalText("insecure")
    let version = reader?.optionalText("version").flatMap(version)
    let checkpoints = compileCheckpoints(&reader)
    let mode =
      word(onCommandLine(options.mode), "--mode", Self.modes) ?? word(modeText, "mode", Self.modes) ?? .realTime
    let every = onCommandLine(options.every).map { cut($0, "--every") } ?? everyText.map { cut($0, "every") }
    if mode == .realTime, let asked = onCommandLine(options.every) {
      diagnostics.report(
        "--every cuts micro-batches, and the mode is real-time",
        at: asked.place,
        remedy: "add --mode micro-batch, or leave it out"
      )
    }
    let rows =
      onCommandLine(options.batchRows).flatMap { count($0, "--batch-rows", 1...BatchLimits.mostRows) }
      ?? rowsText.flatMap { count($0, "batch_rows", 1...BatchLimits.mostRows) } ?? BatchLimits.defaultRows
    return RunSettings(
      mode: mode,
      cut: mode == .realTime ? nil : (every ?? Self.defaultCut) ?? Self.defaultCut,
      limits: BatchLimits(rows: rows),
      isInsecure: word(insecureText, "insecure", ["true": true, "false": false]) ?? false,
      checkpoints: checkpoints,
      version: version
    )
  }

  private func version(_ text: PlacedText) -> PlacedText? {
    let isRight = text.text.count <= Self.longestVersion && text.text.allSatisfy { Self.isInVersion($0) }
    if isRight { return text }
    diagnostics.report(
      "`version` is '\(text.text)'",
      at: text.place,
      remedy: "use up to \(Self.longestVersion) letters, digits, '.', '-', '_' and ':'"
    )
    return nil
  }

  private static let longestVersion = 64

  private static func isInVersion(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || ".-_:".contains(character))
  }

  private func onCommandLine(_ text: String?) -> PlacedText? {
    text.map { PlacedText(text: $0, place: .commandLine) }
  }

  private func cut(_ text: PlacedText, _ key: String) -> CutPlan? {
    let words = text.text.split(separator: " ")
    if words.count == 2, words[1] == "rows" || words[1] == "row", let rows = Int(words[0]), rows > 0 {
      return .records(rows)
    }
    if words.count == 1, let time = DurationText.parse(words[0]), time > 0, time < 1 << 50 {
      return .nanoseconds(time * 1000)
    }
    diagnostics.report(
      "`\(key)` is '\(text.text)'",
      at: text.place,
      remedy: "write a time or a number of rows: 500ms, 10000 rows"
    )
    return nil
  }

  func count(_ text: PlacedText, _ key: String, _ range: ClosedRange<Int>) -> Int? {
    if let number = Int(text.text), range.contains(number) { return number }
    diagnostics.report(
      "`\(key)` is '\(text.text)'",
      at: text.place,
      remedy: "write a number from \(range.lowerBound) to \(range.upperBound)"
    )
    return nil
  }

  /// The workers of each stage that the command line names.
  func workersOnCommandLine(_ stages: [DeclaredStage]) -> [String: Int] {
    var workers: [String: Int] = [:]
    for text in options.workers {
      let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else {
        diagnostics.report("--workers is '\(text)'", at: .commandLine, remedy: "write STAGE=N, as in customer=2")
        continue
      }
      guard stages.contains(where: { $0.name == parts[0] }) else {
        let names = stages.map(\.name)
        let nearest = NearestName.of(parts[0], among: names)
        diagnostics.report(
          "--workers names '\(parts[0])', which is no stage",
          at: .commandLine,
          remedy: nearest.map { "did you mean '\($0)'?" } ?? "name one of: \(names.joined(separator: ", "))"
        )
        continue
      }
      let number = PlacedText(text: parts[1], place: .commandLine)
      workers[parts[0]] = count(number, "--workers \(parts[0])", 1...Self.mostWorkers)
    }
    return workers
  }

  /// Reports what cannot be together.
  func check(_ stage: PipelinePlan.Stage, _ declared: DeclaredStage, _ settings: RunSettings, wasArrival: Bool) {
    if case .source(let source) = stage.plan.kind, stage.workers > 1 {
      if case .file = source.input {
        if case .nanoseconds? = settings.cut {
          diagnostics.report(
            "stage '\(stage.name)' has \(stage.workers) workers, which cannot cut micro-batches by the clock alike",
            at: declared.place,
            remedy: "cut by rows, as in `every: 10000 rows`, or give the source one worker"
          )
        }
      } else {
        diagnostics.report(
          "stage '\(stage.name)' has \(stage.workers) workers, but its input can be read only once",
          at: declared.place,
          remedy: "give it one worker"
        )
      }
    }
    if case .sink(let sink, _) = stage.plan.kind, sink.budget != nil, stage.order == .arrival || wasArrival {
      diagnostics.report(
        "stage '\(stage.name)' has a budget for each day, whose rows must come in their order",
        at: declared.place,
        remedy: "leave out `order: arrival`"
      )
    }
    if case .learn = stage.plan.kind { checkLearning(stage, declared, wasArrival: wasArrival) }
    let isKeyed = if case .window = stage.plan.kind { true } else { false }
    if isKeyed, stage.order == .arrival || wasArrival {
      diagnostics.report(
        "stage '\(stage.name)' keeps rows by key, which must come in their order",
        at: declared.place,
        remedy: "use `order: arrival` only behind the last window stage"
      )
    }
  }

  /// A model that learns is one, and learns in the order of the rows.
  private func checkLearning(_ stage: PipelinePlan.Stage, _ declared: DeclaredStage, wasArrival: Bool) {
    if stage.workers > 1 {
      diagnostics.report(
        "stage '\(stage.name)' learns from all rows in their order, and has \(stage.workers) workers",
        at: declared.place,
        remedy: "give it one worker; the stages before and behind it may have more"
      )
    }
    if stage.order == .arrival || wasArrival {
      diagnostics.report(
        "stage '\(stage.name)' learns from rows, which must come in their order",
        at: declared.place,
        remedy: "use `order: arrival` only behind it"
      )
    }
  }
}
