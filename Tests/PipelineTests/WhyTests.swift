import Foundation
import TestSupport
import Testing

/// `sluice why`: the rows that it lists in a window are those of which the feature's value comes.
@Suite struct WhyTests {
  static let data = Repository.path("datasets/card-transactions.csv")
  static let shipped = Result { try EveryAggregate.rows(.max) }

  // MARK: Windows

  /// Features of the shipped pipelines: how long, how late, and of what.
  @Test(arguments: ["card-fraud", "card-fraud-labels"])
  func theRowsOfAWindowGiveTheFeaturesOfTheShippedPipelines(name: String) throws {
    let folder = try TemporaryFolder()
    let rows = try Self.shipped.get()
    for seed in Seeds.range(6) {
      var random = SeededRandom(seed: seed)
      // Late rows have full windows.
      let id = Int.random(in: seed % 2 == 0 ? 0..<rows.count : rows.count / 2..<rows.count, using: &random)
      let answer = try WhyAnswer.of(Repository.path("pipelines/\(name).yaml"), "\(id)", in: folder)
      #expect(answer.row["transaction_id"] == .number(Double(id)) && answer.occurrences == 1)
      let row = rows[id]
      for (stage, column, delay) in [
        ("customer", EveryAggregate.customer, 0), ("terminal", EveryAggregate.terminal, 7),
      ] {
        for feature in try answer.features(of: stage) {
          let parts = feature.name.split(separator: "_")
          let days = try #require(Int(parts[2].dropLast()))
          let newest = row.time - Int64(delay) * EveryAggregate.day
          let window = rows.enumerated().filter { number, other in
            other.values[column] == row.values[column] && other.time <= newest
              && other.time > newest - Int64(days) * EveryAggregate.day && (delay > 0 || number <= id)
          }
          let listed = feature.listed.compactMap { $0.row["transaction_id"]?.number }
          #expect(listed == window.map { Double($0.offset) }, "seed \(seed): \(feature.name) of \(id)")
          #expect(feature.rows == listed.count)
          // From what is listed alone.
          let amounts = feature.listed.compactMap {
            ($0.row[stage == "customer" ? "tx_amount" : name == "card-fraud" ? "tx_fraud" : "was_fraud"] ?? .null)
              .number
          }
          try #require(amounts.count == listed.count)
          let unit = stage == "customer" ? 100.0 : 1
          let sum = amounts.reduce(0) { $0 + ($1 * unit).rounded() }
          let expected =
            parts[1] == "count" ? Double(listed.count) : listed.isEmpty ? 0 : sum / (Double(listed.count) * unit)
          #expect(feature.value == .number(expected), "seed \(seed): \(feature.name) of \(id)")
        }
      }
    }
  }

  /// Every function with edges of every kind; the definition is given nothing but the rows that are listed.
  @Test func theRowsOfAWindowGiveEveryFeature() throws {
    let folder = try TemporaryFolder()
    let count = 5000
    let text = try String(contentsOfFile: Self.data, encoding: .utf8)
    let lines = text.split(separator: "\n").prefix(count + 1).joined(separator: "\n")
    let history = try folder.write("history.csv", lines + "\n")
    let path = try folder.write("every.yaml", EveryAggregate.pipeline)
    let rows = try EveryAggregate.rows(count)
    for seed in Seeds.range(6) {
      var random = SeededRandom(seed: seed)
      let id = Int.random(in: seed % 2 == 0 ? 0..<count : count / 2..<count, using: &random)
      let answer = try WhyAnswer.of(path, "\(id)", ["--input", history], in: folder)
      let stages = [
        ("customer", EveryAggregate.ofCustomers, EveryAggregate.customer),
        ("kind", EveryAggregate.ofKinds, EveryAggregate.kind),
      ]
      for (stage, features, key) in stages {
        let ofKey = rows.prefix(id + 1).filter { $0.values[key] == rows[id].values[key] }
        for (found, feature) in zip(try answer.features(of: stage), features) {
          let problem = "seed \(seed), \(id): \(feature.text)"
          #expect(found.feature == feature.text)
          let listed = found.listed.compactMap { $0.row["transaction_id"]?.number.map { rows[Int($0)] } }
          #expect(found.rows == listed.count, "\(problem)")
          if !feature.definition.isDecayed {
            #expect(listed == feature.definition.counted(ofKey), "\(problem)")
          }
          let expected = feature.definition.result(ofWindow: listed, at: rows[id])
          #expect(found.value.isAccepted(by: expected, unit: feature.unit), "\(problem): \(found.value), \(expected)")
        }
      }
    }
  }

  @Test func onlyTheNewestRowsAreListedAndAllAreCounted() throws {
    let folder = try TemporaryFolder()
    let path = Repository.path("pipelines/card-fraud.yaml")
    let all = try WhyAnswer.of(path, "54142", in: folder).features(of: "customer")
    let few = try WhyAnswer.of(path, "54142", ["--rows", "3"], in: folder).features(of: "customer")
    for (all, few) in zip(all, few) {
      #expect(few.rows == all.rows && all.rows == all.listed.count)
      #expect(few.listed.map(\.time) == all.listed.suffix(3).map(\.time))
    }
  }

  @Test func theReadingsOfAnHourAreThoseOfTheRowThatItsWindowLeft() throws {
    let folder = try TemporaryFolder()
    let answer = try WhyAnswer.of(Repository.path("pipelines/sensor-hours.yaml"), "20000", in: folder)
    #expect(answer.origin?.contains("ended in a window of 'hour'") == true && answer.column == "reading_id")
    let hour = try answer.features(of: "hour")
    let readings = try #require(hour.first)
    #expect(readings.value == .number(Double(readings.listed.count)) && readings.listed.count > 1)
    #expect(readings.listed.contains { $0.row["reading_id"] == .number(20_000) })
    let warmest = hour[3].listed.compactMap { $0.values[0].number }.max()
    #expect(hour[3].name == "warmest" && hour[3].value.number == warmest)
    let day = try answer.features(of: "day")
    #expect(day[0].value == .number(Double(day[0].listed.count)) && day[0].listed.count > 12)
    #expect(answer.stages.map(\.stage) == ["hour", "day", "score", "alarms"])
  }

  @Test func aRowInSeveralWindowsLeadsToTheFirst() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(
      "readings.csv",
      """
      id,at,device,x
      1,2026-01-01 10:00:00,1,3
      2,2026-01-01 10:20:00,1,9
      3,2026-01-01 11:10:00,1,7
      4,2026-01-01 10:00:00,1,8

      """
    )
    let path = try folder.write(
      "hours.yaml",
      """
      pipeline: hours
      stages:
        in:
          source:
            csv: readings.csv
            time: at
            out_of_order: 1m
            columns: { id: int64, at: timestamp, device: int64, x: int64 }
        hours:
          from: in
          window:
            key: device
            hopping: { length: 3h, every: 1h }
            features: { first: first(x), large: count where x > 5 }
        out:
          from: hours
          sink: { stdout: jsonl }
        late:
          from: in.late
          sink: { file: late.jsonl }
      """
    )
    let answer = try WhyAnswer.of(path, "2", in: folder)
    #expect(answer.id == "2" && answer.occurrences == 3)
    #expect(answer.row["window_end"] == .text("2026-01-01T11:00:00Z"))
    let features = try answer.features(of: "hours")
    #expect(features.map(\.value) == [.number(3), .number(1)])
    #expect(features.map { $0.listed.map { $0.row["id"] } } == [[.number(1), .number(2)], [.number(2)]])
    #expect(features[0].from == .init(time: "2026-01-01T08:00:00Z", included: true))
    #expect(features[0].to == .init(time: "2026-01-01T11:00:00Z", included: false))
    let late = try WhyAnswer.of(path, "4", in: folder)
    #expect(late.stages.map(\.stage) == ["late"])
  }

  @Test func aCopyIsExplainedByTheWayThatItCame() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "ways.yaml",
      """
      pipeline: ways
      stages:
        in:
          source:
            csv: \(Self.data)
            time: tx_datetime
            columns: { transaction_id: int64, tx_datetime: timestamp, customer_id: int64, tx_amount: decimal(2) }
        large:
          from: in
          where: tx_amount > 100
          window: { key: customer_id, features: { n: count over 7d } }
        every:
          from: in
          window: { key: customer_id, features: { n: count over 7d } }
        both:
          from: [large, every]
          window: { key: customer_id, features: { m: count over 7d } }
        score:
          from: both
          score:
            rules:
              many: { when: n > 3, weight: 0.3 }
              some: { when: n <= 3, weight: 0.4 }
        out:
          from: score
          sink: { stdout: jsonl }
      """
    )
    let answer = try WhyAnswer.of(path, "54142", in: folder)
    #expect(answer.occurrences == 1 && answer.copies == 2)
    #expect(answer.stages.map(\.stage) == ["large", "both", "score", "out"])
    let (one, both) = (try answer.features(of: "large")[0], try answer.features(of: "both")[0])
    #expect(
      one.value == .number(3) && one.listed.count == 3
        && one.listed.allSatisfy { $0.row["tx_amount"]?.number ?? 0 > 100 }
    )
    // Of the row itself the first copy alone.
    #expect(both.value == .number(Double(both.listed.count)))
    #expect(both.listed.count { $0.row["transaction_id"] == .number(54142) } == 1)
    #expect(answer.stages[2].rules?.map(\.holds) == [false, true] && answer.stages[2].score == .number(0.4))
  }

  // MARK: Decisions

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

        The history of 6 rows was replayed for this.
        How long each stage took when the row was live is not recorded, so it is not told.

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
  static func withoutTime(_ text: String) -> String { text.replacing(/\ in\ [0-9.]+\ s\.\n/, with: ".\n") }

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

extension NaiveFeature {
  var isDecayed: Bool {
    switch function {
    case .decayedSum, .decayedMean, .decayedCount: true
    default: false
    }
  }

  /// The rows of a window that take part: of most functions those with a value.
  func counted(_ rows: [Row]) -> [Row] {
    switch function {
    case .first, .last, .timeSinceLast, .speed, .sequence: window(rows)
    default: window(rows).filter { row in inputs.allSatisfy { $0.value(row) != .null } }
    }
  }

  /// What the function makes of the rows of a window, whatever edges that had, for a row that may be among them.
  func result(ofWindow rows: [Row], at row: Row) -> NaiveResult {
    var plain = self
    plain.older = .unbounded
    plain.retention = .max
    switch function {
    case .decayedSum, .decayedMean, .decayedCount, .timeSinceLast, .speed:
      // They look at the row itself too, and at how long ago the others were.
      return plain.result(rows.filter { $0 != row } + [row])
    case .sequence:
      plain.older = older
      return plain.result(rows)
    default:
      // All rows before one that is none of them.
      plain.newer = .beforeThisRow
      return plain.result(rows + [Row(time: row.time, ordinal: .max, values: row.values)])
    }
  }
}

extension WhyAnswer.Scalar {
  func isAccepted(by expected: NaiveResult, unit: Int64) -> Bool {
    switch (expected.value, self) {
    case (.null, .null): true
    case (.text(let one), .text(let other)): one == other
    case (.bool(let one), .truth(let other)): one == other
    case (.int(let one), .number(let other)): other == Double(one) / Double(unit)
    case (.float, .number(let other)): expected.accepts(.float(other))
    default: false
    }
  }
}
