internal import Dataflow
internal import Plan
internal import Records
internal import SourceStage
internal import Transport

extension PipelineCompiler {
  private static let defaultLongestLine = 1 << 20

  func compileSource(
    _ body: YAMLValue,
    _ owner: String,
    _ settings: RunSettings,
    path replacement: String?,
    compute: YAMLValue?,
    filter: PlacedText?,
    output: inout Schema?
  ) -> StagePlan? {
    guard var reader = MappingReader(body, "the source of \(owner)", diagnostics) else { return nil }
    let csv = reader.optionalText("csv")
    let jsonl = reader.optionalText("jsonl")
    let endpoint = reader.optionalText("zeromq")
    let messageFormat = reader.optionalText("format")
    let sync = reader.optionalText("journal")
    let keep = reader.optionalText("journal_keep")
    let time = reader.requiredText("time", remedy: "name the column that holds the event time: `time: tx_datetime`")
    let late = reader.optionalText("late")
    let onError = reader.optionalText("on_error")
    let longestLine = reader.optionalText("max_line")
    let columns = reader.required("columns", remedy: "list the columns with their types: `tx_amount: decimal(2)`")
    reader.finish()
    let schema = compileFields(columns, owner)
    let line = longestLine.flatMap { size($0, "max_line") } ?? Self.defaultLongestLine
    let lateRows = word(late, "late", ["dead_letters": LatePolicy.deadLetter, "drop": .drop]) ?? .deadLetter
    let errors = word(onError, "on_error", ["dead_letters": ErrorPolicy.deadLetter, "fail": .fail]) ?? .deadLetter
    guard let schema else { return nil }
    let computed = compileColumns(owner, schema, compute: compute, filter: filter)
    output = computed.schema
    if let endpoint { check(endpoint, settings) }
    let journal = compileJournal(sync, keep, of: endpoint == nil ? owner : nil)
    guard
      let (input, format) = compileInput(
        body,
        owner,
        csv: csv,
        jsonl: jsonl,
        endpoint: endpoint,
        messageFormat,
        path: replacement
      ),
      let time, let timeColumn = column(time, schema)
    else { return nil }
    guard schema.fields[timeColumn].type == .timestamp, !schema.fields[timeColumn].isNullable else {
      diagnostics.report(
        "the time column '\(time.text)' is \(schema.fields[timeColumn].spelling)",
        at: time.place,
        remedy: "declare it as `\(time.text): timestamp`"
      )
      return nil
    }
    if case .file(let path) = input {
      files.reads(path, as: "the input")
      checkFile(path, format, schema, at: replacement == nil ? (csv ?? jsonl)?.place ?? body.place : .commandLine)
    }
    let plan = SourcePlan(
      schema: schema,
      timeColumn: timeColumn,
      source: 0,
      input: input,
      journal: journal,
      format: format,
      speed: options.speed,
      limit: options.limit,
      latePolicy: lateRows,
      errorPolicy: errors,
      longestLine: line,
      batchRows: settings.limits.rows,
      cut: settings.cut
    )
    return StagePlan(
      kind: .source(plan),
      inputSchema: schema,
      projection: computed.projection
    )
  }

  private static var messageFormats: KeyValuePairs<String, SourceFormat> {
    ["json": .json, "jsonl": .jsonl, "csv": .csv]
  }

  /// Where the source reads, and how rows are written there.
  private func compileInput(
    _ body: YAMLValue,
    _ owner: String,
    csv: PlacedText?,
    jsonl: PlacedText?,
    endpoint: PlacedText?,
    _ messageFormat: PlacedText?,
    path: String?
  ) -> (SourceInput, SourceFormat)? {
    let inputs = [csv, jsonl, endpoint].compactMap(\.self)
    guard inputs.count == 1 else {
      diagnostics.report(
        inputs.isEmpty ? "\(owner) says not what it reads" : "\(owner) reads two inputs",
        at: body.place,
        remedy: "give it one of `csv: FILE`, `jsonl: FILE` and `zeromq: ENDPOINT`; the file `-` is stdin"
      )
      return nil
    }
    if let messageFormat, endpoint == nil {
      diagnostics.report(
        "`format` is for messages, and \(owner) reads a file",
        at: messageFormat.place,
        remedy: "remove it: `csv` and `jsonl` say how the file is written"
      )
    }
    if let journal = options.journal, let endpoint {
      let input = SourceInput.journal(directory: journal.directory, endpoint: endpoint.text, until: journal.until)
      return formatOfMessages(messageFormat).map { (input, $0) }
    }
    if let path { return (Self.file(path), Self.format(of: path) ?? (jsonl == nil ? .csv : .jsonl)) }
    if let csv { return (Self.file(csv.text == "-" ? "-" : besideFile(csv.text)), .csv) }
    if let jsonl { return (Self.file(jsonl.text == "-" ? "-" : besideFile(jsonl.text)), .jsonl) }
    guard let endpoint else { return nil }
    return formatOfMessages(messageFormat).map { (.messages(endpoint: endpoint.text), $0) }
  }

  private func formatOfMessages(_ text: PlacedText?) -> SourceFormat? {
    text.map { word($0, "format", Self.messageFormats) } ?? .json
  }

  /// Messages come from this machine alone, unless the file says otherwise.
  private func check(_ text: PlacedText, _ settings: RunSettings) {
    do throws(EndpointError) {
      let endpoint = try Endpoint(text.text)
      guard !endpoint.isLocal, !settings.isInsecure else { return }
      diagnostics.report(
        "\(endpoint) can be reached from other machines, and nothing on it is encrypted",
        at: text.place,
        remedy: "use ipc:// or a loopback address, or write `insecure: true` into the pipeline file"
      )
    } catch {
      diagnostics.report(error.message, at: text.place, remedy: error.remedy)
    }
  }

  private static func file(_ path: String) -> SourceInput { path == "-" ? .standardInput : .file(path: path) }

  /// What a file's name says of its format, if anything.
  private static func format(of path: String) -> SourceFormat? {
    path.hasSuffix(".csv") ? .csv : path.hasSuffix(".jsonl") || path.hasSuffix(".ndjson") ? .jsonl : nil
  }

  /// Nil when a type is wrong: what follows from it would be no mistake of its own.
  private func compileFields(_ value: YAMLValue?, _ owner: String) -> Schema? {
    var fields: [Field] = []
    var isRight = true
    for (key, text) in namedTexts(value, "`columns` of \(owner)") {
      let isNullable = text.text.hasSuffix("?")
      let spelling = isNullable ? String(text.text.dropLast()) : text.text
      guard let type = ColumnType(spelling: spelling) else {
        diagnostics.report(
          "'\(spelling)' is no type of a column",
          at: text.place,
          remedy:
            "use int64, float64, bool, timestamp, string or decimal(places), with `?` behind it where empty is fine"
        )
        isRight = false
        continue
      }
      fields.append(Field(key.name, type, nullable: isNullable))
    }
    return isRight && !fields.isEmpty ? Schema(fields) : nil
  }

  /// Looks at the first bytes of the input, so that a wrong file is found before anything starts. What comes through a pipe
  /// can be read only once, by the worker.
  private func checkFile(_ path: String, _ format: SourceFormat, _ schema: Schema, at place: Place) {
    do throws(FileFacts.ReadProblem) {
      guard FileFacts.kind(path) == .regular, format == .csv else {
        if let reason = FileFacts.readProblem(path) { throw FileFacts.ReadProblem(reason: reason) }
        return
      }
      let most = CSVHeader.longest
      let head = try FileFacts.read(path, atMost: most)
      let problem = CSVHeader.check(firstBytes: head, isAll: head.count < most, schema: schema, inputName: path)
      if let problem { diagnostics.report(problem.message, at: place, remedy: problem.remedy) }
    } catch {
      diagnostics.report(
        "cannot read '\(path)': \(error.reason)",
        at: place,
        remedy: "check the path, or give another with --input"
      )
    }
  }

  private func size(_ text: PlacedText, _ key: String) -> Int? {
    if let size = SizeText.parse(text.text), size > 0 { return size }
    diagnostics.report("`\(key)` is '\(text.text)'", at: text.place, remedy: "write a size: a number and B, KB or MB")
    return nil
  }

  func word<T>(_ text: PlacedText?, _ key: String, _ values: KeyValuePairs<String, T>) -> T? {
    guard let text else { return nil }
    if let match = values.first(where: { $0.key == text.text }) { return match.value }
    diagnostics.report(
      "`\(key)` is '\(text.text)'",
      at: text.place,
      remedy: "use one of: \(values.map(\.key).joined(separator: ", "))"
    )
    return nil
  }
}

extension Field {
  /// The type as a pipeline file spells it.
  var spelling: String { "\(type)\(isNullable ? "?" : "")" }
}
