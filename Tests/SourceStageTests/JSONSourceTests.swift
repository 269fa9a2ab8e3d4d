import Dataflow
import Foundation
import Records
import SourceStage
import TestSupport
import Testing

/// Rows from JSON objects.
@Suite struct JSONSourceTests {
  static func plan(
    _ format: SourceFormat = .jsonl,
    input: SourceInput = .file(path: "in.jsonl"),
    longestLine: Int = 1 << 20
  ) -> SourcePlan {
    SourcePlan(
      schema: CSVSourceTests.schema,
      timeColumn: 1,
      source: 0,
      input: input,
      format: format,
      longestLine: longestLine
    )
  }

  static func run(_ text: String) throws -> SourceRun { try SourceRun(json: plan(), Array(text.utf8)) }

  static let noon = CSVSourceTests.noon
  static let time = "\"at\":\"2018-04-01 12:00:00\""

  @Test func readsEveryTypeInAnyOrderWithNumbersInQuotesOrWithout() throws {
    let run = try Self.run(
      """
      {"id":1,"at":"2018-04-01 12:00:00","amount":12.5,"note":"hello","risk":0.5,"ok":true}
      \t{ "OK" : "1" ,\r"Risk":"-1e3", "AMOUNT": "85.64999999999999" , "at":"2018-04-01T12:00:00Z","id":"2", "note":""}\r

      {"id":-3,"at":"2018-04-01 12:00:00.25","amount":"3","note":null,"other":{"a":["}",{"id":"\\"]"}]},"more":[1,2]}
      {"note":7,"ok":0,"risk":2,"amount":1e1,"id":9223372036854775807,"at":"2018-04-01 12:00:01","x":"\\"","y":false}
      """
    )
    #expect(
      run.rows.map(\.values) == [
        [.int(1), .int(Self.noon), .int(1250), .text("hello"), .float(0.5), .bool(true)],
        [.int(2), .int(Self.noon), .int(8565), .text(""), .float(-1000), .bool(true)],
        [.int(-3), .int(Self.noon + 250_000), .int(300), .null, .null, .null],
        [.int(.max), .int(Self.noon + 1_000_000), .int(1000), .text("7"), .float(2), .bool(false)],
      ]
    )
    #expect(run.rows.map(\.ordinal) == [0, 1, 2, 3])
    #expect(run.counters.rowsIn == 4 && run.letters.isEmpty, "\(run.letters)")
  }

  @Test(arguments: [
    ("[1]", nil, "not a JSON object on one line: at byte 1 it is no object"),
    ("id", nil, "not a JSON object on one line: at byte 1 it is no object"),
    ("{", nil, "not a JSON object on one line: at byte 2 a name is due"),
    ("{1:2}", nil, "not a JSON object on one line: at byte 2 a name is due"),
    ("{\"id\" 1}", nil, "not a JSON object on one line: at byte 7 a `:` is due"),
    ("{\"id\":}", nil, "not a JSON object on one line: at byte 7 a value is due"),
    ("{\"id\":tru}", nil, "not a JSON object on one line: at byte 7 a value is due"),
    ("{\"id\":1 \"at\":2}", nil, "not a JSON object on one line: at byte 9 `,` or `}` is due"),
    ("{\"id\":1,}", nil, "not a JSON object on one line: at byte 9 a name is due"),
    ("{\"id\":1", nil, "not a JSON object on one line: at byte 8 `,` or `}` is due"),
    ("{\"note\":\"open}", nil, "not a JSON object on one line: at byte 15 a value is due"),
    ("{\"note\":\"a\tb\"}", nil, "not a JSON object on one line: at byte 11 a value is due"),
    ("{\"id\":1,\(time),\"amount\":1} x", nil, "not a JSON object on one line: at byte 48 something stands behind it"),
    (
      "{\"id\":1,\(time)}", "amount",
      "missing where the column is not nullable; declare it `decimal(2)?` if that is fine"
    ),
    (
      "{\"id\":null,\(time),\"amount\":1}", "id",
      "null where the column is not nullable; declare it `int64?` if that is fine"
    ),
    ("{\"id\":1,\"ID\":1,\(time),\"amount\":1}", "id", "it stands there twice"),
    (
      "{\"id\":1.0,\(time),\"amount\":1}", "id", "'1.0' is no whole number of 64 bits; `format: number` reads it as one"
    ),
    (
      "{\"id\":1e3,\(time),\"amount\":1}", "id", "'1e3' is no whole number of 64 bits; `format: number` reads it as one"
    ),
    ("{\"id\":true,\(time),\"amount\":1}", "id", "'true' is no whole number of 64 bits"),
    ("{\"id\":[1],\(time),\"amount\":1}", "id", "an object or a list where one value is due"),
    (
      "{\"id\":1,\"at\":1522584000,\"amount\":1}", "at",
      "'1522584000' is no timestamp; write 2018-04-01 13:45:00 or 2018-04-01T13:45:00Z"
    ),
    ("{\"id\":1,\(time),\"amount\":1,\"note\":\"\\x\"}", "note", "an escape that means nothing"),
    ("{\"id\":1,\(time),\"amount\":1,\"note\":\"\\uD800\"}", "note", "an escape that means nothing"),
    ("{\"id\":1,\(time),\"amount\":1,\"note\":\"\\uDC00\"}", "note", "an escape that means nothing"),
    ("{\"id\":1,\(time),\"amount\":1,\"ok\":\"maybe\"}", "ok", "'\"maybe\"' is neither true nor false"),
  ])
  func setsABadObjectAside(object: String, field: String?, reason: String) throws {
    let good = "{\"id\":1,\(Self.time),\"amount\":1}\n"
    let run = try Self.run(good + object + "\n" + good)
    #expect(run.rows.map(\.ordinal) == [0, 2])
    let letter = try #require(run.letters.first)
    #expect(letter.reason == reason && letter.field == field)
    #expect(letter.raw == object && letter.line == 2 && letter.byteOffset == good.utf8.count)
    #expect(run.counters.rowsIn == 3 && run.counters.deadLetters == 1)
  }

  @Test func whatNestsTooDeepIsRefusedAndNothingTraps() throws {
    let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(try Self.run("{\"id\":1,\(Self.time),\"amount\":1,\"x\":\(deep)}").rows.count == 1)
    let deeper = try Self.run("{\"id\":1,\(Self.time),\"amount\":1,\"x\":[\(deep)]}")
    #expect(deeper.counters.deadLetters == 1)
    let good = Array("{\"id\":1,\(Self.time),\"amount\":1.5,\"note\":\"a\\u00e9\\\\\",\"x\":[{\"y\":\"]\"}]}".utf8)
    // Cut anywhere, and with any byte changed.
    for seed in Seeds.range(2000) {
      var random = SeededRandom(seed: seed)
      var bytes = good
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] =
          Array("{}[]\":,\\ux0\n\r n".utf8).randomElement(using: &random) ?? 0xFF
      }
      if random.chance(oneIn: 2) { bytes.removeLast(Int.random(in: 1..<bytes.count, using: &random)) }
      let run = try SourceRun(json: Self.plan(), bytes)
      #expect(run.counters.rowsIn == Int64(run.rows.count) + run.counters.deadLetters, "seed \(seed)")
    }
  }

  /// Texts come out as Foundation reads them, whoever wrote them.
  @Test func escapesMeanWhatFoundationSays() throws {
    let pieces = [
      "a", "\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0041", "\\u00e9", "\\u20AC", "\\uD83D\\uDC0C",
      "\\u0000", "\\uD83D", "\\uDC0C", "\\uD83Dx", "\\uD83D\\u0041", "\\u12", "\\q", "é", "€", "🐌", "\\uFFFF",
    ]
    for seed in Seeds.range(500) {
      var random = SeededRandom(seed: seed)
      let text = (0..<Int.random(in: 0...5, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
        .joined()
      let object = "{\"id\":1,\(Self.time),\"amount\":1,\"note\":\"\(text)\"}"
      let run = try Self.run(object)
      let expected = (try? JSONSerialization.jsonObject(with: Data(object.utf8)) as? [String: Any])?["note"] as? String
      #expect(run.rows.first?.values[3] == expected.map { .text($0) }, "\(text)")
    }
  }

  @Test func aNameMayBeEscapedAndHasAnyCase() throws {
    let schema = Schema([Field("Größe", .int64), Field("at", .timestamp)])
    let plan = SourcePlan(
      schema: schema,
      timeColumn: 1,
      source: 0,
      input: .file(path: "in.jsonl"),
      format: .jsonl
    )
    for name in ["Größe", "GRÖßE", "größe", "Gr\\u00f6\\u00DFe", "\\u0047r\\u00F6ße"] {
      let run = try SourceRun(json: plan, Array("{\"\(name)\":7,\"\\u0061T\":\"2018-04-01 12:00:00\"}".utf8))
      #expect(run.rows.map(\.values) == [[.int(7), .int(Self.noon)]], "\(name): \(run.letters)")
    }
  }

  @Test func aRowMaySayWhenItWasScheduledToArrive() throws {
    let plan = Self.plan(.json, input: .messages(endpoint: "ipc://x"))
    let bare = "\"id\":1,\(Self.time),\"amount\":1}"
    let text =
      "{\"sluice_scheduled_at\":1522584000000000123,\(bare)\n{\(bare)\n{\"sluice_scheduled_at\":\"soon\",\(bare)\n"
    let run = try SourceRun(json: Self.plan(), Array(text.utf8), clockOffset: 1_522_584_000_000_000_000)
    // The others arrive when they are read.
    #expect(run.arrivals == [123, 0, 0])
    #expect(run.letters.isEmpty && run.rows.count == 3)
    #expect(try SourceRun(messages: ["{\(bare)"], plan).arrivals == [0])
  }

  @Test func aMessageThatComesASecondTimeArrivesWhenItIsRead() throws {
    var source = JSONSource(Self.plan(.json, input: .messages(endpoint: "ipc://x")), clockOffset: 0)
    var effects = StageEffects()
    #expect(try source.step(now: 0, into: &effects) == .needsInput)
    for number in 1...4 {
      let message = Array("{\"sluice_scheduled_at\":\(number),\"id\":1,\(Self.time),\"amount\":1}".utf8)
      source.supply(message.span)
      if number <= 2 { source.endReplayedMessage() } else { source.endMessage() }
    }
    #expect(try source.step(now: 9, into: &effects) == .working)
    let arrivals = try #require(effects.rows[0].assembled().arrivals)
    #expect((0..<4).map { arrivals.int64($0) } == [9, 9, 3, 4])
  }

  @Test func aMessageIsOneObjectOfAnyShapeInJSONAndOneALineInJSONL() throws {
    let shaped = "{\n  \"id\": 1,\r\n  \(Self.time),\n  \"amount\": 1\n}\n"
    let flat = "{\"id\":2,\(Self.time),\"amount\":1}"
    let input = SourceInput.messages(endpoint: "ipc://x")
    for together in [1, 2, 9] {
      let json = try SourceRun(messages: [shaped, flat, "", "nonsense", shaped], Self.plan(.json, input: input)) {
        together
      }
      #expect(json.rows.map(\.values[0]) == [.int(1), .int(2), .int(1)])
      #expect(json.letters.map(\.raw) == ["nonsense"] && json.letters[0].source == "ipc://x")
      let lines = try SourceRun(messages: ["\(flat)\n\(flat)\n", flat, "\n"], Self.plan(.jsonl, input: input)) {
        together
      }
      #expect(lines.rows.map(\.values[0]) == [.int(2), .int(2), .int(2)])
      // Messages need no header: the fields are the columns in their order.
      let row = "3,2018-04-01 12:00:00,1,\"a\nb\",,"
      let csv = try SourceRun(messages: [row, "\(row)\n\(row)\r\n", "x"], Self.plan(.csv, input: input)) { together }
      #expect(csv.rows.map(\.values[0]) == [.int(3), .int(3), .int(3)])
      #expect(csv.letters.map(\.raw) == ["x"])
    }
  }

  /// Rows, dead letters and counts must not depend on where reads from the file happen to end.
  @Test func piecesOfAnySizeGiveTheSameRows() throws {
    let lines = [
      "{\"id\":1,\(Self.time),\"amount\":1,\"note\":\"\\uD83D\\uDC0C é\"}", "{\"id\":2}", "", "\r", "x",
      "{\"id\":3,\"at\":\"2018-04-01 11:00:00\",\"amount\":\"1\"}", "{\"id\":4,\(Self.time),\"amount\":1,\"x\":[{}]}\r",
      "{\"note\":\"\(String(repeating: "long", count: 80))\"}",
    ]
    let plan = Self.plan(longestLine: 200)
    for seed in Seeds.range(150) {
      var random = SeededRandom(seed: seed)
      let text = (0..<40).map { _ in lines.randomElement(using: &random) ?? "" }.joined(separator: "\n")
      let whole = try SourceRun(json: plan, Array(text.utf8))
      #expect(
        whole.counters.rowsIn == Int64(whole.rows.count) + whole.counters.deadLetters + whole.counters.late,
        "seed \(seed)"
      )
      let pieces = try SourceRun(json: plan, Array(text.utf8)) { Int.random(in: 1...60, using: &random) }
      #expect(pieces.rows == whole.rows && pieces.letters == whole.letters, "seed \(seed)")
      #expect(pieces.counters == whole.counters, "seed \(seed)")
    }
  }
}
