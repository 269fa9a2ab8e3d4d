import Foundation
import TestSupport
import Testing

/// The tests within pipeline files, and those that are shipped.
@Suite struct PipelineFileTests {
  static let pipelines = ((try? FileManager.default.contentsOfDirectory(atPath: Repository.path("pipelines"))) ?? [])
    .filter { $0.hasSuffix(".yaml") }.sorted()

  @Test(arguments: pipelines)
  func aShippedPipelineIsFineAndItsTestsPass(name: String) throws {
    let folder = try TemporaryFolder()
    let path = Repository.path("pipelines/\(name)")
    let check = try Program.run("sluice", ["check", path], in: folder)
    #expect(check.status == 0 && check.log == "", "\(check.log)")
    let test = try Program.run("sluice", ["test", path], in: folder)
    #expect(test.status == 0, "\(test.output)\(test.log)")
    #expect(test.output.hasSuffix(" passed, 0 failed\n"))
    // A test leaves nothing where it was started.
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == [])
  }

  static let pipeline = """
    pipeline: small
    stages:
      in:
        source:
          zeromq: ipc:///nowhere/in
          time: at
          columns: { at: timestamp, card: int64, amount: decimal(2), note: string? }
      window:
        from: in
        window:
          key: card
          features: { mean_1d: mean(amount) over 1d }
      out:
        from: window
        where: amount > 1
        sink:
          file: /nowhere/results.jsonl
    tests:
    """

  static func test(_ text: String) throws -> (status: Int32, output: String, log: String) {
    let folder = try TemporaryFolder()
    let indented = text.split(separator: "\n").map { "  \($0)\n" }.joined()
    let path = try folder.write("small.yaml", pipeline.replacing("file: /nowhere/", with: "file: ") + "\n" + indented)
    let run = try Program.run("sluice", ["test", path], in: folder)
    let cut = { (text: String) in text.replacing(folder.url.path + "/", with: "") }
    return (run.status, cut(run.output), cut(run.log))
  }

  @Test func whatIsNotAsExpectedIsSaidOfEachRowAndColumn() throws {
    let run = try Self.test(
      """
      right:
        defaults: { card: 1, note: "a, \\"b\\"" }
        input:
          - { at: 2018-04-01, amount: 10 }
          - { at: 2018-04-01 12:00:00, amount: 0.50, note: null }
          - { at: 2018-04-01 13:00:00, amount: 20, note: "" }
        expect:
          - { at: 2018-04-01, mean_1d: 10, amount: 10.0, note: "a, \\"b\\"" }
          - { mean_1d: 10.17, note: "" }
        filtered: 1
      wrong:
        input:
          - { at: 2018-04-01, card: 1, amount: 10 }
          - { at: 2018-04-01, card: 1, amount: ten }
          - { at: 2018-04-01, card: 1, amount: 20 }
        expect:
          - { mean_1d: 11, note: x }
      none:
        input: []
        expect: []
        late: 1
      """
    )
    #expect(run.status == 1 && run.log == "")
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines.first == "ok    small.yaml: right")
    #expect(lines.last == "1 passed, 2 failed")
    #expect(lines.contains("      line 35: row 1: `mean_1d` is 10.0, expected 11"), "\(run.output)")
    #expect(lines.contains("      line 35: row 1: `note` is null, expected x"), "\(run.output)")
    #expect(lines.contains("      dead_letters: 1, expected 0"))
    #expect(lines.contains("      2 rows came out, expected 1"))
    #expect(lines.contains { $0.contains("ten") && $0.hasPrefix("      dead letter: ") }, "\(run.output)")
    #expect(lines.contains("      late: 0, expected 1"))
  }

  @Test(
    arguments: [
      ("", "small.yaml:18:7: error: `tests` is nothing"),
      ("t: x", "test 't' is 'x'"), ("t: { expect: [] }", "test 't' has no `input`"),
      ("t: { input: [] }", "test 't' expects nothing"),
      ("t: { input: x, expect: [] }", "`input` of test 't' is 'x'"),
      ("t: { input: [x], expect: [] }", "a row of `input` of test 't' is 'x'"),
      ("t: { input: [{ at: [1] }], expect: [] }", "'at' is a list"),
      ("t: { input: { inn: [] }, expect: [] }", "`input` of test 't' names 'inn', which is no source"),
      ("t: { input: { in: x }, expect: [] }", "`input` of test 't' for 'in' is 'x'"),
      ("t: { input: [], expect: [{ mean: 1 }] }", "there is no column 'mean'"),
      ("t: { input: [], expect: [], lte: 1 }", "test 't' has no key `lte`"),
      ("t: { input: [], late: some }", "`late` is 'some'"),
    ]
  )
  func aWrongTestIsNamed(text: String, message: String) throws {
    let run = try Self.test(text)
    #expect(run.status == 2 && run.output == "" && run.log.contains(message), "\(run.log)")
  }
}
