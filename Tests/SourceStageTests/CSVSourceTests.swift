import Dataflow
import Foundation
import Records
import SourceStage
import TestSupport
import Testing

@Suite struct CSVSourceTests {
  static let schema = Schema([
    Field("id", .int64), Field("at", .timestamp), Field("amount", .decimal(scale: 2)),
    Field("note", .string, nullable: true), Field("risk", .float64, nullable: true), Field("ok", .bool, nullable: true),
  ])

  static func plan(limit: Int? = nil, onError: ErrorPolicy = .deadLetter, longestLine: Int = 1 << 20) -> SourcePlan {
    SourcePlan(
      schema: schema,
      timeColumn: 1,
      source: 0,
      input: .file(path: "in.csv"),
      limit: limit,
      errorPolicy: onError,
      longestLine: longestLine
    )
  }

  static func run(_ text: String, plan: SourcePlan = plan()) throws -> SourceRun {
    try SourceRun(plan, Array(text.utf8))
  }

  static let header = "id,at,amount,note,risk,ok\n"
  static let noon: Int64 = 1_522_584_000_000_000

  @Test func readsEveryTypeInAnyOrderOfColumns() throws {
    let run = try Self.run(
      "\u{FEFF}OK,extra,Note,AMOUNT,at,id,risk\r\n"
        + "true,x,hello,12.5,2018-04-01 12:00:00,1,0.5\r\n"
        + ",,\"a \"\"quoted\"\", text\nof two lines\",85.64999999999999,2018-04-01T12:00:00Z,\"2\",\r\n"
        + "0,,\"\", 3 ,2018-04-01 12:00:00.25,-3,-1e3"
    )
    #expect(
      run.rows.map(\.values) == [
        [.int(1), .int(Self.noon), .int(1250), .text("hello"), .float(0.5), .bool(true)],
        [.int(2), .int(Self.noon), .int(8565), .text("a \"quoted\", text\nof two lines"), .null, .null],
        [.int(-3), .int(Self.noon + 250_000), .int(300), .text(""), .float(-1000), .bool(false)],
      ]
    )
    #expect(run.rows.map(\.ordinal) == [0, 1, 2])
    #expect(run.counters.rowsIn == 3 && run.letters.isEmpty)
  }

  @Test(arguments: [
    ("1,2018-04-01 12:00:00,5,a", nil, "4 fields where the header has 6"),
    ("1,2018-04-01 12:00:00,5,a,,,,", nil, "8 fields where the header has 6"),
    ("1.0,2018-04-01 12:00:00,5,a,,", "id", "'1.0' is no whole number of 64 bits; `format: number` reads it as one"),
    ("1e3,2018-04-01 12:00:00,5,a,,", "id", "'1e3' is no whole number of 64 bits; `format: number` reads it as one"),
    (
      "99999999999999999999,2018-04-01 12:00:00,5,a,,", "id",
      "'99999999999999999999' is no whole number of 64 bits, which end at 9223372036854775807; declare the column as string"
    ),
    (",2018-04-01 12:00:00,5,a,,", "id", "empty where the column is not nullable; declare it `int64?` if that is fine"),
    (
      "1,2018-04-31 12:00:00,5,a,,", "at",
      "'2018-04-31 12:00:00' is no timestamp; write 2018-04-01 13:45:00 or 2018-04-01T13:45:00Z"
    ),
    ("1,2018-04-01 12:00:00,$5,a,,", "amount", "'$5' is no number that fits decimal(2)"),
    ("1,2018-04-01 12:00:00,5,a,x,", "risk", "'x' is no number"),
    ("1,2018-04-01 12:00:00,5,a,nan,", "risk", "'nan' is no number"),
    ("1,2018-04-01 12:00:00,5,a,,maybe", "ok", "'maybe' is neither true nor false"),
    ("1,2018-04-01 12:00:00,5,\"a\"b,,", nil, "a quoted field is not closed, or goes on behind its closing quote"),
  ])
  func setsABadRowAside(row: String, field: String?, reason: String) throws {
    let run = try Self.run(Self.header + "1,2018-04-01 12:00:00,5,a,,\n\(row)\n2,2018-04-01 12:00:00,5,b,,\n")
    #expect(run.rows.map(\.values[0]) == [.int(1), .int(2)])
    #expect(run.rows.map(\.ordinal) == [0, 2])
    let letter = try #require(run.letters.first)
    #expect(letter.reason == reason)
    #expect(letter.field == field && letter.raw == row && letter.line == 3 && letter.source == "in.csv")
    #expect(letter.byteOffset == Self.header.utf8.count + 28)
    #expect(run.counters.rowsIn == 3 && run.counters.deadLetters == 1)
  }

  @Test func keepsTheBytesOfWhatIsNotUTF8() throws {
    let row = Array("1,2018-04-01 12:00:00,5,".utf8) + [0xFF, 0xFE] + Array(",,\n".utf8)
    let run = try SourceRun(Self.plan(), Array(Self.header.utf8) + row)
    let letter = try #require(run.letters.first)
    #expect(letter.reason == "not UTF-8" && letter.field == "note" && letter.raw == nil)
    #expect(letter.rawBase64.flatMap { Data(base64Encoded: $0) } == Data(row.dropLast()))
  }

  @Test func setsATooLongLineAsideAndGoesOn() throws {
    let long = "1,2018-04-01 12:00:00,5," + String(repeating: "x", count: 20 << 20) + ",,\n"
    let run = try Self.run(Self.header + long + "2,2018-04-01 12:00:00,5,b,,\n")
    #expect(run.rows.map(\.values[0]) == [.int(2)])
    #expect(run.letters.map(\.reason) == ["longer than 1048576 bytes, the source's `max_line`"])
    #expect(run.counters.rowsIn == 2 && run.counters.deadLetters == 1)
  }

  @Test func aQuoteThatNobodyClosesCostsOneLine() throws {
    let run = try Self.run(
      Self.header + "1,2018-04-01 12:00:00,5,\"oops,,\n2,2018-04-01 12:00:00,5,b,,\n3,2018-04-01 12:00:00,5,c,,\n"
    )
    #expect(run.rows.map(\.values[0]) == [.int(2), .int(3)])
    #expect(run.letters.map(\.line) == [2])
  }

  @Test func countsRowsThatComeTooLate() throws {
    let run = try Self.run(
      Self.header + "1,2018-04-01 12:00:01,5,,,\n2,2018-04-01 12:00:00,5,,,\n3,2018-04-01 12:00:01,5,,,\n"
    )
    #expect(run.rows.map(\.values[0]) == [.int(1), .int(3)])
    #expect(run.counters.late == 1 && run.counters.rowsIn == 3 && run.counters.deadLetters == 0)
    #expect(run.letters.map(\.reason) == ["late: 1.0 s before a row that came earlier"])
  }

  @Test func stopsAtTheLimitAndAtTheFirstErrorWhereItIsToldTo() throws {
    let rows = (1...9).map { "\($0),2018-04-01 12:00:00,5,,,\n" }.joined()
    #expect(try Self.run(Self.header + rows, plan: Self.plan(limit: 4)).counters.rowsIn == 4)
    #expect(try Self.run(Self.header + rows, plan: Self.plan(limit: 0)).counters.rowsIn == 0)
    let failure = #expect(throws: StageFailure.self) {
      try Self.run(Self.header + rows + "x,2018-04-01 12:00:00,5,,,\n", plan: Self.plan(onError: .fail))
    }
    #expect(failure?.description.contains("'in.csv' line 11, field `id`: 'x' is no whole number") == true)
  }

  @Test(arguments: ["", "\n", "id,at\n"])
  func aFileWithoutItsColumnsEndsTheRun(text: String) {
    #expect(throws: StageFailure.self) { try Self.run(text) }
  }

  /// Rows, dead letters and counts must not depend on where reads from the file happen to end.
  @Test func piecesOfAnySizeGiveTheSameRows() throws {
    let fragments = [
      "1", "22", "2018-04-01 12:00:00", "2019-01-01 00:00:00", "5", "5.555", "\"q\"", "\"a,b\"", "\"x\"\"y\"",
      "\"two\nlines\"",
      "", ",", ",", ",", "\n", "\n", "\r\n", "\"", "é", "true", "1e2", "\u{0}",
    ]
    for seed in Seeds.range(150) {
      var random = SeededRandom(seed: seed)
      var text = Self.header
      for line in 0..<60 {
        if random.chance(oneIn: 3) {
          for _ in 0..<Int.random(in: 0...12, using: &random) { text += fragments.randomElement(using: &random) ?? "" }
          text += "\n"
        } else {
          let note = ["", "a", "\"b,c\"", "\"d\ne\"", "naïve"].randomElement(using: &random) ?? ""
          text +=
            "\(line),2018-04-01 12:00:\(10 + line % 50),\(line).5,\(note),,\(random.chance(oneIn: 2) ? "true" : "")"
          text += random.chance(oneIn: 4) ? "\r\n" : "\n"
        }
      }
      let bytes = Array(text.utf8)
      let plan = Self.plan(longestLine: 300)
      let whole = try SourceRun(plan, bytes)
      #expect(
        whole.counters.rowsIn == Int64(whole.rows.count) + whole.counters.deadLetters + whole.counters.late,
        "seed \(seed)"
      )
      #expect(whole.letters.count == Int(whole.counters.deadLetters + whole.counters.late), "seed \(seed)")
      var sizes = SeededRandom(seed: seed)
      let pieces = try SourceRun(plan, bytes) { Int.random(in: 1...40, using: &sizes) }
      #expect(pieces.rows == whole.rows && pieces.letters == whole.letters, "seed \(seed)")
      #expect(pieces.counters == whole.counters, "seed \(seed)")
    }
  }
}
