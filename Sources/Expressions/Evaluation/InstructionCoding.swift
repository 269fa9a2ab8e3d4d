internal import Records

extension Operation {
  func encode(into writer: inout ByteWriter) {
    writer.write(code)
    switch self {
    case .column(let index): writer.write(UInt32(index))
    case .literal(let bits, let type):
      writer.write(bits)
      writer.write(type.description)
    case .text(let bytes): writer.write(bytes)
    case .rescale(let scale): writer.write(UInt8(scale))
    case .compare(let comparison): writer.write(comparison.rawValue)
    default: break
    }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    let code: UInt8 = try reader.read()
    switch code {
    case 0: self = .column(Int(try reader.read(UInt32.self)))
    case 1:
      let bits: Int64 = try reader.read()
      guard let type = ColumnType(spelling: try reader.read()) else { throw reader.malformed("a type") }
      self = .literal(bits, type)
    case 2: self = .text(try reader.read())
    case 3: self = .rescale(Int(try reader.read(UInt8.self)))
    case 4:
      guard let comparison = Comparison(rawValue: try reader.read()) else { throw reader.malformed("a comparison") }
      self = .compare(comparison)
    default:
      guard let operation = Self.plain.first(where: { $0.code == code }) else { throw reader.malformed("an operation") }
      self = operation
    }
  }

  /// Those that carry nothing with them.
  private static let plain: [Operation] = [
    .toFloat, .toInteger, .negate, .absolute, .add, .subtract, .multiply, .divide, .remainder, .minimum, .maximum, .and,
    .or, .not, .isNull, .choose, .coalesce, .hour, .weekday, .lower, .length, .contains, .startsWith, .endsWith,
  ]

  private var code: UInt8 {
    switch self {
    case .column: 0
    case .literal: 1
    case .text: 2
    case .rescale: 3
    case .compare: 4
    case .toFloat: 5
    case .toInteger: 6
    case .negate: 7
    case .absolute: 8
    case .add: 9
    case .subtract: 10
    case .multiply: 11
    case .divide: 12
    case .remainder: 13
    case .minimum: 14
    case .maximum: 15
    case .and: 16
    case .or: 17
    case .not: 18
    case .isNull: 19
    case .choose: 20
    case .coalesce: 21
    case .hour: 22
    case .weekday: 23
    case .lower: 24
    case .length: 25
    case .contains: 26
    case .startsWith: 27
    case .endsWith: 28
    }
  }
}
