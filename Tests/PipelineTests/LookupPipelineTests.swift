import Foundation
import TestSupport
import Testing

/// A stream joined with tables that change slowly, by the real program.
@Suite struct LookupPipelineTests {
  static let file = """
    pipeline: lookups
    dead_letters: letters.jsonl
    tables:
      merchants:
        csv: merchants.csv
        key: id
        valid_from: since
        columns: { id: int64, since: timestamp, category: string, risk: float64? }
      countries:
        csv: countries.csv
        key: code
        columns: { code: string, home: bool, fee: decimal(2) }
    stages:
      in:
        source:
          csv: rows.csv
          time: at
          columns: { id: int64, at: timestamp, merchant: int64, country: string?, amount: decimal(2) }
        compute:
          category: lookup(merchants.category, merchant, at)
      window:
        from: in
        where: category is null or category != 'skipped'
        window:
          key: merchant
          features:
            fees_1h: sum(lookup(countries.fee, country)) over 1h else 0
            abroad_1h: count over 1h where not lookup(countries.home, country)
      score:
        from: window
        score:
          rules:
            risky: { when: "lookup(merchants.risk, merchant, at) > 0.5", weight: 0.5 }
      out:
        from: score
        sink: { stdout: csv, columns: [id, category, fees_1h, abroad_1h, reasons] }
    """

  static let countries: [(code: String, home: Bool, fee: Int)] = [
    ("AT", true, 0), ("CH", false, 125), ("GB", false, 50), ("", false, 999),
  ]

  /// The folder of a run, and what should come out.
  private static func job() throws -> (folder: TemporaryFolder, expected: String) {
    let folder = try TemporaryFolder()
    var random = SeededRandom(seed: 23)
    try folder.write("lookups.yaml", file)
    try folder.write(
      "countries.csv",
      "code,home,fee\n"
        + countries.map { "\"\($0.code)\",\($0.home),\($0.fee / 100).\($0.fee % 100 < 10 ? "0" : "")\($0.fee % 100)\n" }
        .joined()
    )
    struct Version {
      let merchant: Int
      let since: Int
      let category: String
      let risk: Int?
    }
    func time(_ second: Int) -> String {
      func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
      return "2026-03-0\(1 + second / 86400) \(two(second / 3600 % 24)):\(two(second / 60 % 60)):\(two(second % 60))"
    }
    var versions: [Version] = []
    for merchant in 0..<40 {
      for since in Set((0..<3).map { _ in Int.random(in: 0..<50_000, using: &random) }) {
        let category = ["food", "travel", "skipped"].randomElement(using: &random) ?? ""
        let risk = random.chance(oneIn: 4) ? nil : Int.random(in: 0...9, using: &random)
        versions.append(Version(merchant: merchant, since: since, category: category, risk: risk))
      }
    }
    try folder.write(
      "merchants.csv",
      "id,since,category,risk\n"
        + versions.map { "\($0.merchant),\(time($0.since)),\($0.category),\($0.risk.map { "0.\($0)" } ?? "")\n" }
        .joined()
    )
    var rows = "id,at,merchant,country,amount\n"
    var expected = "id,category,fees_1h,abroad_1h,reasons\n"
    var kept: [(second: Int, merchant: Int, country: String?)] = []
    var second = 0
    for id in 0..<8000 {
      second += Int.random(in: 0...12, using: &random)
      let merchant = Int.random(in: 0..<44, using: &random)
      let country = ["AT", "CH", "GB", "XX", "\"\"", ""].randomElement(using: &random) ?? ""
      rows += "\(id),\(time(second)),\(merchant),\(country),1.00\n"
      let holding = versions.filter { $0.merchant == merchant && $0.since <= second }.max { $0.since < $1.since }
      if holding?.category == "skipped" { continue }
      kept.append((second, merchant, country.isEmpty ? nil : country.replacing("\"", with: "")))
      let window = kept.filter { $0.merchant == merchant && $0.second > second - 3600 }
      let found = window.compactMap { row in countries.first { $0.code == row.country } }
      let fees = found.reduce(0) { $0 + $1.fee }
      let reason = holding?.risk ?? 0 > 5 ? "risky" : "\"\""
      expected +=
        "\(id),\(holding?.category ?? ""),\(fees / 100).\(fees % 100 < 10 ? "0" : "")\(fees % 100),"
        + "\(found.count { !$0.home }),\(reason)\n"
    }
    try folder.write("rows.csv", rows)
    return (folder, expected)
  }

  @Test func itIsWhatANaiveJoinGivesForEveryNumberOfWorkers() throws {
    let (folder, expected) = try Self.job()
    for workers in 1...3 {
      for more in [
        [], ["--mode", "micro-batch", "--every", "300 rows"], ["--isolation", "thread", "--batch-rows", "7"],
      ] {
        let stages = ["in", "window", "score"].flatMap { ["--workers", "\($0)=\(workers)"] }
        let run = try Program.run("sluice", ["run", "lookups.yaml"] + stages + more, in: folder)
        #expect(run.status == 0 && Summary(run.log).count("unaccounted for") == 0, "\(run.log)")
        #expect(Data(run.output.utf8).difference(from: Data(expected.utf8)) == nil, "\(workers) workers, \(more)")
      }
    }
  }
}
