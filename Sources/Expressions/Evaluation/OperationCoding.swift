internal import Records

extension Operation {
  /// - Parameter shared: what is written beside the operations.
  func encode(into writer: inout ByteWriter, shared: SharedValues) {
    writer.write(code)
    switch self {
    case .column(let index): writer.write(UInt32(index))
    case .literal(let bits, let type):
      writer.write(bits)
      writer.write(type.description)
    case .text(let bytes): writer.write(bytes)
    case .null(let type): writer.write(type.description)
    case .rescale(let scale), .round(let scale): writer.write(UInt8(scale))
    case .compare(let comparison): writer.write(comparison.rawValue)
    case .part(let part): writer.write(part.rawValue)
    case .local(let rules): rules.encode(into: &writer)
    case .isMember(let set): writer.write(UInt32(shared.sets.index(of: set)))
    case .find(let keys): writer.write(UInt32(shared.keys.index(of: keys)))
    case .fetch(let column): writer.write(UInt32(shared.columns.index(of: column)))
    case .matches(let pattern): pattern.encode(into: &writer)
    default: break
    }
  }

  init(from reader: inout ByteReader, shared: SharedValues) throws(MalformedBytes) {
    let code: UInt8 = try reader.read()
    switch code {
    case 0: self = .column(Int(try reader.read(UInt32.self)))
    case 1:
      let bits: Int64 = try reader.read()
      let type = try Self.type(from: &reader)
      // A truth is a bit: what is computed with it relies on that.
      guard type != .bool || 0...1 ~= bits else { throw reader.malformed("true or false") }
      self = .literal(bits, type)
    case 2: self = .text(try reader.read())
    case 3: self = .null(try Self.type(from: &reader))
    case 4: self = .rescale(Int(try reader.read(UInt8.self)))
    case 5: self = .round(Int(try reader.read(UInt8.self)))
    case 6:
      guard let comparison = Comparison(rawValue: try reader.read()) else { throw reader.malformed("a comparison") }
      self = .compare(comparison)
    case 7:
      guard let part = TimePart(rawValue: try reader.read()) else { throw reader.malformed("a part of a time") }
      self = .part(part)
    case 8: self = .local(try TimeZoneRules(from: &reader))
    case 9: self = .isMember(try shared.sets.one(from: &reader, "one of the lists"))
    case 10: self = .matches(try Pattern(from: &reader))
    case 11: self = .find(try shared.keys.one(from: &reader, "the keys of one of the tables"))
    case 12: self = .fetch(try shared.columns.one(from: &reader, "a column of one of the tables"))
    default:
      let index = Int(code) - Self.firstPlain
      guard Self.plain.indices.contains(index) else { throw reader.malformed("an operation") }
      self = Self.plain[index]
    }
  }

  private static func type(from reader: inout ByteReader) throws(MalformedBytes) -> ColumnType {
    guard let type = ColumnType(spelling: try reader.read()) else { throw reader.malformed("a type") }
    return type
  }

  private static let firstPlain = 32

  /// Those that carry nothing with them, in the order of their codes.
  private static let plain: [Operation] = [
    .toFloat, .toInteger, .floor, .ceiling, .nearest, .negate, .absolute, .sign, .add, .subtract, .multiply, .divide,
    .remainder, .minimum, .maximum, .squareRoot, .exponential, .logarithm, .power, .haversine, .and, .or, .not, .isNull,
    .choose, .coalesce, .secondsBetween, .lower, .upper, .trim, .length, .contains, .startsWith, .endsWith,
    .concatenate, .substring, .hash, .hashNext, .bucket,
  ]

  private var code: UInt8 {
    switch self {
    case .column: return 0
    case .literal: return 1
    case .text: return 2
    case .null: return 3
    case .rescale: return 4
    case .round: return 5
    case .compare: return 6
    case .part: return 7
    case .local: return 8
    case .isMember: return 9
    case .matches: return 10
    case .find: return 11
    case .fetch: return 12
    default:
      guard let index = Self.plain.firstIndex(of: self) else { preconditionFailure("\(self) has no code") }
      return UInt8(Self.firstPlain + index)
    }
  }
}
