package import Expressions
package import Records
package import SinkStage

/// What a stage does with its rows for one of the stages that read them, before they are sent: in this order.
package struct DeliveryPlan: Sendable {
  /// The columns that the reader gets where it reads several stages; nil: those of the stage, as they are.
  package var columns: Columns?
  /// The `compute` and `where` of the reader, where its key is a column that it computes: rows find their worker by their key,
  /// so it must be there before they are sent.
  package var projection = ProjectionPlan(compute: [], filter: nil)
  /// The making of lines for a sink that shows few of its rows: the others need not travel. The filter says which it shows.
  package var format: (plan: SinkPlan, filter: Expression?)?

  package init() {}

  /// Columns by the places that they come from; nil: null in every row.
  package struct Columns: Hashable, Sendable {
    package let schema: Schema
    package let sources: [Int?]

    /// - Parameters:
    ///   - schema: what readers get: of each column, the type is that of its source.
    ///   - sources: for each column of it, which of the stage's columns it is; nil only where it may be null.
    package init(schema: Schema, sources: [Int?]) {
      self.schema = schema
      self.sources = sources
    }
  }

  package var isEmpty: Bool { columns == nil && projection.isEmpty && format == nil }

  /// The columns that are sent of rows with these.
  package func schema(over own: Schema) -> Schema {
    format?.plan.lineSchema ?? projection.schema(over: columns?.schema ?? own)
  }

  /// With the lines made that the sink behind it writes.
  func formatting(_ sink: SinkPlan, after compute: [ComputedColumn], filter: Expression) -> DeliveryPlan {
    // Rows that are not shown travel only where their scores are evaluated.
    let travels = sink.evaluation != nil
    var delivery = self
    delivery.projection = ProjectionPlan(compute: compute, filter: travels ? nil : filter)
    delivery.format = (sink, travels ? filter : nil)
    return delivery
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(columns) { columns, writer in
      writer.write(columns.schema)
      writer.write(columns.sources) { source, writer in writer.write(source) { $1.write(UInt32($0)) } }
    }
    projection.encode(into: &writer)
    writer.write(format) { format, writer in
      format.plan.encode(into: &writer)
      writer.write(format.filter) { $0.encode(into: &$1) }
    }
  }

  /// - Parameter own: the columns of the stage that it belongs to.
  init(from reader: inout ByteReader, over own: Schema) throws(MalformedBytes) {
    columns = try reader.readOptional { (reader) throws(MalformedBytes) in try Columns(from: &reader, over: own) }
    let input = columns?.schema ?? own
    projection = try ProjectionPlan(from: &reader, over: input)
    let schema = projection.schema(over: input)
    format = try reader.readOptional { (reader) throws(MalformedBytes) in
      let plan = try SinkPlan(from: &reader)
      let filter = try reader.readOptional { (reader) throws(MalformedBytes) in
        try Expression(from: &reader, schema: schema)
      }
      guard plan.inputSchema == schema, filter.map({ $0.type == .bool }) ?? true else {
        throw reader.malformed("a sink's plan for the stage's columns")
      }
      return (plan, filter)
    }
  }
}

extension DeliveryPlan.Columns {
  fileprivate init(from reader: inout ByteReader, over own: Schema) throws(MalformedBytes) {
    schema = try reader.read()
    sources = try reader.read { (reader) throws(MalformedBytes) in
      try reader.readOptional { (reader) throws(MalformedBytes) in Int(try reader.read(UInt32.self)) }
    }
    guard sources.count == schema.fields.count else { throw reader.malformed("a source for each column") }
    for (field, source) in zip(schema.fields, sources) {
      guard let source else {
        guard field.isNullable else { throw reader.malformed("a column that may be null") }
        continue
      }
      guard own.fields.indices.contains(source), own.fields[source].type == field.type,
        field.isNullable || !own.fields[source].isNullable
      else { throw reader.malformed("a column of the stage, of the right type") }
    }
  }
}
