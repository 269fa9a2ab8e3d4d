import Records
import SourceStage
import TestSupport

/// Protobuf messages behind their lengths, in two pieces: the first byte says how they are read, the next two where the input is
/// cut. The cut changes nothing.
enum ProtobufSubject {
  static let columns: [(Field, ProtobufField)] = [
    (Field("at", .timestamp), ProtobufField(number: 1, kind: .timestamp, presence: .zero)),
    (Field("a", .int64), ProtobufField(number: 2, kind: .sint64, presence: .zero)),
    (Field("b", .int64, nullable: true), ProtobufField(number: 3, kind: .fixed32, presence: .null)),
    (Field("c", .float64), ProtobufField(number: 4, kind: .double, presence: .required)),
    (Field("d", .string), ProtobufField(number: 5, kind: .string, presence: .zero)),
    (
      Field("e", .string, nullable: true),
      ProtobufField(number: 6, kind: .enumeration, presence: .null, names: [.init(0, "NO"), .init(1, "YES")])
    ),
    (Field("f", .decimal(scale: 2)), ProtobufField(number: 7, kind: .double, presence: .zero)),
    (Field("g", .bool), ProtobufField(number: 8, kind: .bool, presence: .zero)),
    (Field("h", .int64), ProtobufField(number: 9, kind: .uint64, presence: .zero)),
  ]

  static func read(_ bytes: [UInt8]) {
    guard bytes.count >= 3 else { return }
    let (choices, messages) = (bytes[0], Array(bytes[3...]))
    let readings = columns.map { field, source in
      var reading = ColumnReading(field.name)
      reading.inputs = [InputColumn(field.name, field: source)]
      return reading
    }
    let plan = SourcePlan(
      schema: Schema(columns.map(\.0)),
      readings: readings,
      timeColumn: 0,
      source: 0,
      input: .file(path: "in.pb"),
      format: .protobuf,
      speed: choices & 1 != 0 ? 1e9 : nil,
      errorPolicy: choices & 8 != 0 ? .fail : .deadLetter,
      longestLine: choices & 16 != 0 ? 40 : 1 << 20
    )
    let cut = min(Int(bytes[1]) << 8 | Int(bytes[2]), messages.count)
    let pieces = [Array(messages[..<cut]), Array(messages[cut...])]
    let (whole, parts) = (SourceResult(ProtobufSource(plan), [messages]), SourceResult(ProtobufSource(plan), pieces))
    Subject.require(whole == parts, "a source does not see how its input is cut")
  }
}
