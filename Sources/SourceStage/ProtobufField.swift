package import Records

/// A field of a Protobuf message, by what its bytes mean.
package struct ProtobufField: Hashable, Sendable {
  package let number: Int
  package let kind: Kind
  package let presence: Presence
  /// The names of an enumeration's numbers.
  package let names: [Name]

  package enum Kind: UInt8, Hashable, Sendable {
    case int32, int64, uint32, uint64, sint32, sint64, fixed32, fixed64, sfixed32, sfixed64, float, double, bool, string
    case enumeration, timestamp
  }

  /// What it means that the field is not there.
  package enum Presence: UInt8, Hashable, Sendable {
    /// A message without it is none.
    case required = 0
    case null = 1
    /// It is 0, false, or the empty text.
    case zero = 2
  }

  package struct Name: Hashable, Sendable {
    package let number: Int32
    package let text: String

    package init(_ number: Int32, _ text: String) {
      self.number = number
      self.text = text
    }
  }

  /// The numbers that a field may have.
  package static let numbers = 1...(1 << 29) - 1

  package init(number: Int, kind: Kind, presence: Presence, names: [Name] = []) {
    self.number = number
    self.kind = kind
    self.presence = presence
    self.names = names
  }

  /// The type of a column that holds all its values.
  package var type: ColumnType {
    switch kind {
    case .int32, .int64, .uint32, .uint64, .sint32, .sint64, .fixed32, .fixed64, .sfixed32, .sfixed64: .int64
    case .float, .double: .float64
    case .bool: .bool
    case .string, .enumeration: .string
    case .timestamp: .timestamp
    }
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(UInt32(number))
    writer.write(kind.rawValue)
    writer.write(presence.rawValue)
    writer.write(names) { name, writer in
      writer.write(name.number)
      writer.write(name.text)
    }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    number = Int(try reader.read(UInt32.self))
    guard Self.numbers.contains(number), let kind = Kind(rawValue: try reader.read()),
      let presence = Presence(rawValue: try reader.read())
    else { throw reader.malformed("a field of a message") }
    self.kind = kind
    self.presence = presence
    names = try reader.read { (reader) throws(MalformedBytes) in Name(try reader.read(), try reader.read()) }
  }
}
