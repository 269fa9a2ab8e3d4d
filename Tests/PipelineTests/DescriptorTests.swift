import Foundation
import TestSupport
import Testing

/// Standard descriptors that are closed, full, or a terminal.
@Suite struct DescriptorTests {
  static let run = ["run", ReferencePipelineTests.pipeline, "--limit", "1000", "--all"]

  @Test(arguments: ["2>/dev/full", "2>&-", "<&- 2>&-"])
  func aLostStandardErrorChangesNoResult(redirections: String) throws {
    let folder = try TemporaryFolder()
    let run = try Program.run("sluice", Self.run, in: folder, redirections: redirections)
    #expect(run.status == 0 && run.output.split(separator: "\n").count == 1000)
    #expect(try Program.run("sluice", ["run", "nowhere.yaml"], in: folder, redirections: redirections).status == 2)
    #expect(try Program.run("sluice-worker", [], in: folder, redirections: redirections).status == 2)
  }

  @Test func aClosedStdoutIsNotTakenForAnotherDescriptor() throws {
    let folder = try TemporaryFolder()
    let run = try Program.run("sluice", Self.run, in: folder, redirections: ">&-")
    #expect(run.status == 1)
    #expect(run.log.contains("cannot write stdout: Bad file descriptor"), "\(run.log)")
    let file = try Program.run("sluice", Self.run + ["--output", "out"], in: folder, redirections: "<&- >&- 2>&-")
    #expect(file.status == 0)
    #expect(try String(contentsOfFile: folder.path("out"), encoding: .utf8).split(separator: "\n").count == 1000)
  }

  @Test(arguments: [
    ["generate", "transactions"], ["check", ReferencePipelineTests.pipeline], ["--help"], ["generate", "--help"],
  ])
  func aFullStdoutIsAFailure(arguments: [String]) throws {
    let run = try Program.run("sluice", arguments, in: TemporaryFolder(), redirections: ">/dev/full")
    #expect(run.status == 1)
    #expect(run.log == "sluice: cannot write stdout: No space left on device\n")
  }

  @Test func aReaderThatHasHadEnoughEndsGenerateCleanly() throws {
    let program = try Program("sluice", ["generate", "transactions"], in: TemporaryFolder())
    #expect(!program.readSome().isEmpty)
    try program.closeOutput()
    let outcome = program.finish(readingOutput: false)
    #expect(outcome.status == 0 && outcome.log == "")
  }

  static let clear = "\r\u{1B}[K"

  @Test func theMovingLineFitsTheTerminalAndIsDrawnTenTimesASecond() throws {
    let folder = try TemporaryFolder()
    let terminal = try Terminal(columns: 40)
    let start = ContinuousClock.now
    let run = try Program.run(
      "sluice",
      ["run", ReferencePipelineTests.pipeline, "--all", "--speed", "5000000x"],
      in: folder,
      redirections: "2>\(terminal.path)"
    )
    let elapsed = start.duration(to: .now) / .seconds(1)
    #expect(run.status == 0)
    let text = terminal.finish()
    let lines = text.components(separatedBy: Self.clear)
    // The last piece is the summary.
    let drawn = lines.dropFirst().dropLast()
    #expect(drawn.count >= 2 && Double(drawn.count) <= elapsed * 10, "\(drawn.count) in \(elapsed) s")
    for line in drawn { #expect(line.hasPrefix("card-fraud: ") && line.count == 39, "\(line)") }
    #expect(lines.last?.hasPrefix("card-fraud: done") == true)
  }

  @Test func noLineMovesWhereTheResultsScroll() throws {
    let terminal = try Terminal(columns: 40)
    let run = try Program.run(
      "sluice",
      Self.run + ["--columns", "transaction_id"],
      in: TemporaryFolder(),
      redirections: ">\(terminal.path) 2>\(terminal.path)"
    )
    #expect(run.status == 0)
    let text = terminal.finish()
    #expect(text.contains("{\"transaction_id\":999}") && text.contains("card-fraud: done"))
    #expect(!text.contains("\u{1B}"))
  }

  @Test(arguments: [
    ["XDG_RUNTIME_DIR": "/nowhere"],
    ["XDG_RUNTIME_DIR": "relative", "TMPDIR": "/dev/null"],
    ["XDG_RUNTIME_DIR": "/" + String(repeating: "long/", count: 20)],
  ])
  func aRuntimeDirectoryThatIsNoneIsPassedOver(environment: [String: String]) throws {
    let run = try Program.run("sluice", Self.run, in: TemporaryFolder(), environment: environment)
    #expect(run.status == 0, "\(run.log)")
    #expect(run.output.split(separator: "\n").count == 1000)
  }

  @Test func aRuntimeDirectoryTooLongForASocketIsPassedOver() throws {
    let folder = try TemporaryFolder()
    let long = folder.url.appending(path: String(repeating: "d", count: 100))
    try FileManager.default.createDirectory(at: long, withIntermediateDirectories: true)
    let environment = ["XDG_RUNTIME_DIR": long.path]
    let run = try Program.run("sluice", Self.run, in: folder, environment: environment)
    #expect(run.status == 0, "\(run.log)")
  }
}
