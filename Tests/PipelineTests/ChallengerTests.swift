import Foundation
import TestSupport
import Testing

/// Challengers of the reference pipeline, by the real programs: however it is run, they change no byte of its results, and
/// their figures are those of each alone.
@Suite(.serialized) struct ChallengerTests {
  static let stages = ["transactions", "customer", "terminal", "score", "alerts"]
  /// The champion's scoring, as the file has it.
  static let scoring = "      model: " + Repository.path("pipelines/models/card-fraud.json") + "\n"

  /// Three, each as it would stand in a score stage alone.
  static let challengers: [(name: String, text: String)] = [
    (
      "linear",
      """
      model: \(Repository.path("Benchmarks/Models/linear.json"))
      decisions: { review: 0.05 }
      """
    ),
    (
      "fewer_rules",
      """
      model: \(Repository.path("pipelines/models/card-fraud.json"))
      inputs: &inputs [tx_amount, during_weekend, during_night, customer_count_1d, customer_mean_1d, customer_count_7d,
        customer_mean_7d, customer_count_30d, customer_mean_30d, terminal_count_1d, terminal_risk_1d, terminal_count_7d,
        terminal_risk_7d, terminal_count_30d, terminal_risk_30d]
      decisions: { review: 0.5, decline: 0.9 }
      rules:
        very_risky_terminal: { when: terminal_risk_7d >= 0.5 and score > 0.1, decision: decline }
      """
    ),
    (
      "rules-only",
      """
      decisions: { review: 0.4 }
      rules:
        large: { when: tx_amount > 220, weight: 0.5 }
        night: { when: during_night = 1 and tx_amount > 100, weight: 0.3 }
        risky: { when: terminal_risk_7d > 0, weight: 0.2, decision: review }
      """
    ),
  ].map { ($0.0, $0.1.replacing("&inputs ", with: "")) }

  static func indented(_ text: String, by count: Int) -> String {
    text.split(separator: "\n").map { String(repeating: " ", count: count) + $0 + "\n" }.joined()
  }

  /// The reference pipeline with challengers, `extra` among them.
  static func pipeline(in folder: TemporaryFolder, extra: String = "") throws -> String {
    try ScalingTests.pipeline(in: folder) {
      let texts = challengers.map { "        \($0.name):\n" + indented($0.text, by: 10) }.joined() + extra
      return $0.replacing(scoring, with: "      challengers:\n\(texts)\(scoring)")
    }
  }

  /// The reference pipeline that is scored by a challenger alone.
  static func alone(_ text: String, in folder: TemporaryFolder) throws -> String {
    try ScalingTests.pipeline(in: folder) {
      guard let start = $0.range(of: scoring), let end = $0.range(of: "\n  alerts:") else { return "" }
      return $0.replacingCharacters(in: start.lowerBound..<end.lowerBound, with: indented(text, by: 6))
    }
  }

  /// The lines of a summary that are about challengers.
  static func table(_ log: String) -> [String] {
    var lines = log.split(separator: "\n").map(String.init)
    lines = Array(lines.drop { !$0.hasPrefix("  challenger ") })
    return Array(lines.prefix { !$0.hasPrefix("  memory") })
  }

  /// What nothing disturbed gives.
  struct Undisturbed {
    let output: String
    let totals: [String: String]
    let table: [String]
  }

  static let options = ["--all", "--format", "csv"]
  static let expected = Result {
    let folder = try TemporaryFolder()
    let plain = try Program.run("sluice", ["run", ReferencePipelineTests.pipeline] + options, in: folder)
    let run = try Program.run("sluice", ["run", pipeline(in: folder)] + options, in: folder)
    try #require(plain.status == 0 && run.status == 0, "\(run.log)")
    #expect(run.output.utf8.count == plain.output.utf8.count && run.output == plain.output)
    #expect(Summary(run.log).totals == Summary(plain.log).totals)
    return Undisturbed(output: plain.output, totals: Summary(plain.log).totals, table: table(run.log))
  }

  @Test func theirFiguresAreThoseOfEachAlone() throws {
    let table = try Self.expected.get().table
    #expect(table.count == 2 + Self.challengers.count, "\(table)")
    let folder = try TemporaryFolder()
    func decisions(_ path: String, _ columns: String) throws -> [[Substring]] {
      let options = ["run", path, "--all", "--format", "csv", "--columns", columns, "--quiet"]
      let run = try Program.run("sluice", options, in: folder)
      try #require(run.status == 0, "\(run.log)")
      return run.output.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
    }
    let champion = try decisions(ReferencePipelineTests.pipeline, "tx_fraud,decision,score")
    let names = Self.challengers.flatMap { ["\($0.name).decision", "\($0.name).score"] }.joined(separator: ",")
    let shown = try decisions(Self.pipeline(in: folder), names)
    for (place, challenger) in Self.challengers.enumerated() {
      let path = try Self.alone(challenger.text, in: folder)
      let run = try Program.run("sluice", ["run", path, "--output", "out.csv"], in: folder)
      #expect(run.status == 0, "\(run.log)")
      let summary = Summary(run.log)
      let quality = ["AUC ROC", "average precision", "card precision@100"].map { summary.totals[$0] ?? "?" }
      let alone = try decisions(path, "tx_fraud,decision,score")
      // Row by row, what it says as a challenger.
      #expect(alone.map { $0.dropFirst() } == shown.map { $0[(2 * place)..<(2 * place + 2)] }, "\(challenger.name)")
      let pairs = zip(champion, alone)
      func count(_ isCounted: (Bool, Bool) -> Bool) -> String {
        let rows = pairs.filter { isCounted($0[1] != "approve", $1[1] != "approve") }
        return
          "\(rows.count.formatted(.number.locale(.init(identifier: "en")))) (\(rows.count { $0.0[0] == "1" }) fraud)"
      }
      let same = Double(pairs.count { $0[1] == $1[1] }) / Double(champion.count) * 100
      let percent = String(format: "%.2f%%", same)
      let expected = [challenger.name] + quality + [percent, count { !$0 && $1 }, count { $0 && !$1 }]
      let words = expected.joined(separator: " ")
      #expect(table[place + 2].split(separator: " ").joined(separator: " ") == words)
    }
  }

  @Test(
    arguments: [
      .init(3, 7, ScalingTests.rows), .init([2, 1, 3, 2, 1], 1000, threads: true), .init([1, 2, 1, 3, 2], 65536),
      .init(1, 1000, "500ms"), .init([1, 1, 1, 1, 3], 7, threads: true),
    ] as [ScalingTests.Combination]
  )
  func theyChangeNoByteHoweverItIsRun(combination: ScalingTests.Combination) throws {
    let expected = try Self.expected.get()
    let folder = try TemporaryFolder()
    let options = ["run", try Self.pipeline(in: folder)] + Self.options + combination.options
    let run = try Program.run("sluice", options, in: folder)
    #expect(run.output.utf8.count == expected.output.utf8.count && run.output == expected.output)
    #expect(Summary(run.log).totals == expected.totals)
    #expect(Self.table(run.log) == expected.table)
  }

  @Test(arguments: ["jsonl", "csv", "table"]) func theyChangeNoByteOfAnyFormat(format: String) throws {
    let folder = try TemporaryFolder()
    let options = ["--limit", "20000", "--format", format, "--quiet"]
    let plain = try Program.run("sluice", ["run", ReferencePipelineTests.pipeline] + options, in: folder)
    let run = try Program.run("sluice", ["run", Self.pipeline(in: folder)] + options, in: folder)
    #expect(run.status == 0 && run.output == plain.output && run.log.isEmpty)
  }

  @Test func killsAndOtherNumbersOfWorkersChangeNothing() throws {
    let expected = try Self.expected.get()
    for seed in Seeds.range(3) {
      var random = SeededRandom(seed: seed)
      var options = Self.options + ["--output", "out.csv", "--checkpoint-every", "50ms", "--attempts", "20"]
      options += ["--speed", "5000000x"]
      if random.chance(oneIn: 2) { options += ["--mode", "micro-batch", "--every", "10000 rows"] }
      let folder = try TemporaryFolder()
      let run = try RecoverableRun(options, of: Self.pipeline(in: folder), in: folder)
      let outcome = try run.disturbed(Self.stages, &random)
      let facts: Comment = "seed \(seed), \(options): \(outcome.log)"
      #expect(outcome.status == 0, facts)
      #expect(run.results == Data(expected.output.utf8), facts)
      #expect(Summary(outcome.log).totals == expected.totals, facts)
      #expect(Self.table(outcome.log) == expected.table, facts)
    }
  }

  /// Its columns stay, and are empty, so that nothing else waits for it.
  @Test func oneThatCannotBeLoadedIsLeftOutWithAWarning() throws {
    let expected = try Self.expected.get()
    let folder = try TemporaryFolder()
    let whole = try Data(contentsOf: URL(filePath: Repository.path("pipelines/models/card-fraud.json")))
    try whole.prefix(whole.count / 2).write(to: folder.url.appending(path: "half.json"))
    let extra = "        broken:\n          model: half.json\n        absent: { model: nowhere.json }\n"
    let path = try Self.pipeline(in: folder, extra: extra)
    let run = try Program.run("sluice", ["run", path] + Self.options, in: folder)
    #expect(run.status == 0 && run.output == expected.output)
    #expect(run.log.contains("warning: challenger 'broken' is left out: model 'half.json': "), "\(run.log)")
    #expect(run.log.contains("warning: challenger 'absent' is left out: model 'nowhere.json': "), "\(run.log)")
    func words(_ table: [String]) -> [[Substring]] { table.map { $0.split(separator: " ") } }
    let nothing = Array(repeating: "-" as Substring, count: 6)
    #expect(words(Self.table(run.log)) == words(expected.table) + [["broken"] + nothing, ["absent"] + nothing])
    let shown = ["run", path, "--all", "--limit", "1", "--columns", "broken.score,absent.decision", "--quiet"]
    #expect(
      try Program.run("sluice", shown, in: folder).output == #"{"broken.score":null,"absent.decision":null}"# + "\n"
    )
    let check = try Program.run("sluice", ["check", path], in: folder)
    #expect(check.status == 0 && check.output.contains("is fine, with 2 warnings"), "\(check.output)")
    #expect(check.log.contains("challenger 'broken' is left out"))
  }

  /// Challengers come and go while the pipeline runs; one that fails delays nobody.
  @Test func theyComeAndGoWhileItRuns() throws {
    let folder = try TemporaryFolder()
    let name = "challenged-\(folder.url.lastPathComponent.suffix(8).lowercased())"
    func version(_ number: Int, _ path: String) throws -> String {
      let text = try String(contentsOfFile: path, encoding: .utf8).components(separatedBy: "\ntests:")[0]
        .replacing("pipeline: card-fraud", with: "pipeline: \(name)\nversion: v\(number)")
      return try folder.write("v\(number).yaml", text + "\n")
    }
    let plain = try ScalingTests.pipeline(in: folder) { $0 }
    let first = try version(1, plain)
    let second = try version(2, Self.pipeline(in: folder, extra: "        absent: { model: nowhere.json }\n"))
    let third = try version(3, ScalingTests.pipeline(in: folder) { $0 })
    let undisturbed = try Program.run("sluice", ["run", first] + Self.options, in: folder)
    let run = try Program(
      "sluice",
      ["run", first] + ApplyTests.paced + Self.options + ["--workers", "alerts=2", "--workers", "score=2"],
      in: folder,
      redirections: ">out.csv"
    )
    for path in [second, third] {
      let size = FileGrowth.size(of: folder.path("out.csv"))
      run.wait { FileGrowth.size(of: folder.path("out.csv")) > size }
      let outcome = try Program.run("sluice", ["apply", path], in: folder)
      #expect(outcome.status == 0, "\(outcome.log)")
      #expect(outcome.log.contains("challenger 'absent' is left out") == (path == second), "\(outcome.log)")
    }
    let end = run.finish()
    #expect(end.status == 0 && Summary(end.log).count("unaccounted for") == 0, "\(end.log)")
    // Nothing but the version differs.
    func rows(_ text: String) -> [Substring] { text.split(separator: "\n").map { $0.dropLast(2) } }
    let results = try String(contentsOfFile: folder.path("out.csv"), encoding: .utf8)
    let isSame = rows(results) == rows(undisturbed.output)
    #expect(isSame)
    #expect(results.contains(",v2\n") && results.contains(",v3\n"))
    #expect(Self.table(end.log).isEmpty)
  }
}
