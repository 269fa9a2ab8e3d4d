import Dataflow
import Records
import SourceStage
import TestSupport
import Testing

/// What values may be, and schemas that grow.
@Suite struct SchemaRuleTests {
  static let source = """
    time: at
    columns:
      at: {type: timestamp, min: '2020-01-01', max: '2020-12-31 23:59:59'}
      n: {type: 'int64?', min: 1, max: 10}
      amount: {type: decimal(2), min: 0.01}
      share: {type: 'float64?', max: 1.5, one_of: [0.5, 1, 1.5]}
      kind: {type: 'string?', one_of: [in, out]}
      note: {type: 'string?', max_length: 3}
    """

  @Test(arguments: [
    ("2019-12-31,1,1,,,", "at", "2019-12-31 00:00:00 is less than the column's `min`, 2020-01-01 00:00:00"),
    ("2021-01-01,1,1,,,", "at", "2021-01-01 00:00:00 is greater than the column's `max`, 2020-12-31 23:59:59"),
    ("2020-01-02,0,1,,,", "n", "0 is less than the column's `min`, 1"),
    ("2020-01-02,11,1,,,", "n", "11 is greater than the column's `max`, 10"),
    ("2020-01-02,,0.004,,,", "amount", "0.00 is less than the column's `min`, 0.01"),
    ("2020-01-02,,1,1.6,,", "share", "1.6 is greater than the column's `max`, 1.5"),
    ("2020-01-02,,1,0.7,,", "share", "0.7 is none of the column's `one_of`: 0.5, 1.0, 1.5"),
    ("2020-01-02,,1,,IN,", "kind", "'IN' is none of the column's `one_of`: in, out"),
    ("2020-01-02,,1,,,four", "note", "4 characters where the column's `max_length` is 3"),
  ])
  func whatBreaksARuleIsADeadLetter(row: String, field: String, reason: String) throws {
    let header = "at,n,amount,share,kind,note"
    let csv = "\(header)\n2020-01-01,1,0.01,0.5,in,äöü\n\(row)\n2020-01-02,10,1e3,,,\n"
    let run = try DeclaredSource.run(Self.source, csv: csv)
    #expect(run.rows.map(\.ordinal) == [0, 2] && run.counters.deadLetters == 1 && run.counters.late == 0)
    #expect(run.letters.map(\.reason) == [reason] && run.letters.map(\.field) == [field] && run.letters[0].raw == row)
    let objects = csv.split(separator: "\n").dropFirst().map { line in
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      return "{"
        + zip(header.split(separator: ","), fields).map { "\"\($0)\":\($1.isEmpty ? "null" : "\"\($1)\"")" }
        .joined(separator: ",") + "}"
    }
    let json = try DeclaredSource.run(Self.source, messages: objects, format: "json")
    #expect(json.rows.map(\.values) == run.rows.map(\.values) && json.letters.map(\.reason) == [reason])
  }

  // MARK: Schemas that grow

  static let old = "time: at\ncolumns:\n  at: timestamp\n  n: int64"
  static let new =
    old + "\n  more: {type: 'string?', max_length: 5}\n  when: {type: 'timestamp?', format: unix_seconds}"
    + "\n  both: {type: 'timestamp?', from: [D, T], format: 'YYYY-MM-DD HH:MM'}"

  @Test func whatTheInputLacksIsNull() throws {
    let rows: [[Value]] = [[.time("2020-01-01"), .int(1), .null, .null, .null]]
    #expect(try DeclaredSource.run(Self.new, csv: "n,at\n1,2020-01-01\n").rows.map(\.values) == rows)
    #expect(try DeclaredSource.run(Self.new, jsonl: "{\"n\":1,\"at\":\"2020-01-01\"}\n").rows.map(\.values) == rows)
    let messages = [
      "2020-01-01,1", "2020-01-01,1,,", "2020-01-01,1,x,2,2020-01-02,3:04", "2020-01-01", "2020-01-01,1,x,2,3,4,5",
    ]
    let run = try DeclaredSource.run(Self.new, messages: messages, format: "csv")
    #expect(
      run.rows.map(\.values) == rows + rows + [
        [.time("2020-01-01"), .int(1), .text("x"), .int(2_000_000), .time("2020-01-02 03:04")]
      ]
    )
    #expect(run.letters.map(\.reason) == ["1 field where the header has 6", "7 fields where the header has 6"])
    // A file says in its header what it has.
    let short = try DeclaredSource.run(Self.new, csv: "at,n,more\n2020-01-01,1\n")
    #expect(short.letters.map(\.reason) == ["2 fields where the header has 3"])
  }

  /// A checkpoint of the time before the schema grew is gone on with, in a file and in messages.
  @Test func aNewColumnGoesOnFromAnOldCheckpoint() throws {
    let lines = (0..<100).map { "2020-01-01 00:00:\($0 < 60 ? 10 + $0 / 2 : 50),\($0)" }
    let file = Array(("at,n\n" + lines.joined(separator: "\n") + "\n").utf8)
    let objects = lines.map { line in
      let fields = line.split(separator: ",")
      return Array("{\"at\":\"\(fields[0])\",\"n\":\(fields[1])}".utf8)
    }
    let header = "at,n"
    let endpoint = "zeromq: ipc:///tmp/x\nformat: json"
    let before = SteppedSource(CSVSource(try DeclaredSource(Self.old, header: header).plan), .bytes(file))
    let live = SteppedSource(
      JSONSource(try DeclaredSource(Self.old, input: endpoint).plan, clockOffset: 0),
      .messages(objects)
    )
    for _ in 0..<9 { try before.step(supplying: 300) }
    for _ in 0..<40 { try live.step(supplying: 1) }
    #expect(1..<100 ~= before.rows.count && 1..<100 ~= live.rows.count)
    let after = try SteppedSource(
      CSVSource(DeclaredSource(Self.new, header: header).plan),
      .bytes(file),
      from: before.source.state
    )
    let liveAfter = try SteppedSource(
      JSONSource(DeclaredSource(Self.new, input: endpoint).plan, clockOffset: 0),
      .messages(objects),
      from: live.source.state
    )
    while !after.isFinished { try after.step(supplying: 1000) }
    while !liveAfter.isFinished { try liveAfter.step(supplying: 7) }
    for (first, second) in [(before.rows, after.rows), (live.rows, liveAfter.rows)] {
      #expect((first + second).map(\.values[1]) == (0..<100).map { .int($0) })
      #expect((first + second).map(\.ordinal) == (0..<100).map { $0 })
      #expect(second.allSatisfy { $0.values.dropFirst(2) == [.null, .null, .null] })
    }
  }
}
