internal import ArgumentParser
internal import PipelineSpec

/// `sluice test`: the tests that a pipeline's file holds.
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Runs the tests that a pipeline file holds below `tests:`.",
    discussion: """
      Each is a run of the whole pipeline over the rows that the test gives, with its own state; nothing that the file \
      names as input or output is touched. Exit code 1 when any fails.
      """
  )

  @Argument(help: ArgumentHelp("The pipeline files.", valueName: "pipeline"))
  var pipelines: [String]

  @Option(help: ArgumentHelp("Only tests whose name holds this text.", valueName: "text"))
  var only: String?

  func run() throws {
    var (passed, failed) = (0, 0)
    for path in pipelines {
      let tests: [PipelineTest]
      do throws(PipelineFileError) { tests = try PipelineCompiler.tests(path: path) } catch {
        StandardError.writeLine(error.report.excerpts)
        throw Sluice.misuse
      }
      for test in tests where only.map(test.name.contains) ?? true {
        let problems = try PipelineTestRun(test, of: path).run()
        try StandardOutput.writeLine("\(problems.isEmpty ? "ok  " : "FAIL")  \(path): \(test.name)")
        for problem in problems { try StandardOutput.writeLine("      \(problem)") }
        if problems.isEmpty { passed += 1 } else { failed += 1 }
      }
    }
    guard passed + failed > 0 else {
      StandardError.writeLine(
        "sluice: no test \(only.map { "has '\($0)' in its name" } ?? "is in the file"); write some below `tests:`"
      )
      throw Sluice.misuse
    }
    try StandardOutput.writeLine("\(passed) passed, \(failed) failed")
    if failed > 0 { throw ExitCode.failure }
  }
}
