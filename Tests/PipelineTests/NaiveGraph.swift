import Foundation
import TestSupport

/// What the pipeline of `GraphTests` gives, row by row, each window read from the start.
struct NaiveGraph {
  private(set) var out = "id,at,card,amount,large,kind,events,rows\n"
  private(set) var logged = "id,at,card,amount,kind,events\n"
  private(set) var raw = "id,at,card,amount,kind\n"

  /// Columns by name, and where the row stands.
  private struct Row {
    var fields: [String: String]
    let second: Int
    let source: Int
    let record: Int
    var way: [Int] = []

    var place: [Int] { [second, source, record] + way }
    func line(_ names: [String]) -> String { names.map { fields[$0] ?? "" }.joined(separator: ",") + "\n" }
  }

  init(_ folder: TemporaryFolder) throws {
    let payments = try Self.read("payments.csv", 0, folder)
    let logins = try Self.read("logins.csv", 1, folder)
    let large = Self.count("large", 3600, payments.filter { Double($0.fields["amount"] ?? "") ?? 0 > 500 })
    let all = Self.count("events", 3600, Self.merge([payments, logins]))
    for row in Self.count("rows", 600, Self.merge([large, all, payments])) where row.fields["rows"] != "1" {
      out += row.line(["id", "at", "card", "amount", "large", "kind", "events", "rows"])
    }
    for row in all where row.fields["kind"] == "login" {
      logged += row.line(["id", "at", "card", "amount", "kind", "events"])
    }
    for row in Self.merge([payments, logins]) { raw += row.line(["id", "at", "card", "amount", "kind"]) }
  }

  private static func read(_ name: String, _ source: Int, _ folder: TemporaryFolder) throws -> [Row] {
    let text = try String(contentsOf: folder.url.appending(path: name), encoding: .utf8)
    let lines = text.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    var rows: [Row] = []
    var latest = 0
    for (record, values) in lines.dropFirst().enumerated() {
      let fields = Dictionary(zip(lines[0], values)) { $1 }
      let parts = (fields["at"] ?? "").split { "- :".contains($0) }.compactMap { Int($0) }
      let second = parts[2] * 86400 + parts[3] * 3600 + parts[4] * 60 + parts[5]
      let isLate = second < latest
      latest = max(latest, second)
      if isLate || fields["card"] == "none" { continue }
      rows.append(Row(fields: fields, second: second, source: source, record: record))
    }
    return rows
  }

  private static func merge(_ inputs: [[Row]]) -> [Row] {
    inputs.enumerated()
      .flatMap { number, rows in
        rows.map { row in
          var row = row
          row.way.insert(number, at: 0)
          return row
        }
      }
      .sorted { $0.place.lexicographicallyPrecedes($1.place) }
  }

  /// Rows of the same card in so many seconds up to each, itself among them.
  private static func count(_ name: String, _ seconds: Int, _ rows: [Row]) -> [Row] {
    var earlier: [String: [Int]] = [:]
    return rows.map { row in
      var row = row
      let card = row.fields["card"] ?? ""
      earlier[card, default: []].append(row.second)
      row.fields[name] = "\(earlier[card]?.count { $0 > row.second - seconds } ?? 0)"
      return row
    }
  }
}
