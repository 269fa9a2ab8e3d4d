internal import Expressions
package import Records

extension WindowPlan {
  package func encode(into writer: inout ByteWriter) {
    writer.write(inputSchema)
    writer.write(UInt32(key))
    writer.write(inputs) { input, writer in input.encode(into: &writer) }
    writer.write(aggregates) { aggregate, writer in aggregate.encode(into: &writer) }
    writer.write(retention)
    writer.write(emission) { $0.encode(into: &$1) }
  }

  package init(from reader: inout ByteReader) throws(MalformedBytes) {
    let input = try reader.read(Schema.self)
    let key = Int(try reader.read(UInt32.self))
    let inputs = try reader.read { (reader) throws(MalformedBytes) in try Expression(from: &reader, schema: input) }
    let aggregates = try reader.read { (reader) throws(MalformedBytes) in try WindowAggregate(from: &reader) }
    let retention = try reader.read(Int64.self)
    let emission = try reader.readOptional { (reader) throws(MalformedBytes) in try WindowEmission(from: &reader) }
    do throws(WindowPlanError) {
      try self.init(
        input: input,
        key: key,
        inputs: inputs,
        aggregates: aggregates,
        retention: retention,
        emission: emission
      )
    } catch {
      throw reader.malformed("a window plan (\(error.message))")
    }
  }
}

extension WindowAggregate {
  fileprivate func encode(into writer: inout ByteWriter) {
    writer.write(name)
    function.encode(into: &writer)
    writer.write(inputs) { input, writer in writer.write(UInt32(input)) }
    switch newer {
    case .age(let age):
      writer.write(UInt8(0))
      writer.write(age)
    case .beforeThisRow: writer.write(UInt8(1))
    }
    switch older {
    case .age(let age):
      writer.write(UInt8(0))
      writer.write(age)
    case .rows(let rows):
      writer.write(UInt8(1))
      writer.write(Int64(rows))
    case .unbounded: writer.write(UInt8(2))
    }
    writer.write(otherwise) { otherwise, writer in
      switch otherwise {
      case .integer(let value):
        writer.write(UInt8(0))
        writer.write(value)
      case .float(let value):
        writer.write(UInt8(1))
        writer.write(value)
      }
    }
    writer.write(resolution) { $1.write($0) }
  }

  fileprivate init(from reader: inout ByteReader) throws(MalformedBytes) {
    let name = try reader.read(String.self)
    let function = try Function(from: &reader)
    let inputs = try reader.read { (reader) throws(MalformedBytes) in Int(try reader.read(UInt32.self)) }
    let newer: Newer =
      switch try reader.read(UInt8.self) {
      case 0: .age(try reader.read(Int64.self))
      case 1: .beforeThisRow
      default: throw reader.malformed("the newer edge of a window")
      }
    let older: Older =
      switch try reader.read(UInt8.self) {
      case 0: .age(try reader.read(Int64.self))
      case 1: .rows(Int(try reader.read(Int64.self)))
      case 2: .unbounded
      default: throw reader.malformed("the older edge of a window")
      }
    let otherwise = try reader.readOptional { (reader) throws(MalformedBytes) -> Otherwise in
      switch try reader.read(UInt8.self) {
      case 0: .integer(try reader.read(Int64.self))
      case 1: .float(try reader.read(Double.self))
      default: throw reader.malformed("the value of an empty window")
      }
    }
    let resolution = try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read(Int64.self) }
    self.init(
      name: name,
      function: function,
      inputs: inputs,
      newer: newer,
      older: older,
      otherwise: otherwise,
      resolution: resolution
    )
  }
}

extension WindowAggregate.Function {
  private static let plain: [WindowAggregate.Function] = [
    .count, .sum, .mean, .stddev, .min, .max, .first, .last, .timeSinceLast, .distinct, .top, .topShare, .entropy,
    .speed,
    .sequence,
  ]

  fileprivate func encode(into writer: inout ByteWriter) {
    switch self {
    case .rate(let width):
      writer.write(UInt8(100))
      writer.write(width)
    case .quantile(let q):
      writer.write(UInt8(101))
      writer.write(q)
    case .decayedSum(let halfLife):
      writer.write(UInt8(102))
      writer.write(halfLife)
    case .decayedMean(let halfLife):
      writer.write(UInt8(103))
      writer.write(halfLife)
    case .decayedCount(let halfLife):
      writer.write(UInt8(104))
      writer.write(halfLife)
    case .distinctUpTo(let exact):
      writer.write(UInt8(105))
      writer.write(Int64(exact))
    default: writer.write(UInt8(Self.plain.firstIndex(of: self) ?? 0))
    }
  }

  fileprivate init(from reader: inout ByteReader) throws(MalformedBytes) {
    switch try reader.read(UInt8.self) {
    case let code where Int(code) < Self.plain.count: self = Self.plain[Int(code)]
    case 100: self = .rate(width: try reader.read(Int64.self))
    case 101: self = .quantile(try reader.read(Double.self))
    case 102: self = .decayedSum(halfLife: try reader.read(Int64.self))
    case 103: self = .decayedMean(halfLife: try reader.read(Int64.self))
    case 104: self = .decayedCount(halfLife: try reader.read(Int64.self))
    case 105: self = .distinctUpTo(exact: Int(try reader.read(Int64.self)))
    default: throw reader.malformed("an aggregate function")
    }
  }
}
