package import Records

extension WindowPlan {
  package func encode(into writer: inout ByteWriter) {
    writer.write(inputSchema)
    writer.write(UInt32(key))
    writer.write(aggregates) { aggregate, writer in
      writer.write(aggregate.name)
      writer.write(aggregate.function.rawValue)
      writer.write(aggregate.column) { column, writer in writer.write(UInt32(column)) }
      writer.write(aggregate.width)
      writer.write(aggregate.delay)
      writer.write(aggregate.otherwise) { otherwise, writer in
        switch otherwise {
        case .integer(let value):
          writer.write(UInt8(0))
          writer.write(value)
        case .float(let value):
          writer.write(UInt8(1))
          writer.write(value)
        }
      }
    }
  }

  package init(from reader: inout ByteReader) throws(MalformedBytes) {
    let input = try reader.read(Schema.self)
    let key = Int(try reader.read(UInt32.self))
    let aggregates = try reader.read { (reader) throws(MalformedBytes) in try WindowAggregate(from: &reader) }
    do throws(WindowPlanError) {
      try self.init(input: input, key: key, aggregates: aggregates)
    } catch {
      throw reader.malformed("a window plan (\(error.message))")
    }
  }
}

extension WindowAggregate {
  fileprivate init(from reader: inout ByteReader) throws(MalformedBytes) {
    let name = try reader.read(String.self)
    guard let function = Function(rawValue: try reader.read(UInt8.self)) else {
      throw reader.malformed("an aggregate function")
    }
    let column = try reader.readOptional { (reader) throws(MalformedBytes) in Int(try reader.read(UInt32.self)) }
    let width = try reader.read(Int64.self)
    let delay = try reader.read(Int64.self)
    let otherwise = try reader.readOptional { (reader) throws(MalformedBytes) -> Otherwise in
      switch try reader.read(UInt8.self) {
      case 0: .integer(try reader.read(Int64.self))
      case 1: .float(try reader.read(Double.self))
      default: throw reader.malformed("the value of an empty window")
      }
    }
    self.init(name: name, function: function, column: column, width: width, delay: delay, otherwise: otherwise)
  }
}
