internal import ArgumentParser
internal import Foundation
internal import PipelineSpec
internal import Plan
internal import SourceStage
internal import Supervisor

/// `sluice dlq replay`: repaired letters through their pipeline.
struct DeadLetterReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Runs a pipeline on the rows of dead letters, as they stand in the file now.",
    discussion: """
      The rows are the whole input of a run of its own, in their order in the file: it takes no checkpoints, and its \
      windows see no other rows. What fails again goes to a new file of dead letters, with its place in the original \
      input. A letter that is no record by itself (cut, or with a quote that is not closed) is passed on as it is.
      """
  )

  @Argument(help: "The pipeline file.")
  var pipeline: String

  @Argument(help: "The file of dead letters.")
  var letters: String

  @OptionGroup var selection: LetterSelection

  @Option(help: ArgumentHelp("A file for the results, instead of stdout.", valueName: "path"))
  var output: String?

  @Option(help: ArgumentHelp("jsonl, csv or table.", valueName: "format"))
  var format: String?

  @Option(help: ArgumentHelp("Show these columns only: a,b,c.", valueName: "names"))
  var columns: String?

  @Flag(help: "Every row, not only what the sink's `where` keeps.")
  var all = false

  @Option(
    help: ArgumentHelp(
      "The header line of CSV rows. Default: the first line of the input they come from.",
      valueName: "line"
    )
  )
  var header: String?

  @Option(
    help: ArgumentHelp("Where letters go that fail again. Default: LETTERS with .again.jsonl.", valueName: "path")
  )
  var deadLetters: String?

  @Option(help: ArgumentHelp("process: every worker is one; thread: all are threads of this one.", valueName: "how"))
  var isolation: IsolationName = .process

  @Flag(help: "No progress and no summary on stderr.")
  var quiet = false

  private var newLetters: String {
    deadLetters ?? (letters.hasSuffix(".jsonl") ? String(letters.dropLast(6)) : letters) + ".again.jsonl"
  }

  func run() throws {
    let found = try selection.letters(in: letters)
    let again = newLetters
    guard URL(filePath: again).resolvingSymlinksInPath() != URL(filePath: letters).resolvingSymlinksInPath() else {
      throw misuse("the letters that fail again would overwrite '\(letters)'; give another file with --dead-letters")
    }
    // The format is the pipeline's own matter; what else is wrong with it is found with it.
    let source = try source(of: compile(input: "/dev/null"))
    let isInMessages = found.first?.source.contains("://") ?? false
    var input = LetterInput(
      source.format,
      fields: isInMessages ? CSVRecord.fieldCount(Array(source.shape.headerLine.utf8)) : 0
    )
    if source.format == .csv {
      guard let line = header ?? headerLine(found, source) else {
        throw misuse("the header of the input of '\(letters)' is not to be found; give it with --header 'a,b,c'")
      }
      input.begin(header: line)
    }
    for letter in found { input.append(letter) }
    try run(input, again)
  }

  private func run(_ input: LetterInput, _ again: String) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-dlq-\(UUID().uuidString)")
    let path = folder.appending(path: input.fileName).path
    do {
      try FileManager.default.createDirectory(
        at: folder,
        withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o700]
      )
      try Data(input.bytes).write(to: URL(filePath: path))
    } catch {
      StandardError.writeLine("sluice: cannot write the rows to '\(path)': \(error.localizedDescription)")
      throw ExitCode.failure
    }
    defer { try? FileManager.default.removeItem(at: folder) }
    let plan = try compile(input: path)
    let how = try isolation.isolation
    try ResultFiles.prepare(plan, .plain)
    let ending = Result { try PipelineRun(plan, PlainRun(plan), quiet: quiet).run(how, listen: nil) }
    try passOn(input, from: path, to: again)
    try ending.get()
  }

  /// Gives the letters of the run their places in the original input, and those with them that were not replayed.
  private func passOn(_ input: LetterInput, from path: String, to again: String) throws {
    var failed: [Letter] = []
    if FileManager.default.fileExists(atPath: again) {
      // What cannot be read stays as it is: written over, it would be lost.
      do throws(LetterFile.Problem) { failed = try LetterFile.read(again) } catch {
        StandardError.writeLine("sluice: \(error)")
        throw ExitCode.failure
      }
    }
    let all = failed.map { input.placed($0, from: path) } + input.left
    if !all.isEmpty || !failed.isEmpty {
      do { try Data(all.map(\.json).joined().utf8).write(to: URL(filePath: again)) } catch {
        StandardError.writeLine("sluice: cannot write the dead letters to '\(again)': \(error.localizedDescription)")
        throw ExitCode.failure
      }
    }
    guard !quiet else { return }
    let left = input.left.isEmpty ? "" : ", \(input.left.count) of them no record by itself and not replayed"
    let rest = all.isEmpty ? "none failed again" : "\(all.count) failed again: \(again)"
    StandardError.writeLine("dlq: \(input.count + input.left.count) letters\(left); \(rest)")
  }

  private func compile(input: String) throws -> PipelinePlan {
    var options = RunOptions()
    options.inputs = [input]
    options.outputs = output.map { [$0] } ?? []
    options.format = format
    options.columns = columns?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    options.keepsAllRows = all
    options.deadLetters = newLetters
    do { return try PipelineCompiler.compile(path: pipeline, options: options) } catch {
      StandardError.writeLine("\(error)")
      throw Sluice.misuse
    }
  }

  private func source(of plan: PipelinePlan) throws -> SourcePlan {
    for stage in plan.stages { if case .source(let source) = stage.plan.kind { return source } }
    throw misuse("'\(pipeline)' has no source")
  }

  /// The header of the input that the letters come from; that of messages is the pipeline's.
  private func headerLine(_ letters: [Letter], _ source: SourcePlan) -> String? {
    guard let name = letters.first?.source else { return source.shape.headerLine }
    if name.contains("://") { return source.shape.headerLine }
    guard let file = FileHandle(forReadingAtPath: name), let head = try? file.read(upToCount: CSVHeader.longest) else {
      return nil
    }
    // Line ends within quotes are none of the record's.
    var isInQuotes = false
    let end = head.firstIndex { byte in
      if byte == UInt8(ascii: "\"") { isInQuotes.toggle() }
      return byte == UInt8(ascii: "\n") && !isInQuotes
    }
    return String(data: head[..<(end ?? head.endIndex)], encoding: .utf8)
  }

  private func misuse(_ problem: String) -> ExitCode {
    StandardError.writeLine("sluice: \(problem)")
    return Sluice.misuse
  }
}
