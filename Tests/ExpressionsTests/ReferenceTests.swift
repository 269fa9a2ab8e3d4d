import Expressions
import Foundation
import TestSupport
import Testing

/// The reference is true: it names every function as it is, and its grammar is the parser's.
@Suite struct ReferenceTests {
  static func text(_ path: String) throws -> String {
    try String(contentsOfFile: Repository.path(path), encoding: .utf8)
  }

  @Test func namesEveryFunctionAndNoOther() throws {
    let reference = try Self.text("pipelines/reference/expressions.md")
    let lines = reference.split(separator: "\n").filter { $0.hasPrefix("| `") && $0.contains("(") }
    // The functions stand in the first cell of a line, each between backticks.
    let named = lines.flatMap { line in
      line.split(separator: "|")[0].split(separator: "`").map(String.init).filter { $0.hasSuffix(")") }
    }
    .filter { !$0.hasPrefix("decimal(") }
    #expect(named.sorted() == FunctionFact.all.map(\.usage).sorted())
  }

  @Test(arguments: [
    ("Sources/Expressions/Language/Parser.swift", "expression  = ", "struct Parser"),
    ("Sources/Expressions/Pattern/Pattern.swift", "pattern     = ", "struct Pattern"),
  ])
  func hasTheGrammarOfTheParser(path: String, first: String, end: String) throws {
    let source = try Self.text(path).split(separator: "\n", omittingEmptySubsequences: false)
      .prefix { !$0.contains(end) }.filter { $0.hasPrefix("///     ") }.map { $0.dropFirst(8) }
    let reference = try Self.text("pipelines/reference/expressions.md")
      .split(separator: "\n", omittingEmptySubsequences: false).drop { !$0.hasPrefix(first) }.prefix { $0 != "```" }
    #expect(source == Array(reference))
  }
}
