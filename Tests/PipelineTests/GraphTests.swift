import Foundation
import TestSupport
import Testing

/// Pipelines that are graphs: two sources, a stage that two others read, rows that come to a stage by two ways, three sinks.
@Suite(.serialized) struct GraphTests {
  static let file = """
    pipeline: graph
    dead_letters: letters.jsonl
    stages:
      payments:
        source:
          csv: payments.csv
          time: at
          columns: {id: int64, at: timestamp, card: int64, amount: decimal(2)}
      logins:
        source:
          csv: logins.csv
          time: at
          columns: {at: timestamp, card: int64, kind: string}
      large:
        from: payments
        where: amount > 500
        window: {key: card, features: {large: count over 1h}}
      all:
        from: [payments, logins]
        window: {key: card, features: {events: count over 1h}}
      both:
        from: [large, all, payments]
        window: {key: card, features: {rows: count over 10m}}
      out:
        from: both
        where: rows > 1
        sink: {stdout: csv}
      logged:
        from: all
        where: kind = 'login'
        sink: {file: logged.csv}
      raw:
        from: [payments, logins]
        sink: {file: raw.csv}
    """
  static let rows = 6000

  /// The folder of a run with the inputs of all of them.
  static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("graph.yaml", file)
    var random = SeededRandom(seed: 11)
    func text(_ second: Int) -> String {
      func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
      return "2018-04-0\(1 + second / 86400) \(two(second / 3600 % 24)):\(two(second / 60 % 60)):\(two(second % 60))"
    }
    var payments = "id,at,card,amount\n"
    var second = 0
    for id in 0..<rows {
      second += [0, 0, 1, 2, 5].randomElement(using: &random) ?? 0
      let time = random.chance(oneIn: 100) ? max(second - 20, 0) : second
      let card = random.chance(oneIn: 300) ? "none" : "\(Int.random(in: 0..<100, using: &random))"
      payments += "\(id),\(text(time)),\(card),\(Int.random(in: 0...999, using: &random)).25\n"
    }
    var logins = "at,card,kind\n"
    second = 0
    // The other source ends long before.
    for _ in 0..<rows / 20 {
      second += [0, 1, 10, 30].randomElement(using: &random) ?? 0
      logins +=
        "\(text(second)),\(Int.random(in: 0..<100, using: &random)),\(random.chance(oneIn: 2) ? "login" : "change")\n"
    }
    try folder.write("payments.csv", payments)
    try folder.write("logins.csv", logins)
    return folder
  }

  static let outputs = ["out.csv", "logged.csv", "raw.csv"]
  static let printing = ["--output", "out=out.csv"]

  static func contents(_ folder: TemporaryFolder) -> [Data] {
    outputs.map { (try? Data(contentsOf: folder.url.appending(path: $0))) ?? Data() }
  }

  /// What one worker a stage gives, and what the summary says.
  static let undisturbed = Result { () -> (results: [Data], totals: [String: String]) in
    let folder = try Self.folder()
    let run = try Program.run("sluice", ["run", "graph.yaml"] + printing, in: folder)
    try #require(run.status == 0, "\(run.log)")
    return (contents(folder), Summary(run.log).totals)
  }

  @Test func resultsAreThoseOfANaiveEvaluation() throws {
    let folder = try Self.folder()
    let run = try Program.run("sluice", ["run", "graph.yaml"], in: folder)
    #expect(run.status == 0 && Summary(run.log).count("unaccounted for") == 0, "\(run.log)")
    let expected = try NaiveGraph(folder)
    #expect(Data(run.output.utf8).difference(from: Data(expected.out.utf8)) == nil)
    let results = Self.contents(folder)
    #expect(results[1].difference(from: Data(expected.logged.utf8)) == nil)
    #expect(results[2].difference(from: Data(expected.raw.utf8)) == nil)
  }

  static let ways: [[String]] = [
    ["--batch-rows", "7"], ["--isolation", "thread"], ["--mode", "micro-batch", "--every", "300 rows"],
    ["--mode", "micro-batch", "--every", "20ms", "--isolation", "thread"],
    ["--workers", "payments=2", "--workers", "all=3", "--workers", "both=2", "--workers", "out=2"],
    [
      "--workers", "logins=2", "--workers", "large=3", "--workers", "raw=2", "--workers", "logged=3", "--batch-rows",
      "9",
    ],
    [
      "--workers", "payments=3", "--workers", "logins=3", "--workers", "large=2", "--workers", "all=2", "--workers",
      "both=3", "--mode", "micro-batch", "--every", "100 rows", "--isolation", "thread",
    ],
  ]

  @Test(arguments: ways.indices, [false, true])
  func everyWayToRunItGivesTheSameBytes(way: Int, hasCheckpoints: Bool) throws {
    let folder = try Self.folder()
    let saving = hasCheckpoints ? ["--checkpoints", "checkpoints", "--checkpoint-every", "5ms"] : []
    let arguments = ["run", "graph.yaml"] + Self.printing + Self.ways[way] + saving
    let run = try Program.run("sluice", arguments, in: folder)
    let expected = try Self.undisturbed.get()
    #expect(run.status == 0, "\(run.log)")
    for (actual, right) in zip(Self.contents(folder), expected.results) {
      #expect(actual.difference(from: right) == nil, "\(run.log)")
    }
    #expect(Summary(run.log).totals == expected.totals, "\(run.log)")
  }

  /// Several sources are cut at one time, and one of them is at its end most of the time.
  @Test func killsAndInterruptsChangeNothing() throws {
    let expected = try Self.undisturbed.get()
    for seed in 0..<4 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      var options = Self.printing + ["--speed", "10000x", "--checkpoint-every", "20ms", "--attempts", "20"]
      if random.chance(oneIn: 2) { options += ["--mode", "micro-batch", "--every", "200 rows"] }
      let run = try RecoverableRun(options, of: "graph.yaml", in: Self.folder())
      let outcome = try run.disturbed(["payments", "logins", "all", "both", "out", "raw"], &random)
      #expect(outcome.status == 0, "seed \(seed): \(outcome.log)")
      for (actual, right) in zip(Self.contents(run.folder), expected.results) {
        #expect(actual.difference(from: right) == nil, "seed \(seed), \(options): \(outcome.log)")
      }
      #expect(Summary(outcome.log).totals == expected.totals, "seed \(seed): \(outcome.log)")
    }
  }

  @Test func optionsNameSourcesAndSinks() throws {
    let folder = try Self.folder()
    try FileManager.default.moveItem(atPath: folder.path("logins.csv"), toPath: folder.path("other.csv"))
    let options = ["run", "graph.yaml", "--input", "logins=other.csv", "--output", "raw=more.csv"]
    let run = try Program.run("sluice", options + Self.printing, in: folder)
    #expect(run.status == 0, "\(run.log)")
    let expected = try Self.undisturbed.get().results[2]
    #expect(try Data(contentsOf: folder.url.appending(path: "more.csv")).difference(from: expected) == nil)
    let wrong = try Program.run("sluice", options + ["--output", "row=x.csv", "--input", "x.csv"], in: folder)
    #expect(wrong.status == 2)
    #expect(wrong.log.contains("--output 'row=x.csv' names none of the 3 sinks; did you mean 'raw'?"), "\(wrong.log)")
    #expect(
      wrong.log.contains(
        "--input 'x.csv' names none of the 2 sources; write --input NAME=PATH with one of: payments, logins"
      ),
      "\(wrong.log)"
    )
  }
}
