import Expressions
import Foundation
import Records
import TestSupport
import Testing

/// What `pipelines/reference/windows.md` says is so.
@Suite struct AggregateReferenceTests {
  static let lines = Result {
    try String(contentsOfFile: Repository.path("pipelines/reference/windows.md"), encoding: .utf8)
      .split(separator: "\n").map(String.init)
  }

  /// The cells of the table whose head begins with `head`.
  static func table(_ head: String) throws -> [[String]] {
    try lines.get().drop { !$0.hasPrefix("| \(head) |") }.dropFirst(2).prefix { $0.hasPrefix("|") }.map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }

  static let schema = Schema([
    Field("tx_amount", .decimal(scale: 2)), Field("tx_fraud", .int64), Field("tx_datetime", .timestamp),
  ])

  @Test func theExampleCompiles() throws {
    let features = try Self.lines.get().drop { $0 != "    features:" }.dropFirst().prefix { $0 != "```" }
    #expect(features.count == 5)
    for feature in features {
      let text = try #require(feature.split(separator: ":", maxSplits: 1).last)
      _ = try Aggregate.compile(text.trimmingCharacters(in: .whitespaces), schema: Self.schema)
    }
  }

  @Test func everyFunctionIsThere() throws {
    let described = try Self.table("Function").flatMap { $0[0].split(separator: "`", omittingEmptySubsequences: true) }
      .map { String($0.prefix { $0 != "(" }) }
    for function in AggregateFunction.allCases { #expect(described.contains(function.rawValue), "\(function)") }
  }

  /// The rows of a key that a window holds, by the model that judges the stage.
  @Test func edgesAreAsTheTableSays() throws {
    let hour: Int64 = 3_600_000_000
    let rows = [9, 10, 10, 11].enumerated().map { Row(time: $1 * hour, ordinal: UInt64($0), values: []) }
    let table = try Self.table("Feature")
    #expect(table.count == 7)
    for cells in table {
      let text = cells[0].trimmingCharacters(in: ["`"])
      let feature = try NaiveFeature(Aggregate.compile(text, schema: Self.schema))
      func counted(_ seen: [Row]) -> Value { feature.result(seen).value }
      func said(_ cell: String) throws -> Value {
        .int(try #require(cell.split(separator: " ").last.flatMap { Int64($0) }))
      }
      #expect(try counted(rows) == said(cells[1]), "\(text)")
      #expect(try counted(Array(rows.dropLast())) == said(cells[2]), "\(text)")
    }
  }
}

extension NaiveFeature {
  /// A count of rows.
  fileprivate init(_ aggregate: Aggregate) throws {
    try #require(aggregate.function == .count && aggregate.inputs.isEmpty)
    let newer: Newer =
      switch aggregate.newer {
      case .age(let age): .age(age)
      case .beforeThisRow: .beforeThisRow
      }
    let older: Older =
      switch aggregate.older {
      case .age(let age): .age(age)
      case .rows(let rows): .rows(rows)
      case .unbounded: .unbounded
      }
    self.init(.count, newer: newer, older: older)
  }
}
