internal import Records

/// What the values of a column may be, beside being of its type. A row with another one is a dead letter; no value breaks no
/// rule.
package struct ColumnRules: Hashable, Sendable {
  package var least: Value?
  package var greatest: Value?
  /// Empty: any.
  package var allowed: [Value]
  /// Characters of the longest text.
  package var longest: Int?

  /// A value as the column stores it.
  package enum Value: Hashable, Sendable {
    /// Of an `int64`, a scaled `decimal`, or a `timestamp`.
    case int(Int64)
    case float(Double)
    case text(String)

    func suits(_ type: ColumnType) -> Bool {
      switch (self, type) {
      case (.int, .int64), (.int, .decimal), (.int, .timestamp), (.text, .string): true
      case (.float(let value), .float64): value.isFinite
      default: false
      }
    }

    func encode(into writer: inout ByteWriter) {
      switch self {
      case .int(let value):
        writer.write(UInt8(0))
        writer.write(value)
      case .float(let value):
        writer.write(UInt8(1))
        writer.write(value)
      case .text(let value):
        writer.write(UInt8(2))
        writer.write(value)
      }
    }

    init(from reader: inout ByteReader) throws(MalformedBytes) {
      switch try reader.read(UInt8.self) {
      case 0: self = .int(try reader.read())
      case 1: self = .float(try reader.read())
      case 2: self = .text(try reader.read())
      default: throw reader.malformed("a kind of value")
      }
    }
  }

  package init(least: Value? = nil, greatest: Value? = nil, allowed: [Value] = [], longest: Int? = nil) {
    self.least = least
    self.greatest = greatest
    self.allowed = allowed
    self.longest = longest
  }

  package var isEmpty: Bool { least == nil && greatest == nil && allowed.isEmpty && longest == nil }

  func suits(_ type: ColumnType) -> Bool {
    if longest != nil && type != .string { return false }
    if type == .string && (least != nil || greatest != nil) { return false }
    return longest ?? 0 >= 0 && ([least, greatest].compactMap(\.self) + allowed).allSatisfy { $0.suits(type) }
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(least) { $0.encode(into: &$1) }
    writer.write(greatest) { $0.encode(into: &$1) }
    writer.write(allowed) { $0.encode(into: &$1) }
    writer.write(longest) { $1.write(Int64($0)) }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    least = try reader.readOptional { (reader) throws(MalformedBytes) in try Value(from: &reader) }
    greatest = try reader.readOptional { (reader) throws(MalformedBytes) in try Value(from: &reader) }
    allowed = try reader.read { (reader) throws(MalformedBytes) in try Value(from: &reader) }
    longest = try reader.readOptional { (reader) throws(MalformedBytes) in Int(try reader.read(Int64.self)) }
  }
}
