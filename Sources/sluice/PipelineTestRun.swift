internal import Foundation
internal import PipelineSpec
internal import Plan

/// One test of a pipeline: a run over its rows, and what of it is not as expected.
struct PipelineTestRun {
  private let test: PipelineTest
  private let path: String

  init(_ test: PipelineTest, of path: String) {
    self.test = test
    self.path = path
  }

  /// What is not as expected, a line each.
  func run() throws -> [String] {
    let folder = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var options = RunOptions()
    options.readsPlainly = true
    options.deadLetters = folder.appending(path: "dead-letters.jsonl").path
    options.keepsAllRows = test.showsAll
    for rows in test.input {
      let file = folder.appending(path: "\(rows.stage ?? "input").csv")
      try Data(Self.csv(rows).utf8).write(to: file)
      options.inputs.append(rows.stage.map { "\($0)=\(file.path)" } ?? file.path)
    }
    // Of a single sink any column can be looked at; several show what they show.
    for rows in test.outputs {
      options.outputs.append(rows.map { "\($0)=\(Self.output($0, folder))" } ?? Self.output(nil, folder))
    }
    let columns = test.expected.flatMap(\.columns)
    options.columns = columns.isEmpty || test.outputs.count > 1 ? nil : columns
    let plan: PipelinePlan
    do throws(PipelineFileError) { plan = try PipelineCompiler.compile(path: path, options: options) } catch {
      return error.description.split(separator: "\n").map(String.init)
    }
    let totals: RowTotals
    do throws(QuietRun.Failure) { totals = try QuietRun(plan, name: "\(plan.name)-test").totals } catch {
      return error.lines
    }
    var problems = counts(totals)
    for expected in test.expected {
      let output = try String(contentsOfFile: Self.output(expected.stage, folder), encoding: .utf8)
      let found = RowComparison.problems(expected.rows, CSVTable(output))
      problems += expected.stage.map { sink in found.map { "\(sink): \($0)" } } ?? found
    }
    if !problems.isEmpty, let letters = try? String(contentsOfFile: plan.deadLetterPath, encoding: .utf8) {
      problems += letters.split(separator: "\n").prefix(5).map { "dead letter: \($0)" }
    }
    return problems
  }

  /// Late rows and dead letters are expected only where the test says so.
  private func counts(_ totals: RowTotals) -> [String] {
    let actual = [("dead_letters", totals.deadLetters), ("late", totals.late), ("filtered", totals.filtered)]
    return actual.compactMap { key, actual in
      let expected = test.counts.first { $0.key == key }?.value
      if key == "filtered" && expected == nil { return nil }
      return actual == expected ?? 0 ? nil : "\(key): \(actual), expected \(expected ?? 0)"
    }
  }

  /// Where a sink writes; nil: the only one.
  private static func output(_ sink: String?, _ folder: URL) -> String {
    folder.appending(path: "\(sink ?? "results").out.csv").path
  }

  /// The rows as a file: a null is an empty field, an empty text a quoted one.
  private static func csv(_ rows: PipelineTest.Rows) -> String {
    let columns = rows.columns
    let lines = rows.rows.map { row in
      columns.map { name in row[name]?.text.map(quoted) ?? "" }.joined(separator: ",")
    }
    return ([columns.map(quoted).joined(separator: ",")] + lines).map { $0 + "\n" }.joined()
  }

  private static func quoted(_ text: String) -> String {
    text.isEmpty || text.contains { ",\"\n\r ".contains($0) } ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
  }
}
