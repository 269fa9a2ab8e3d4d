import Dataflow
import Expressions
import Records
import SinkStage
import TestSupport
import Testing

/// Runs a sink over rows.
func sinkOutput(
  _ plan: SinkPlan,
  filter: String? = nil,
  _ batches: [[Row]]
) throws -> (text: String, counters: RowCounters, figures: [String: Double]) {
  let condition = try filter.map { try Expression.compile($0, schema: plan.inputSchema) }
  var logic = SinkLogic(plan, filter: condition.map { Predicate($0) })
  var effects = StageEffects()
  for rows in batches { try logic.process(.of(plan.inputSchema, rows), into: &effects) }
  try logic.finish(into: &effects)
  let figures = Dictionary(uniqueKeysWithValues: effects.figures.map { ($0.name, $0.value) })
  return (effects.output.text, effects.counters, figures)
}

@Suite struct FormatTests {
  static let schema = Schema([
    Field("id", .int64), Field("at", .timestamp), Field("amount", .decimal(scale: 2), nullable: true),
    Field("score", .float64), Field("ok", .bool), Field("note", .string, nullable: true),
  ])
  static let rows = [
    Row(
      time: 1,
      ordinal: 0,
      values: [.int(-1), .int(1_522_584_000_000_000), .int(-5), .float(0.1), .bool(true), .text("a,\"b\"\n\u{1}é")]
    ),
    Row(time: 1, ordinal: 1, values: [.int(2), .int(1_522_584_000_500_000), .null, .float(1), .bool(false), .null]),
    Row(time: 2, ordinal: 2, values: [.int(3), .int(0), .int(1234), .float(1e-9), .bool(false), .text("")]),
  ]

  static func plan(_ format: SinkFormat, _ columns: [Int] = [0, 1, 2, 3, 4, 5]) -> SinkPlan {
    SinkPlan(inputSchema: schema, format: format, columns: columns, evaluation: nil)
  }

  @Test func writesJSONLines() throws {
    let output = try sinkOutput(Self.plan(.jsonl), [Self.rows])
    #expect(
      output.text == """
        {"id":-1,"at":"2018-04-01T12:00:00Z","amount":-0.05,"score":0.1,"ok":true,"note":"a,\\"b\\"\\n\\u0001é"}
        {"id":2,"at":"2018-04-01T12:00:00.500000Z","amount":null,"score":1.0,"ok":false,"note":null}
        {"id":3,"at":"1970-01-01T00:00:00Z","amount":12.34,"score":1e-09,"ok":false,"note":""}

        """
    )
    #expect(output.counters.rowsOut == 3 && output.counters.filtered == 0)
  }

  @Test func writesCSVThatTellsEmptyFromNull() throws {
    let output = try sinkOutput(Self.plan(.csv), [Array(Self.rows.prefix(1)), Array(Self.rows.dropFirst())])
    #expect(
      output.text == """
        id,at,amount,score,ok,note
        -1,2018-04-01 12:00:00,-0.05,0.1,true,"a,""b""
        \u{1}é"
        2,2018-04-01 12:00:00.500000,,1.0,false,
        3,1970-01-01 00:00:00,12.34,1e-09,false,""

        """
    )
  }

  @Test func writesTablesForPeople() throws {
    let output = try sinkOutput(Self.plan(.table, [0, 3, 2, 5]), [Self.rows])
    #expect(
      output.text == """
            id     score    amount  note
        ------  --------  --------  --------
            -1    0.1000     -0.05  a,"b"  é
             2    1.0000         -  -
             3    0.0000     12.34  \("")

        """
    )
  }

  @Test func writesTheHeaderOfNoRows() throws {
    #expect(try sinkOutput(Self.plan(.csv, [0, 3]), []).text == "id,score\n")
    #expect(try sinkOutput(Self.plan(.jsonl), []).text == "")
  }

  @Test func keepsWhatTheFilterKeepsAndCountsTheRest() throws {
    let output = try sinkOutput(Self.plan(.csv, [0]), filter: "amount > 0", [Self.rows])
    #expect(output.text == "id\n3\n")
    #expect(output.counters.rowsOut == 1 && output.counters.filtered == 2)
  }

  @Test func writesFramesThatReadBackAsTheRows() throws {
    let plan = Self.plan(.frames, [3, 0, 5])
    var logic = SinkLogic(plan, filter: Predicate(try Expression.compile("id > 0", schema: Self.schema)))
    var effects = StageEffects()
    for rows in [Self.rows, [], Array(Self.rows.prefix(1))] where !rows.isEmpty {
      try logic.process(.of(Self.schema, rows), into: &effects)
    }
    try logic.finish(into: &effects)
    let bytes = effects.output.bytes.array
    var at = 0
    var batches: [RecordBatch] = []
    try Frame.forEachBatch(
      of: plan.frameSchema,
      read: { count in
        defer { at += min(count, bytes.count - at) }
        return Array(bytes[at...].prefix(count))
      },
      { batches.append($0) }
    )
    // The second batch has no row that is kept, and leaves no frame.
    let batch = try #require(batches.first)
    #expect(batches.count == 1 && at == bytes.count)
    #expect(batch.rowCount == 2 && batch.positions[1] == Position(time: 2, source: 0, ordinal: 2))
    #expect(batch.column(0).float64(0) == 1 && batch.column(1).int64(1) == 3 && batch.column(2).isNull(0))
    #expect(throws: FrameError.self) { try FrameHeader.bodyLength([1, 2, 3].span) }
  }
}
