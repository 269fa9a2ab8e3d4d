internal import Expressions
internal import Records
internal import ScoreStage
internal import SinkStage
internal import SourceStage
internal import WindowStage

extension StagePlan {
  func encode(into writer: inout ByteWriter) {
    writer.write(inputSchema)
    writer.write(compute) { column, writer in
      writer.write(column.name)
      column.expression.encode(into: &writer)
    }
    writer.write(filter) { $0.encode(into: &$1) }
    switch kind {
    case .source(let plan):
      writer.write(UInt8(1))
      plan.encode(into: &writer)
    case .window(let plan):
      writer.write(UInt8(2))
      plan.encode(into: &writer)
    case .score(let plan):
      writer.write(UInt8(3))
      plan.encode(into: &writer)
    case .sink(let plan, let target):
      writer.write(UInt8(4))
      plan.encode(into: &writer)
      switch target {
      case .standardOutput: writer.write(false)
      case .file(let path):
        writer.write(true)
        writer.write(path)
      }
    }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    let inputSchema: Schema = try reader.read()
    var schema = inputSchema
    let compute = try reader.read { (reader) throws(MalformedBytes) in
      let name: String = try reader.read()
      let expression = try Expression(from: &reader, schema: schema)
      schema = schema.appending([Field(name, expression.type, nullable: expression.isNullable)])
      return ComputedColumn(name: name, expression: expression)
    }
    let filter = try reader.readOptional { (reader) throws(MalformedBytes) in
      try Expression(from: &reader, schema: schema)
    }
    if let filter, filter.type != .bool { throw reader.malformed("a filter that is true or false") }
    let kind: Kind
    switch try reader.read(UInt8.self) {
    case 1: kind = .source(try SourcePlan(from: &reader))
    case 2: kind = .window(try WindowPlan(from: &reader))
    case 3: kind = .score(try ScorePlan(from: &reader))
    case 4:
      let plan = try SinkPlan(from: &reader)
      kind = .sink(plan, try reader.read(Bool.self) ? .file(path: try reader.read()) : .standardOutput)
    default: throw reader.malformed("a kind of stage")
    }
    self.init(kind: kind, inputSchema: inputSchema, compute: compute, filter: filter)
    try checkSchemas(computed: schema, reader)
  }

  /// The stage's own plan reads the columns that `compute` leaves, so the two must agree.
  private func checkSchemas(computed: Schema, _ reader: ByteReader) throws(MalformedBytes) {
    let expected =
      switch kind {
      case .source(let plan): plan.schema
      case .window(let plan): plan.inputSchema
      case .score(let plan): plan.inputSchema
      case .sink(let plan, _): plan.inputSchema
      }
    let actual = if case .source = kind { inputSchema } else { computed }
    guard expected == actual else { throw reader.malformed("a stage plan for the stage's columns") }
  }
}
