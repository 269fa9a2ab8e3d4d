import Records
import SourceStage
import TestSupport
import Testing

/// Columns from JSON Schemas.
@Suite struct JSONSchemaTests {
  static let schema = """
    {
    \t"$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "A payment", "type": "object", "additionalProperties": false,
      "$defs": {"money": {"type": "number", "multipleOf": 0.01, "exclusiveMinimum": 0, "maximum": 1000000}},
      "properties": {
        "id": {"type": "integer", "minimum": 1, "description": "ours: 'the' \\"id\\""},
        "at": {"type": "string", "format": "date-time"},
        "amount": {"$ref": "#/$defs/money"},
        "ratio": {"type": ["number", "null"], "exclusiveMaximum": 1},
        "kind": {"enum": ["in", "out", "*"]},
        "note": {"type": "string", "maxLength": 5},
        "ok": {"type": "boolean"},
        "card": {"type": "object", "properties": {}}
      },
      "required": ["id", "at", "amount", "ratio", "kind"]
    }
    """
  static let columns = "columns: [id, at, amount, ratio, kind, note, ok]"

  static func plan(_ columns: String = columns, schema: String = schema, time: String = "at") throws -> SourcePlan {
    try DeclaredSource(
      "time: \(time)\nschema: s.json\n" + columns,
      input: "jsonl: in.jsonl",
      files: ["s.json": schema]
    ).plan
  }

  static func types(_ plan: SourcePlan) -> [String] {
    plan.schema.fields.map { "\($0.name): \($0.type)\($0.isNullable ? "?" : "")" }
  }

  @Test func aSchemaDeclaresColumns() throws {
    let plan = try Self.plan()
    #expect(
      Self.types(plan) == [
        "id: int64", "at: timestamp", "amount: decimal(2)", "ratio: float64?", "kind: string", "note: string?",
        "ok: bool?",
      ]
    )
    let good = "\"at\":\"2020-01-01T00:00:00Z\",\"amount\":0.01,\"ratio\":null,\"kind\":\"*\""
    let lines = [
      "{\"id\":1,\(good)}", "{\"id\":0,\(good)}", "{\(good)}",
      "{\"id\":2,\(good.replacing("0.01", with: "0.00"))}", "{\"id\":3,\(good.replacing("null", with: "1.0"))}",
      "{\"id\":4,\(good.replacing("*", with: "IN"))}", "{\"id\":5,\(good),\"note\":\"longer\"}",
    ]
    let run = try SourceRun(json: plan, Array(lines.joined(separator: "\n").utf8))
    #expect(run.rows.map(\.values) == [[.int(1), .time("2020-01-01"), .int(1), .null, .text("*"), .null, .null]])
    #expect(
      run.letters.map { "\($0.field ?? ""): \($0.reason)" } == [
        "id: 0 is less than the column's `min`, 1",
        "id: missing where the column is not nullable; declare it `int64?` if that is fine",
        "amount: 0.00 is less than the column's `min`, 0.01",
        "ratio: 1.0 is greater than the column's `max`, 0.9999999999999999",
        "kind: 'IN' is none of the column's `one_of`: in, out, *",
        "note: 6 characters where the column's `max_length` is 5",
      ]
    )
  }

  /// What rows get may be less, or called and written otherwise.
  @Test func columnsOfASchemaAreChosen() throws {
    #expect(Self.types(try Self.plan("columns: [at, id]")) == ["at: timestamp", "id: int64"])
    let some = """
      columns:
        when: {column: at, min: '2020-01-01'}
        id: string
        amount:
        ratio: {type: 'decimal(3)?', null: [none]}
      """
    let plan = try Self.plan(some, time: "when")
    #expect(Self.types(plan) == ["when: timestamp", "id: string", "amount: decimal(2)", "ratio: decimal(3)?"])
    let line = "{\"id\":\"007\",\"at\":\"2020-01-01\",\"amount\":5,\"ratio\":\"none\"}"
    let run = try SourceRun(json: plan, Array(line.utf8))
    #expect(run.rows.map(\.values) == [[.time("2020-01-01"), .text("007"), .int(500), .null]], "\(run.letters)")
  }

  @Test(arguments: [
    ("", "", "7:14: `schema` is nothing; name a JSON Schema, or {proto: payments.proto, message: Payment}"),
    (
      "s.json", "[1]",
      "7:15: the schema 's.json', line 1: the schema is a list; write an object: {\"type\": \"object\", \"properties\": {...}}"
    ),
    (
      "s.json", "{\"type\":\"array\"}",
      "7:15: the schema 's.json', line 1: type is 'array'; describe a row as an object with `properties`"
    ),
    (
      "s.json", "{\"properties\":{}}",
      "7:15: the schema 's.json', line 1: properties names no column; describe each column in `properties`"
    ),
    (
      "s.json", "{\"oneOf\":[]}",
      "7:15: the schema 's.json', line 1: the schema.oneOf is a keyword that Sluice does not check; remove it, or declare the column here"
    ),
    (
      "s.json", "{\"properties\":{\"at\":{\"type\":\"string\",\n\"pattern\":\"x\"}}}",
      "7:15: the schema 's.json': properties.at.pattern (line 2) is a keyword that Sluice does not check; take the columns without it: `columns: [a, b]`"
    ),
    (
      "s.json", "{\"properties\":{\"at\":{\"type\":\"number\",\"multipleOf\":0.05}}}",
      "7:15: the schema 's.json': properties.at.multipleOf (line 1) is '0.05'; take the columns without it: `columns: [a, b]`"
    ),
    (
      "s.json", "{\"properties\":{\"at\":{\"type\":\"integer\",\"enum\":[1,\"x\"]}}}",
      "7:15: the schema 's.json': properties.at.enum (line 1) has 'x', which is no int64; take the columns without it: `columns: [a, b]`"
    ),
    (
      "s.json", "{\"properties\":{\"at\":{\"type\":[\"integer\",\"string\"]}}}",
      "7:15: the schema 's.json': properties.at.type (line 1) names 2 types; take the columns without it: `columns: [a, b]`"
    ),
    (
      "s.json", "{\"properties\":{\"at\":{\"$ref\":\"#/x\"}}}",
      "7:15: the schema 's.json': properties.at.$ref (line 1) is '#/x', which is not there; take the columns without it: `columns: [a, b]`"
    ),
    (
      "s.json", "{\"properties\":{\"at\":{\"$ref\":\"#/properties/at\"}}}",
      "7:15: the schema 's.json': properties.at.$ref (line 1) is '#/properties/at'; take the columns without it: `columns: [a, b]`"
    ),
    (
      "s.json", "{\"properties\":",
      "7:15: the schema 's.json', line 2: not YAML: while parsing a flow node, did not find expected node content; name a JSON Schema"
    ),
    (
      "s.json", "{\"properties\":{\"at\":{\"type\":\"string\"}},\"required\":[\"id\"]}",
      "7:15: the schema 's.json', line 1: required names 'id', which is no property; describe it in `properties`"
    ),
    (
      "none.json", "{}",
      "7:15: cannot read the schema 'none.json': No such file or directory; check its name and your permissions"
    ),
    ("{message: X}", "{}", "7:15: `schema` has no `proto`; name a file: {proto: payments.proto, message: Payment}"),
    (
      "{proto: s.desc}", "nonsense",
      "7:23: the schema 's.desc' is no descriptor set; write one with `protoc --include_imports --descriptor_set_out=FILE.desc FILE.proto`, or name the .proto file"
    ),
  ])
  func aWrongSchemaIsRefused(schema: String, text: String, message: String) throws {
    let refusal = #expect(throws: DeclaredSource.Refusal.self) {
      try DeclaredSource(
        "time: at\nschema: \(schema)",
        input: "jsonl: in.jsonl",
        files: ["s.json": text, "s.desc": text]
      )
    }
    #expect(refusal?.messages.first == "p.yaml:\(message)")
  }

  @Test func aColumnThatTheSchemaLacksIsNamed() throws {
    let refusal = #expect(throws: DeclaredSource.Refusal.self) { try Self.plan("columns: [id, at, amuont, card]") }
    #expect(
      refusal?.messages == [
        "p.yaml:8:25: the schema 's.json' has no column 'amuont'; did you mean 'amount'?",
        "p.yaml:8:33: the schema 's.json': properties.card.properties (line 13) is a keyword that Sluice does not check; take it out of `columns`",
      ]
    )
  }
}
