import Foundation
import TestSupport
import Testing

/// Late rows and dead letters of a source as rows that stages read, by themselves and together with the others.
@Suite(.serialized) struct SideOutputTests {
  static let file = """
    pipeline: sides
    dead_letters: letters.jsonl
    stages:
      payments:
        source:
          csv: payments.csv
          time: at
          out_of_order: 8s
          columns: {id: int64, at: timestamp, card: int64, amount: decimal(2)}
        compute: {is_large: amount > 500}
        where: amount > 100
      all:
        from: [payments, payments.late]
        window: {key: card, features: {rows: count over 10m}}
      out:
        from: all
        sink: {file: out.csv}
      tardy:
        from: payments.late
        where: card < 50
        sink: {file: late.csv}
      bad:
        from: [payments.dead_letters]
        sink: {file: bad.csv}
      letters:
        from: [payments.dead_letters, payments.late]
        compute: {text: "coalesce(raw, 'late')"}
        window: {key: text, features: {same: count over 1h}}
      both:
        from: letters
        sink: {stdout: jsonl}
    """
  static let rows = 6000
  static let runs = GraphRuns(
    file: "sides.yaml",
    options: ["--output", "both=both.jsonl"],
    outputs: ["out.csv", "late.csv", "bad.csv", "both.jsonl"],
    unordered: ["letters.jsonl"],
    folder: folder
  )

  /// A record of the input and where it stands.
  private struct Record {
    let id: Int
    let second: Int
    let card: Int
    let amount: Int
    let isBad: Bool

    var time: String {
      func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
      return "2018-04-0\(1 + second / 86400) \(two(second / 3600 % 24)):\(two(second / 60 % 60)):\(two(second % 60))"
    }
    var line: String { "\(id),\(time),\(isBad ? "none" : "\(card)"),\(amount).25" }
  }

  private static let records: [Record] = {
    var random = SeededRandom(seed: 5)
    var second = 100
    return (0..<rows).map { id in
      second += [0, 0, 1, 2, 5].randomElement(using: &random) ?? 0
      return Record(
        id: id,
        second: random.chance(oneIn: 3) ? max(second - Int.random(in: 0...20, using: &random), 0) : second,
        card: Int.random(in: 0..<100, using: &random),
        amount: Int.random(in: 0...999, using: &random),
        isBad: id == 0 || random.chance(oneIn: 60)
      )
    }
  }()

  static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write("sides.yaml", file)
    try folder.write("payments.csv", "id,at,card,amount\n" + records.map { $0.line + "\n" }.joined())
    return folder
  }

  static let undisturbed = Result { try undisturbed(bound: 8) }

  private static func undisturbed(bound: Int) throws -> GraphRuns.Results {
    let folder = try Self.folder()
    try folder.write("sides.yaml", file.replacing("out_of_order: 8s", with: "out_of_order: \(bound)s"))
    return try runs.undisturbed(in: folder)
  }

  @Test(arguments: [0, 8])
  func resultsAreThoseOfANaiveEvaluation(bound: Int) throws {
    let run = try Self.undisturbed(bound: bound)
    let results = run.files.map { String(decoding: $0, as: UTF8.self) }
    var greatest = -1000
    var all: [(second: Int, record: Record, isLate: Bool)] = []
    var late = 0
    var bad = "source,line,byte_offset,field,reason,raw\n"
    var offset = "id,at,card,amount\n".utf8.count
    for record in Self.records {
      if record.isBad {
        bad += "payments.csv,\(record.id + 2),\(offset),card,REASON,\"\(record.line)\"\n"
        greatest = max(greatest, record.second)
      } else if record.second < greatest - bound {
        all.append((greatest - bound, record, true))
        late += 1
      } else {
        greatest = max(greatest, record.second)
        if record.amount >= 100 { all.append((record.second, record, false)) }
      }
      offset += record.line.utf8.count + 1
    }
    var earlier: [Int: [Int]] = [:]
    var out = "id,at,card,amount,is_large,rows\n"
    for (second, record, isLate) in all.sorted(by: { ($0.second, $0.record.id) < ($1.second, $1.record.id) }) {
      earlier[record.card, default: []].append(second)
      let rows = earlier[record.card]?.count { $0 > second - 600 } ?? 0
      let isLarge = isLate ? "" : record.amount >= 500 ? "true" : "false"
      out += "\(record.id),\(record.time),\(record.card),\(record.amount).25,\(isLarge),\(rows)\n"
    }
    #expect(late > 300)
    #expect(Data(results[0].utf8).difference(from: Data(out.utf8)) == nil)
    let tardy = all.filter { $0.isLate && $0.record.card < 50 }.map { $0.record.line + "\n" }.joined()
    #expect(Data(results[1].utf8).difference(from: Data(("id,at,card,amount\n" + tardy).utf8)) == nil)
    let reasons = Set(run.unordered[0].map { $0.split(separator: "\"reason\":\"")[1].prefix { $0 != "\"" } })
    let expected = bad.replacing("REASON", with: reasons.first ?? "")
    #expect(reasons.count == 1 && Data(results[2].utf8).difference(from: Data(expected.utf8)) == nil)
    let letters = Self.records.count { $0.isBad }
    let totals = run.totals
    #expect(totals["late"] == "0" && totals["unaccounted for"] == "0" && totals["dead letters"] == "\(letters)")
    #expect(run.unordered[0].count == letters)
    #expect(results[3].split(separator: "\n").count == late + letters)
  }

  @Test(
    arguments: [
      ["--batch-rows", "7"], ["--isolation", "thread"], ["--mode", "micro-batch", "--every", "300 rows"],
      ["--workers", "payments=2", "--workers", "all=3", "--workers", "out=2"],
      ["--workers", "payments=3", "--workers", "letters=2", "--workers", "bad=2", "--isolation", "thread"],
      ["--workers", "payments=2", "--mode", "micro-batch", "--every", "100 rows"],
      ["--workers", "payments=2", "--speed", "20000x", "--workers", "tardy=2"],
    ],
    [false, true]
  )
  func everyWayToRunItGivesTheSameBytes(way: [String], hasCheckpoints: Bool) throws {
    try Self.runs.check(way: way, hasCheckpoints: hasCheckpoints, against: Self.undisturbed.get())
  }

  @Test func killsAndInterruptsChangeNothing() throws {
    try Self.runs.checkDisturbed(
      ["payments", "all", "letters", "bad"],
      speed: "10000x",
      against: Self.undisturbed.get()
    )
  }
}
