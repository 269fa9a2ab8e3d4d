import Foundation
import TestSupport
import Testing

/// Backtests by the real program, against scikit-learn and pandas, and against what a run flags.
@Suite struct BacktestTests {
  static let data = Repository.path("datasets/card-transactions.csv")
  static let columns = "transaction_id,tx_datetime,customer_id,tx_amount,tx_fraud,score,decision,reasons"

  /// What `--format json` says of each pipeline, and of what differs.
  struct Result: Decodable {
    struct Change: Decodable, Equatable {
      var rows = 0
      var frauds = 0
    }
    struct Reason: Decodable {
      let reason: String
      let new: Change
      let newlyFlagged: Change?
      let noLongerFlagged: Change?
    }
    struct Day: Decodable {
      let day: String
      let newlyFlagged: Change
      let noLongerFlagged: Change
    }
    struct Pipeline: Decodable {
      struct Labelled: Decodable {
        let frauds: Int
        let caught: Int
        let caughtValue: Double
      }
      let rows: Int
      let rowsBefore: Int
      let rowsOfKnownCards: Int
      let flagged: Int
      let labelled: Labelled
      let aucRoc: Double
      let averagePrecision: Double
      let cardPrecision: Double?
      let cost: Double
      let bestCost: Double
    }

    let pipelines: [Pipeline]
    let reasons: [Reason]
    let days: [Day]
    let newlyFlagged: Change?
    let noLongerFlagged: Change?
  }

  static func backtest(_ arguments: [String], in folder: TemporaryFolder) throws -> Result {
    let run = try Program.run("sluice", ["backtest"] + arguments + ["--format", "json"], in: folder)
    try #require(run.status == 0, "\(run.log)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Result.self, from: Data(run.output.utf8))
  }

  /// Every row of a run, with its score and decision.
  static func rows(_ pipeline: String, _ input: String, in folder: TemporaryFolder, to name: String) throws {
    let run = try Program.run(
      "sluice",
      ["run", pipeline, "--input", input, "--all", "--output", name, "--columns", columns, "--quiet"],
      in: folder
    )
    try #require(run.status == 0, "\(run.log)")
  }

  /// Other thresholds and other rules.
  static func challenger(in folder: TemporaryFolder) throws -> String {
    var text = try String(contentsOfFile: ReferencePipelineTests.pipeline, encoding: .utf8)
    for (old, new) in [
      ("review: 0.5", "review: 0.3"), ("tx_amount > 220", "tx_amount > 200"), ("risky_terminal: ", "terminal: "),
      ("../datasets", Repository.path("datasets")), ("models/card", Repository.path("pipelines/models/card")),
      ("terminal_risk_7d >= 0.25", "{ when: terminal_risk_7d >= 0.4, decision: review }"),
    ] {
      try #require(text.contains(old))
      text.replace(old, with: new)
    }
    return try folder.write("challenger.yaml", text)
  }

  // MARK: The judge

  /// What pandas and scikit-learn say.
  struct Judgement: Decodable {
    let rows: Int
    let frauds: Int
    let flagged: Int
    let caught: Int
    let caughtValue: Double
    let aucRoc: Double
    let averagePrecision: Double
    let cardPrecision: Double
    let cost: Double
    let bestCost: Double
  }

  static func judge(_ arguments: [String], in folder: TemporaryFolder) throws -> Judgement {
    let python = try #require(LiveTests.python, "no Python with scikit-learn could be made")
    let script = Repository.path("Tests/PipelineTests/rate.py")
    let run = try Program(executable: python, [script] + arguments, in: folder).finish()
    try #require(run.status == 0, "\(run.log)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Judgement.self, from: Data(run.output.utf8))
  }

  static func compare(_ pipeline: Result.Pipeline, _ judgement: Judgement) {
    #expect(pipeline.rows == judgement.rows && pipeline.flagged == judgement.flagged)
    #expect(pipeline.labelled.frauds == judgement.frauds && pipeline.labelled.caught == judgement.caught)
    for (actual, expected, what) in [
      (pipeline.aucRoc, judgement.aucRoc, "AUC ROC"),
      (pipeline.averagePrecision, judgement.averagePrecision, "average precision"),
      (pipeline.cardPrecision ?? -1, judgement.cardPrecision, "card precision@100"),
    ] {
      #expect(abs(actual - expected) <= 1e-9, "\(what): \(actual), scikit-learn \(expected)")
    }
    // Python sums amounts as floating-point numbers.
    for (actual, expected, what) in [
      (pipeline.labelled.caughtValue, judgement.caughtValue, "value caught"), (pipeline.cost, judgement.cost, "cost"),
      (pipeline.bestCost, judgement.bestCost, "least cost"),
    ] {
      #expect(abs(actual - expected) <= 1e-4, "\(what): \(actual), pandas \(expected)")
    }
  }

  @Test(.enabled(if: LiveTests.hasPython))
  func theFiguresAreThoseOfScikitLearn() throws {
    let folder = try TemporaryFolder()
    try Self.rows(ReferencePipelineTests.pipeline, Self.data, in: folder, to: "rows.csv")
    for (days, known) in [
      (["2018-04-01", "2018-06-05"], nil), (["2018-05-01", "2018-05-07"], nil),
      (["2018-05-01", "2018-05-07"], (delay: "7", from: "2018-04-17")),
      (["2018-04-15", "2018-06-05"], (delay: "2", from: "2018-04-01")),
    ] {
      var options = ["--from", days[0], "--to", days[1], "--review-cost", "12.5"]
      if let known { options += ["--known-after", "\(known.delay)d", "--known-from", known.from] }
      let result = try Self.backtest([ReferencePipelineTests.pipeline, "--input", Self.data] + options, in: folder)
      let judgement = try Self.judge(
        ["rows.csv"] + days + [known?.delay ?? "-", known?.from ?? days[0], "12.5"],
        in: folder
      )
      Self.compare(result.pipelines[0], judgement)
      #expect((result.pipelines[0].rowsOfKnownCards > 0) == (known != nil))
    }
  }

  /// The protocol of the Fraud Detection Handbook on its own data: seven days of training, seven until labels are known, seven
  /// of test.
  @Test(.enabled(if: Repository.handbook != nil && LiveTests.hasPython))
  func theHandbooksProtocolGivesTheHandbooksFigures() throws {
    let handbook = try #require(Repository.handbook)
    let folder = try TemporaryFolder()
    let packed = handbook.appending(path: "transactions-75d.csv.gz")
    try HandbookTests.unpack(packed, to: folder.url.appending(path: "history.csv"))
    try Self.rows(ReferencePipelineTests.pipeline, "history.csv", in: folder, to: "rows.csv")
    for (train, first, last) in [
      ("2018-05-02", "2018-05-16", "2018-05-22"), ("2018-05-23", "2018-06-06", "2018-06-12"),
    ] {
      let result = try Self.backtest(
        [
          ReferencePipelineTests.pipeline, "--input", "history.csv", "--from", first, "--to", last, "--known-after",
          "7d",
          "--known-from", train,
        ],
        in: folder
      )
      let judgement = try Self.judge(["rows.csv", first, last, "7", train, "10"], in: folder)
      Self.compare(result.pipelines[0], judgement)
      #expect(judgement.rows > 50_000)
    }
  }

  // MARK: Two pipelines

  /// The rows of a file by their transactions.
  static func table(_ name: String, in folder: TemporaryFolder) throws -> [String: [String: String]] {
    let lines = try String(contentsOfFile: folder.path(name), encoding: .utf8).split(separator: "\n")
    let names = lines[0].split(separator: ",").map(String.init)
    return Dictionary(
      uniqueKeysWithValues: lines.dropFirst().map { line in
        let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        return (fields[0], Dictionary(uniqueKeysWithValues: zip(names, fields)))
      }
    )
  }

  @Test func whatIsNewlyFlaggedIsWhatTheTwoRunsDifferIn() throws {
    let folder = try TemporaryFolder()
    let challenger = try Self.challenger(in: folder)
    try Self.rows(ReferencePipelineTests.pipeline, Self.data, in: folder, to: "old.csv")
    try Self.rows(challenger, Self.data, in: folder, to: "new.csv")
    let result = try Self.backtest(
      [ReferencePipelineTests.pipeline, challenger, "--from", "2018-05-01", "--report", "report.html"],
      in: folder
    )
    let (old, new) = (try Self.table("old.csv", in: folder), try Self.table("new.csv", in: folder))
    var (newly, gone) = (Result.Change(), Result.Change())
    var byDay: [String: Int] = [:]
    var byReason: [String: Int] = [:]
    for (id, row) in new where row["tx_datetime"] ?? "" >= "2018-05-01" {
      let isFraud = row["tx_fraud"] == "1"
      let (was, isNow) = (old[id]?["decision"] != "approve", row["decision"] != "approve")
      if isNow && !was {
        newly.rows += 1
        newly.frauds += isFraud ? 1 : 0
        byDay[String((row["tx_datetime"] ?? "").prefix(10)), default: 0] += 1
        let reasons = (row["reasons"] ?? "").replacing("\"", with: "").split(separator: ";").map(String.init)
        for reason in reasons.isEmpty ? [""] : reasons { byReason[reason, default: 0] += 1 }
      } else if was && !isNow {
        gone.rows += 1
        gone.frauds += isFraud ? 1 : 0
      }
    }
    #expect(newly.rows > 0 && byReason.count > 1)
    #expect(result.newlyFlagged == newly && result.noLongerFlagged == gone)
    for day in result.days { #expect(day.newlyFlagged.rows == byDay[day.day] ?? 0, "\(day.day)") }
    for reason in result.reasons {
      #expect(reason.newlyFlagged?.rows == byReason[reason.reason] ?? 0, "\(reason.reason)")
    }
    #expect(result.pipelines.allSatisfy { $0.rowsBefore > 20_000 })
    let page = try String(contentsOfFile: folder.path("report.html"), encoding: .utf8)
    #expect(page.contains("challenger.yaml"))
  }

  @Test func aRowThatTakesMoreWaysIsStillTheSameRow() throws {
    let folder = try TemporaryFolder()
    let pipeline = { (from: String, stages: String) in
      """
      pipeline: ways
      stages:
        in:
          source:
            csv: in.csv
            time: at
            columns: { id: int64, at: timestamp, fraud: int64, amount: int64 }
      \(stages)
        rate:
          from: \(from)
          score: { decisions: { review: 0.5 }, rules: { large: { when: amount > 10, weight: 0.7 } } }
        out:
          from: rate
          sink: { stdout: jsonl, evaluate: { label: fraud, amount: amount } }
      """
    }
    let days = (0..<50).map { "\($0),2026-01-01 00:00:\($0 < 10 ? "0" : "")\($0),\($0 % 2),\($0)" }
    try folder.write("in.csv", (["id,at,fraud,amount"] + days).joined(separator: "\n") + "\n")
    let plain = try folder.write("plain.yaml", pipeline("in", ""))
    let branches = try folder.write(
      "branches.yaml",
      pipeline(
        "[odd, even]",
        [("odd", 1), ("even", 0)].map { name, rest in
          "  \(name): { from: in, where: id % 2 = \(rest), window: { key: id, features: { times: count over 1d } } }"
        }.joined(separator: "\n")
      )
    )
    let result = try Self.backtest([plain, branches], in: folder)
    #expect(result.newlyFlagged == Result.Change() && result.noLongerFlagged == Result.Change())
    #expect(result.pipelines.allSatisfy { $0.rows == 50 && $0.flagged == 39 })
  }

  @Test func sourcesAreTheSameByTheirNames() throws {
    let folder = try TemporaryFolder()
    let pipeline = { (first: String, second: String) in
      let sources = [first, second].map { name in
        """
          \(name):
            source: { csv: \(name).csv, time: at, columns: { at: timestamp, fraud: int64, amount: int64 } }

        """
      }
      return """
        pipeline: sources
        stages:
        \(sources.joined())  rate:
            from: [\(first), \(second)]
            score: { decisions: { review: 0.5 }, rules: { large: { when: amount > 10, weight: 0.7 } } }
          out:
            from: rate
            sink: { stdout: jsonl, evaluate: { label: fraud, amount: amount } }
        """
    }
    for (name, step) in [("shops", 1), ("web", 3)] {
      // Often the same time in both.
      let rows = (0..<40).map { "2026-01-01 00:00:\($0 / 4 + 10),\($0 % 2),\($0 * step % 23)" }
      try folder.write("\(name).csv", (["at,fraud,amount"] + rows).joined(separator: "\n") + "\n")
    }
    let one = try folder.write("one.yaml", pipeline("shops", "web"))
    let other = try folder.write("other.yaml", pipeline("web", "shops"))
    let result = try Self.backtest([one, other], in: folder)
    #expect(result.newlyFlagged == Result.Change() && result.noLongerFlagged == Result.Change())
    #expect(result.pipelines.allSatisfy { $0.rows == 80 } && result.pipelines[0].flagged > 20)
  }

  // MARK: Mistakes

  @Test func whatCannotBeRatedIsSaidBeforeAnythingStarts() throws {
    let folder = try TemporaryFolder()
    let text = try String(contentsOfFile: ReferencePipelineTests.pipeline, encoding: .utf8)
    func variant(_ name: String, _ old: String, _ new: String) throws -> String {
      try #require(text.contains(old))
      let changed = text.replacing(old, with: new).replacing("../datasets", with: Repository.path("datasets"))
        .replacing("models/card", with: Repository.path("pipelines/models/card"))
      return try folder.write(
        name,
        String(changed.prefix(upTo: changed.range(of: "\ntests:")?.lowerBound ?? changed.endIndex))
      )
    }
    let evaluation = "\n      evaluate:\n        label: tx_fraud\n        card: customer_id\n        amount: tx_amount"
    let unlabelled = try variant("unlabelled.yaml", evaluation, "")
    let cardless = try variant("cardless.yaml", "\n        card: customer_id", "")
    let live = try variant(
      "live.yaml",
      "csv: ../datasets/card-transactions.csv",
      "zeromq: ipc://\(folder.path("live"))"
    )
    let wrong = try variant("wrong.yaml", "amount: tx_amount", "amount: tx_datetime")
    let reference = ReferencePipelineTests.pipeline
    for (arguments, message) in [
      (
        [unlabelled],
        "no sink says what was fraud; name the columns there: "
          + "`evaluate: {label: tx_fraud, card: customer_id, amount: tx_amount}`"
      ),
      (
        [cardless, "--known-after", "7d"],
        "--known-after blocks cards, and the sink names none; add `card: customer_id`"
      ),
      ([live], "the source is live; give its history with --input FILE"),
      ([wrong], "'tx_datetime' is timestamp"),
      ([reference, "--sink", "score"], "there is no sink 'score'; name one of: alerts"),
      ([reference, "--report", "nowhere/report.html"], "cannot write the report to 'nowhere/report.html'"),
      ([reference, reference, reference], "Give one pipeline, or two: the old one and the new one."),
      ([reference, reference, "--input", "-"], "Two pipelines cannot both read stdin: give --input a file."),
      ([reference, "--from", "2018-05-02", "--to", "2018-05-01"], "--from is behind --to."),
      ([reference, "--from", "yesterday"], "yyyy-mm-dd"),
      ([reference, "--known-from", "2018-05-02"], "give --known-after, as in 7d."),
      ([reference, "--known-after", "36h"], "known-after"),
      ([reference, "--review-cost", "-1"], "review-cost"),
      ([reference, "--k", "0"], "--k counts cards: give it 1 to 1000000."),
    ] {
      let run = try Program.run("sluice", ["backtest"] + arguments, in: folder)
      #expect(run.status == 2 && run.output == "", "\(arguments)")
      #expect(run.log.contains(message), "\(run.log)")
    }
    let empty = try Program.run("sluice", ["backtest", reference, "--from", "2030-01-01"], in: folder)
    #expect(empty.status == 1 && empty.log.contains("no row of the history is rated"), "\(empty.log)")
  }

  @Test func nothingThatTheFileNamesIsWritten() throws {
    let folder = try TemporaryFolder()
    try folder.write("in.csv", "at,fraud,amount\n2026-01-01 00:00:00,1,5\nnever,0,7\n2026-01-01 00:00:01,0,9\n")
    let pipeline = try folder.write(
      "p.yaml",
      """
      pipeline: quiet
      dead_letters: letters.jsonl
      stages:
        in:
          source: { csv: in.csv, time: at, columns: { at: timestamp, fraud: int64, amount: int64 } }
        rate:
          from: in
          score: { decisions: { review: 0.5 }, rules: { large: { when: amount > 6, weight: 0.7 } } }
        out:
          from: rate
          where: decision = 'review'
          sink: { file: out.jsonl, evaluate: { label: fraud, amount: amount } }
        copy:
          from: in
          sink: { file: copy.jsonl }
      """
    )
    let run = try Program.run("sluice", ["backtest", pipeline], in: folder)
    #expect(run.status == 0, "\(run.log)")
    #expect(run.log.contains("1 row could not be read and is not rated"), "\(run.log)")
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    #expect(left == ["in.csv", "p.yaml"])
  }
}
