internal import Dataflow
internal import Expressions
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
    let protobuf = reader.optionalText("protobuf")
    let endpoint = reader.optionalText("zeromq")
    let messageFormat = reader.optionalText("format")
    let sync = reader.optionalText("journal")
    let keep = reader.optionalText("journal_keep")
    let time = reader.requiredText("time", remedy: "name the column that holds the event time: `time: tx_datetime`")
    let late = reader.optionalText("late")
    let outOfOrder = reader.optionalText("out_of_order")
    let delay = reader.optionalText("delay")
    let idleTimeout = reader.optionalText("idle_timeout")
    let starts = reader.optionalText("starts")
    let onError = reader.optionalText("on_error")
    let longestLine = reader.optionalText("max_line")
    let schemaFile = reader.optional("schema")
    let columns =
      schemaFile == nil
      ? reader.required("columns", remedy: "list the columns with their types: `tx_amount: decimal(2)`")
      : reader.optional("columns")
    reader.finish()
    let imported = schemaFile.flatMap { importSchema($0) }
    let declared =
      schemaFile != nil && imported == nil ? nil : compileShape(columns, imported, owner, at: schemaFile?.place)
    let shape = options.readsPlainly ? declared?.plain : declared
    let line = longestLine.flatMap { size($0, "max_line") } ?? Self.defaultLongestLine
    let lateRows = word(late, "late", ["dead_letters": LatePolicy.deadLetter, "drop": .drop]) ?? .deadLetter
    let errors = word(onError, "on_error", ["dead_letters": ErrorPolicy.deadLetter, "fail": .fail]) ?? .deadLetter
    guard let shape else { return nil }
    let schema = shape.schema
    let computed = compileColumns(owner, schema, compute: compute, filter: filter)
    output = computed.schema
    if let endpoint { check(endpoint, settings) }
    let journal = compileJournal(sync, keep, of: endpoint == nil ? owner : nil)
    let idle = compileIdle(idleTimeout, starts, of: endpoint == nil ? owner : nil)
    guard
      let (input, format) = compileInput(
        body,
        owner,
        Inputs(csv: csv, jsonl: jsonl, protobuf: protobuf, endpoint: endpoint),
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
    guard format != .protobuf || shape.readings.allSatisfy({ $0.inputs.allSatisfy { $0.field != nil } }) else {
      diagnostics.report(
        "\(owner) reads Protobuf, and does not say where in a message its columns stand",
        at: (protobuf ?? messageFormat)?.place ?? body.place,
        remedy: "name the message's schema: `schema: {proto: payments.proto, message: Payment}`"
      )
      return nil
    }
    if case .file(let path) = input {
      files.reads(path, as: "the input")
      checkFile(
        path,
        format,
        shape,
        at: replacement == nil ? (csv ?? jsonl ?? protobuf)?.place ?? body.place : .commandLine
      )
      warnOfAbsentColumns(path, format, shape, columns)
    }
    var isLive = false
    if case .messages = input { isLive = true }
    let plan = SourcePlan(
      schema: schema,
      readings: shape.readings,
      timeColumn: timeColumn,
      source: 0,
      input: input,
      journal: journal,
      format: format,
      speed: options.speed,
      limit: options.limit,
      outOfOrder: outOfOrder.flatMap { disorder($0) } ?? 0,
      delay: delay.flatMap { self.delay($0) } ?? 0,
      idle: isLive ? idle : nil,
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
    ["json": .json, "jsonl": .jsonl, "csv": .csv, "protobuf": .protobuf]
  }

  /// What a source may read, of which it names one.
  private struct Inputs {
    let csv: PlacedText?
    let jsonl: PlacedText?
    let protobuf: PlacedText?
    let endpoint: PlacedText?

    var all: [PlacedText] { [csv, jsonl, protobuf, endpoint].compactMap(\.self) }
    /// The format of the file that is named.
    var format: SourceFormat { jsonl != nil ? .jsonl : protobuf != nil ? .protobuf : .csv }
  }

  /// Where the source reads, and how rows are written there.
  private func compileInput(
    _ body: YAMLValue,
    _ owner: String,
    _ named: Inputs,
    _ messageFormat: PlacedText?,
    path: String?
  ) -> (SourceInput, SourceFormat)? {
    let endpoint = named.endpoint
    guard named.all.count == 1 else {
      diagnostics.report(
        named.all.isEmpty ? "\(owner) says not what it reads" : "\(owner) reads two inputs",
        at: body.place,
        remedy:
          "give it one of `csv: FILE`, `jsonl: FILE`, `protobuf: FILE` and `zeromq: ENDPOINT`; the file `-` is stdin"
      )
      return nil
    }
    if let messageFormat, endpoint == nil {
      diagnostics.report(
        "`format` is for messages, and \(owner) reads a file",
        at: messageFormat.place,
        remedy: "remove it: `csv`, `jsonl` and `protobuf` say how the file is written"
      )
    }
    if let journal = options.journal, let endpoint {
      let input = SourceInput.journal(directory: journal.directory, endpoint: endpoint.text, until: journal.until)
      return formatOfMessages(messageFormat).map { (input, $0) }
    }
    let ofMessages = endpoint == nil ? nil : formatOfMessages(messageFormat)
    if let path {
      let own = ofMessages == .json ? .jsonl : ofMessages ?? named.format
      return (Self.file(path), Self.format(of: path) ?? own)
    }
    if let path = named.csv ?? named.jsonl ?? named.protobuf {
      return (Self.file(path.text == "-" ? "-" : besideFile(path.text)), named.format)
    }
    guard let endpoint else { return nil }
    return ofMessages.map { (.messages(endpoint: endpoint.text), $0) }
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

  /// Looks at the first bytes of the input, so that a wrong file is found before anything starts. What comes through a pipe
  /// can be read only once, by the worker.
  private func checkFile(_ path: String, _ format: SourceFormat, _ shape: RecordShape, at place: Place) {
    do throws(FileFacts.ReadProblem) {
      guard FileFacts.kind(path) == .regular, format == .csv else {
        if let reason = FileFacts.readProblem(path) { throw FileFacts.ReadProblem(reason: reason) }
        return
      }
      let most = CSVHeader.longest
      let head = try FileFacts.read(path, atMost: most)
      let problem = CSVHeader.check(firstBytes: head, isAll: head.count < most, shape: shape, inputName: path)
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

  private func disorder(_ text: PlacedText) -> Int64? {
    if let time = DurationText.parse(text.text), 0...SourcePlan.mostOutOfOrder ~= time { return time }
    diagnostics.report(
      "`out_of_order` is '\(text.text)'",
      at: text.place,
      remedy: "write how long rows are held for others that come before them, as in `10s` or `5m`"
    )
    return nil
  }

  private func delay(_ text: PlacedText) -> Int64? {
    if let time = DurationText.parse(text.text), 0...SourcePlan.mostDelay ~= time { return time }
    diagnostics.report(
      "`delay` is '\(text.text)'",
      at: text.place,
      remedy: "write how long after their time rows come, up to ten years, as in `7d`"
    )
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
