import Foundation
import PipelineSpec
import Plan
import Records
import SourceStage
import TestSupport

/// A source as a pipeline file declares it: what its rows are is asked of the file, the compiler and the plan's own coding.
struct DeclaredSource {
  let plan: SourcePlan

  /// What is wrong with a declaration.
  struct Refusal: Error {
    let messages: [String]
  }

  /// - Parameters:
  ///   - source: lines of the source below its input: `time` and `columns`.
  ///   - header: the first line of a CSV file.
  ///   - files: what else stands beside the pipeline file.
  init(
    _ source: String,
    input: String = "csv: in.csv",
    header: String = "",
    files: [String: String] = [:]
  ) throws {
    let folder = try TemporaryFolder()
    for (name, text) in files { try folder.write(name, text) }
    try folder.write("in.csv", header + "\n")
    try folder.write("in.jsonl", "")
    try folder.write("in.pb", "")
    let body = (input + "\n" + source).split(separator: "\n").map { "      \($0)\n" }.joined()
    let path = try folder.write(
      "p.yaml",
      "pipeline: p\nstages:\n  in:\n    source:\n\(body)  out:\n    from: in\n    sink: {stdout: jsonl}\n"
    )
    let pipeline: PipelinePlan
    do throws(PipelineFileError) { pipeline = try PipelineCompiler.compile(path: path) } catch {
      let text = error.description.replacingOccurrences(of: folder.url.path + "/", with: "")
      throw Refusal(messages: text.split(separator: "\n").map(String.init))
    }
    guard case .source(let compiled)? = pipeline.stages.first?.plan.kind else {
      throw Refusal(messages: ["the first stage is no source"])
    }
    var writer = ByteWriter()
    compiled.encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    plan = try SourcePlan(from: &reader)
    precondition(plan == compiled && reader.isAtEnd, "a plan survives its coding")
  }

  /// Reads a CSV file.
  ///
  /// - Parameter source: as above.
  static func run(_ source: String, csv: String) throws -> SourceRun {
    let header = csv.split(separator: "\n", omittingEmptySubsequences: false)[0]
    return try SourceRun(DeclaredSource(source, header: String(header)).plan, Array(csv.utf8))
  }

  static func run(_ source: String, jsonl: String) throws -> SourceRun {
    try SourceRun(json: DeclaredSource(source, input: "jsonl: in.jsonl").plan, Array(jsonl.utf8))
  }

  static func run(_ source: String, messages: [String], format: String) throws -> SourceRun {
    let plan = try DeclaredSource(source, input: "zeromq: tcp://127.0.0.1:5560\nformat: \(format)").plan
    return try SourceRun(messages: messages, plan)
  }
}

extension Value {
  /// Microseconds of a time.
  static func time(_ text: String) -> Value {
    let bytes = Array(text.utf8)
    return Timestamp.parse(bytes.span).map { .int($0) } ?? .null
  }
}
