package import Expressions
package import Records

/// Columns to compute, each seeing those before it, and then which rows stay.
package struct ProjectionPlan: Sendable {
  package let compute: [ComputedColumn]
  /// True or false; nil: all rows stay.
  package let filter: Expression?

  package init(compute: [ComputedColumn], filter: Expression?) {
    self.compute = compute
    self.filter = filter
  }

  package var isEmpty: Bool { compute.isEmpty && filter == nil }

  /// The columns behind it.
  package func schema(over input: Schema) -> Schema {
    input.appending(compute.map { Field($0.name, $0.expression.type, nullable: $0.expression.isNullable) })
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(compute) { column, writer in
      writer.write(column.name)
      column.expression.encode(into: &writer)
    }
    writer.write(filter) { $0.encode(into: &$1) }
  }

  init(from reader: inout ByteReader, over input: Schema) throws(MalformedBytes) {
    var schema = input
    compute = try reader.read { (reader) throws(MalformedBytes) in
      let name: String = try reader.read()
      let expression = try Expression(from: &reader, schema: schema)
      schema = schema.appending([Field(name, expression.type, nullable: expression.isNullable)])
      return ComputedColumn(name: name, expression: expression)
    }
    filter = try reader.readOptional { (reader) throws(MalformedBytes) in
      try Expression(from: &reader, schema: schema)
    }
    if let filter, filter.type != .bool { throw reader.malformed("a filter that is true or false") }
  }
}

/// A column that `compute` adds.
package struct ComputedColumn: Sendable {
  package let name: String
  package let expression: Expression

  package init(name: String, expression: Expression) {
    self.name = name
    self.expression = expression
  }
}
