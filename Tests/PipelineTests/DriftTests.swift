import Foundation
import TestSupport
import Testing

/// Drift by the real program, against numpy and pandas.
@Suite struct DriftTests {
  struct Result: Decodable {
    struct Column: Decodable {
      let name: String
      let psi: Double
    }
    struct Day: Decodable {
      let day: String
      let rows: Int
      let fraudValueRate: Double
      let psi: [Double]
    }
    let columns: [Column]
    let days: [Day]
  }

  static func decode(_ text: String) throws -> Result {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Result.self, from: Data(text.utf8))
  }

  static let pipeline = ReferencePipelineTests.pipeline
  static let days = ["--from", "2018-04-20", "--to", "2018-05-10"]

  @Test(.enabled(if: LiveTests.hasPython))
  func theIndicesAreThoseOfNumpy() throws {
    let folder = try TemporaryFolder()
    let stored = try Program.run(
      "sluice",
      ["drift", Self.pipeline, "--store", "reference.json"] + Self.days,
      in: folder
    )
    try #require(stored.status == 0 && stored.output == "", "\(stored.log)")
    let run = try Program.run(
      "sluice",
      ["drift", Self.pipeline, "--reference", "reference.json", "--from", "2018-05-11", "--format", "json"],
      in: folder
    )
    try #require(run.status == 0, "\(run.log)")
    let drift = try Self.decode(run.output)
    let rows = try Program.run(
      "sluice",
      ["run", Self.pipeline, "--all", "--output", "rows.csv", "--quiet"],
      in: folder
    )
    try #require(rows.status == 0, "\(rows.log)")
    let python = try #require(LiveTests.python, "no Python with pandas could be made")
    let judge = try Program(
      executable: python,
      [
        Repository.path("Tests/PipelineTests/drift.py"), "rows.csv", "2018-04-20", "2018-05-10", "2018-05-11",
        drift.columns.map(\.name).joined(separator: ","),
      ],
      in: folder
    ).finish()
    try #require(judge.status == 0, "\(judge.log)")
    let expected = try Self.decode(judge.output)
    // The score, and what the model reads.
    #expect(drift.columns.count == 16 && drift.columns[0].name == "score")
    #expect(drift.days.map(\.day) == expected.days.map(\.day) && drift.days.count == 26)
    for (actual, expected) in zip(drift.columns, expected.columns) {
      #expect(abs(actual.psi - expected.psi) <= 1e-9, "\(actual.name)")
    }
    for (actual, expected) in zip(drift.days, expected.days) {
      #expect(actual.rows == expected.rows && abs(actual.fraudValueRate - expected.fraudValueRate) <= 1e-9)
      for (place, pair) in zip(actual.psi, expected.psi).enumerated() {
        #expect(abs(pair.0 - pair.1) <= 1e-9, "\(actual.day), \(drift.columns[place].name)")
      }
    }
  }

  @Test func theReferenceItselfHasNotMoved() throws {
    let folder = try TemporaryFolder()
    for options in [["--store", "reference.json"], ["--reference", "reference.json", "--format", "json"]] {
      let run = try Program.run("sluice", ["drift", Self.pipeline] + options + Self.days, in: folder)
      try #require(run.status == 0, "\(run.log)")
      if options.count > 2 { #expect(try Self.decode(run.output).columns.allSatisfy { $0.psi == 0 }) }
    }
    let drift = ["drift", Self.pipeline, "--reference", "reference.json"]
    let some = try Program.run("sluice", drift + ["--columns", "score,tx_amount", "--format", "json"], in: folder)
    #expect(try Self.decode(some.output).columns.map(\.name) == ["score", "tx_amount"])
    let none = try Program.run("sluice", drift + ["--columns", "score,customer_id"], in: folder)
    #expect(none.status == 2 && none.log.contains("'customer_id' is no column of both"), "\(none.log)")
    let text = try Program.run("sluice", drift, in: folder)
    #expect(text.status == 0 && text.output.contains("terminal_risk_7d") && text.output.contains("2018-06-05"))
  }

  @Test func aFileThatIsNoReferenceIsRefused() throws {
    let folder = try TemporaryFolder()
    let stored = try Program.run("sluice", ["drift", Self.pipeline, "--store", "good.json"] + Self.days, in: folder)
    try #require(stored.status == 0, "\(stored.log)")
    let good = try String(contentsOfFile: folder.path("good.json"), encoding: .utf8)
    try folder.write("cut.json", String(good.prefix(good.count / 2)))
    try folder.write("twice.json", good.replacing("\"tx_amount\"", with: "\"score\""))
    try folder.write("other.json", good.replacing("\"name\" : \"", with: "\"name\" : \"other_"))
    let number = try #require(good.range(of: "\"missing\" : 0"))
    try folder.write("negative.json", good.replacingCharacters(in: number, with: "\"missing\" : -5"))
    for (name, message) in [
      ("none.json", "cannot be used"), ("cut.json", "it is not what `sluice drift` stores"),
      ("twice.json", "a column is there twice"), ("negative.json", "are not those of any values"),
      ("other.json", "the reference has no column of"),
    ] {
      let run = try Program.run("sluice", ["drift", Self.pipeline, "--reference", name], in: folder)
      #expect(run.status == 2 && run.output == "" && run.log.contains(message), "\(name): \(run.log)")
    }
    for arguments in [[], ["--store", "a", "--reference", "b"], ["--store", "nowhere/a"]] {
      let run = try Program.run("sluice", ["drift", Self.pipeline] + arguments, in: folder)
      #expect(run.status == 2 && run.output == "", "\(arguments): \(run.log)")
    }
  }
}
