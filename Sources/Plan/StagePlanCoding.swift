internal import Expressions
internal import LearnStage
internal import Records
internal import ScoreStage
internal import SinkStage
internal import SourceStage
internal import WindowStage

extension StagePlan {
  func encode(into writer: inout ByteWriter) {
    writer.write(inputSchema)
    projection.encode(into: &writer)
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
    case .format(let plan):
      writer.write(UInt8(5))
      plan.encode(into: &writer)
    case .learn(let plan):
      writer.write(UInt8(6))
      plan.encode(into: &writer)
    }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    let inputSchema: Schema = try reader.read()
    let projection = try ProjectionPlan(from: &reader, over: inputSchema)
    let kind: Kind
    switch try reader.read(UInt8.self) {
    case 1: kind = .source(try SourcePlan(from: &reader))
    case 2: kind = .window(try WindowPlan(from: &reader))
    case 3: kind = .score(try ScorePlan(from: &reader))
    case 4:
      let plan = try SinkPlan(from: &reader)
      kind = .sink(plan, try reader.read(Bool.self) ? .file(path: try reader.read()) : .standardOutput)
    case 5: kind = .format(try SinkPlan(from: &reader))
    case 6: kind = .learn(try LearnPlan(from: &reader))
    default: throw reader.malformed("a kind of stage")
    }
    let stage = StagePlan(kind: kind, inputSchema: inputSchema, projection: projection)
    try stage.checkSchemas(computed: projection.schema(over: inputSchema), reader)
    self = stage
  }

  /// The stage's own plan reads the columns that `compute` leaves, so the two must agree.
  private func checkSchemas(computed: Schema, _ reader: ByteReader) throws(MalformedBytes) {
    let expected =
      switch kind {
      case .source(let plan): plan.schema
      case .window(let plan): plan.inputSchema
      case .learn(let plan): plan.inputSchema
      case .score(let plan): plan.inputSchema
      case .sink(let plan, _), .format(let plan): plan.inputSchema
      }
    let actual = if case .source = kind { inputSchema } else { computed }
    guard expected == actual else { throw reader.malformed("a stage plan for the stage's columns") }
  }
}
