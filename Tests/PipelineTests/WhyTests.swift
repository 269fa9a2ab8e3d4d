import Foundation
import TestSupport
import Testing

/// `sluice why`: rows, rules and scores, what it says of them, and what it cannot explain.
@Suite struct WhyTests {
  static let small = """
    pipeline: small
    version: 2026-11
    stages:
      in:
        source:
          csv: history.csv
          time: at
          columns: { id: int64, at: timestamp, card: string, amount: decimal(2) }
      window:
        from: in
        where: amount > 1
        window:
          key: card
          features: { count_1d: count over 1d, first: first(amount) over 1d where amount < 50 }
      score:
        from: window
        score:
          match: MATCH
          decisions: { review: 0.2, decline: 0.7 }
          rules:
            often: { when: count_1d >= 2, weight: 0.5, reason: often }
            much: { when: amount > 100, weight: 0.5, decision: review }
            never: { when: amount < 0, weight: 0.1 }
      out:
        from: score
        where: decision != 'approve'
        sink: { file: /nowhere/there/results.jsonl }
    """

  static func small(_ match: String = "all") throws -> (path: String, folder: TemporaryFolder) {
    let folder = try TemporaryFolder()
    _ = try folder.write(
      "history.csv",
      """
      id,at,card,amount
      1,2026-03-01 10:00:00,it's,10.00
      2,2026-03-01 11:00:00,it's,200.00
      3,2026-03-01 11:00:00,other,0.50
      4,2026-03-01 12:00:00,other,20.00
      2,2026-03-01 13:00:00,other,30.00
      x,2026-03-01 13:00:00,other,30.00

      """
    )
    return (try folder.write("small.yaml", Self.small.replacing("MATCH", with: match)), folder)
  }

  @Test(arguments: [("all", 1.0, [true, true, false]), ("first", 0.5, [true, false, false])])
  func rulesAreThoseThatHoldAndCount(match: String, score: Double, counting: [Bool]) throws {
    let (path, folder) = try Self.small(match)
    let answer = try WhyAnswer.of(path, "2", in: folder)
    #expect(answer.version == "2026-11" && answer.occurrences == 2 && answer.time == "2026-03-01T11:00:00Z")
    let stage = try #require(answer.stages.first { $0.kind == "score" })
    #expect(stage.score == .number(score))
    #expect(stage.rules?.map(\.holds) == [true, true, false])
    #expect(stage.rules?.map(\.counts) == counting)
    #expect(stage.rules?[0].condition == "count_1d >= 2")
    #expect(answer.stages.last?.shown == true)
    // Nothing was written where the file says, nor anywhere else.
    #expect(try Set(FileManager.default.contentsOfDirectory(atPath: folder.url.path)) == ["history.csv", "small.yaml"])
  }

  @Test func whatIsForPeopleIsOneText() throws {
    let (path, folder) = try Self.small()
    let run = try Program.run("sluice", ["why", path, "2", "--rows", "1"], in: folder)
    #expect(run.status == 0 && run.log == "")
    #expect(
      Self.withoutTime(run.output) == """
        id 2 of small (version 2026-11): decline, score 1
        2 rows have this id; this is the first of them, of 2026-03-01 11:00:00

          id      2
          at      2026-03-01 11:00:00
          card    it's
          amount  200.00

        window: card it's, 2 rows up to this one
          count_1d      2  = count over 1d
          first     10.00  = first(amount) over 1d where amount < 50

          count_1d
          rows in (t - 1d, t], this row among them: after 2026-02-28 11:00:00, up to 2026-03-01 11:00:00
            time                 id
            2026-03-01 11:00:00   2  this row
            2 rows, the newest shown

          first
          rows in (t - 1d, t], this row among them: after 2026-02-28 11:00:00, up to 2026-03-01 11:00:00
            time                 id  amount
            2026-03-01 10:00:00   1   10.00
            2 rows, of which the oldest tells

        score: decline, score 1.0
          thresholds  review from 0.2, decline from 0.7
          rules       hit  often  count_1d >= 2; adds 0.5
                      hit  much   amount > 100; adds 0.5; review
                      no   never  amount < 0; adds 0.1
          reasons     often
                      much

        out: shown, where decision != 'approve'

        times of this row, when it went through the stages alone
          stage
          in
          window
          score
          out
          measured now and here, each stage a thread, nothing else under way; what it took when it was live is not recorded

        The history of 6 rows was replayed for this.

        """
    )
  }

  /// The reference shows what the program says.
  @Test func theReferenceShowsAShippedTransaction() throws {
    let reference = try String(contentsOfFile: Repository.path("pipelines/reference/why.md"), encoding: .utf8)
    let command = "$ sluice why pipelines/card-fraud.yaml 54142 --rows 2\n"
    let start = try #require(reference.firstRange(of: command)).upperBound
    let end = try #require(reference[start...].firstRange(of: "```")).lowerBound
    let options = ["why", Repository.path("pipelines/card-fraud.yaml"), "54142", "--rows", "2"]
    let run = try Program.run("sluice", options, in: try TemporaryFolder())
    #expect(run.status == 0 && run.log == "")
    #expect(Self.withoutTime(run.output) == Self.withoutTime(String(reference[start..<end])))
  }

  /// A condition that names `score` means the model's, whatever the rules add to it.
  @Test func rulesSeeTheScoreOfTheModel() throws {
    let folder = try TemporaryFolder()
    let text = try String(contentsOfFile: Repository.path("pipelines/card-fraud.yaml"), encoding: .utf8)
    let end = try #require(text.firstRange(of: "\ntests:")).lowerBound
    let changed = String(text[..<end])
      .replacing("../datasets", with: Repository.path("datasets"))
      .replacing("models/", with: Repository.path("pipelines/models") + "/")
      .replacing("      rules:\n", with: "      rules:\n        sure: { when: score > 0.9, weight: -0.5 }\n")
    let answer = try WhyAnswer.of(try folder.write("sure.yaml", changed), "54142", in: folder)
    let score = try #require(answer.stages.first { $0.kind == "score" })
    let number = try #require(score.score?.number)
    #expect(number < 0.5)
    #expect(score.rules?.first?.name == "sure" && score.rules?.first?.holds == true)
  }

  /// The text without what differs from run to run.
  static func withoutTime(_ text: String) -> String {
    text.replacing(/\ in\ [0-9.]+\ s\.\n/, with: ".\n")
      .replacing(/[\ ]+[0-9.]+\ (us|ms|s)(?=[\ \n])/, with: "")
      .replacing(/\n\ \ stage\ [^\n]*/, with: "\n  stage")
      .replacing(/\ \ stages were still at work[^\n]*\n/, with: "")
  }

  @Test func aRowThatAStageDropsCameNoFurther() throws {
    let (path, folder) = try Self.small()
    let answer = try WhyAnswer.of(path, "3", in: folder)
    #expect(answer.ending == "it came no further: stage 'window' takes rows where amount > 1")
    #expect(answer.stages.isEmpty)
  }

  @Test func anotherColumnIdentifiesRowsToo() throws {
    let (path, folder) = try Self.small()
    let answer = try WhyAnswer.of(path, "it's", ["--column", "card"], in: folder)
    #expect(answer.row["id"] == .number(1) && answer.occurrences == 2)
    let byTime = try WhyAnswer.of(path, "2026-03-01T12:00:00Z", ["--column", "at"], in: folder)
    #expect(byTime.row["id"] == .number(4))
  }

  /// Texts that hold what tells fields and lines apart, and keys that are empty.
  @Test(arguments: ["a \"b\", c\nd é", "", " it''s '", "\u{1}\t\\"])
  func anyTextIsAKey(card: String) throws {
    let (path, folder) = try Self.small()
    let key = "\"\(card.replacing("\"", with: "\"\""))\""
    let lines = (1...3).map { "\($0),2026-03-01 10:00:0\($0),\(key),\($0 + 1).00\n9,2026-03-01 10:00:0\($0),z,5\n" }
    let history = try folder.write("texts.csv", "id,at,card,amount\n" + lines.joined())
    let byKey = try WhyAnswer.of(path, card, ["--column", "card", "--input", history], in: folder)
    #expect(byKey.occurrences == 3 && byKey.row["id"] == .number(1) && byKey.row["card"] == .text(card))
    let answer = try WhyAnswer.of(path, "3", ["--input", history], in: folder)
    let count = try answer.features(of: "window")[0]
    #expect(count.value == .number(3) && count.listed.compactMap { $0.row["id"]?.number } == [1, 2, 3])
    let text = try Program.run("sluice", ["why", path, "3", "--input", history], in: folder)
    #expect(text.status == 0 && !text.output.contains("\u{1}"))
  }

  @Test func whatCannotBeExplainedIsSaid() throws {
    let (path, folder) = try Self.small()
    for (options, status, message) in [
      (
        ["7"], Int32(1),
        "no row has id 7: 6 rows were read from \(folder.path("history.csv")); 1 became a dead letter"
      ),
      (["7", "--column", "cart"], 2, "there is no column 'cart'; did you mean 'card'?"),
      (
        ["7", "--column", "nothing_like_it"], 2,
        "there is no column 'nothing_like_it'; the columns are: id, at, card, amount, count_1d, first, score, decision, reasons, version"
      ),
      (["seven"], 2, "'seven' is no int64, and the column id is one; another column is named by --column"),
      (
        ["7", "--input", "-"], 2,
        "source 'in' reads stdin, which can be read only once; give its history with --input PATH, or --from-journal DIR"
      ),
    ] {
      let run = try Program.run("sluice", ["why", path] + options, in: folder)
      #expect(run.status == status && run.output == "")
      #expect(run.log == "sluice: \(message)\n")
    }
  }

  @Test func aLiveRowIsExplainedFromItsJournal() throws {
    let folder = try JournalTests.folderWithJournal()
    let path = folder.path("pipeline.yaml")
    let asked = try Program.run("sluice", ["why", path, "20"], in: folder)
    #expect(asked.status == 2)
    #expect(asked.log.hasPrefix("sluice: source 'transactions' is live; give its history with --input"), "\(asked.log)")
    let answer = try WhyAnswer.of(path, "20", ["--from-journal", JournalTests.directory], in: folder)
    #expect(answer.row["transaction_id"] == .number(20))
    let count = try #require(try answer.features(of: "customer").first)
    #expect(count.value == .number(Double(count.listed.count)))
  }
}
