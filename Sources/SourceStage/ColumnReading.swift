package import Records

/// How one column is read: where its text stands in a record, what it looks like, and what it may be.
package struct ColumnReading: Hashable, Sendable {
  /// The one place of its text, or several that are put together.
  package var inputs: [InputColumn]
  package var format: ValueFormat
  /// Texts that stand for no value, as an empty field does.
  package var nulls: [String]
  /// Whether a pair of quotes around the value, beside those of CSV and JSON, is none of it.
  package var isUnquoted: Bool
  package var rules: ColumnRules

  package init(
    _ name: String,
    format: ValueFormat = .plain,
    nulls: [String] = [],
    isUnquoted: Bool = false,
    rules: ColumnRules = ColumnRules()
  ) {
    inputs = [InputColumn(name)]
    self.format = format
    self.nulls = nulls
    self.isUnquoted = isUnquoted
    self.rules = rules
  }

  /// Whether it is a value of its type as anyone would write it.
  var isPlain: Bool { format == .plain && nulls.isEmpty && !isUnquoted && inputs.count == 1 }

  /// Whether values of `field` can be read so.
  package func suits(_ field: Field) -> Bool {
    guard !inputs.isEmpty, inputs.allSatisfy({ $0.occurrence ?? 1 > 0 }) else { return false }
    if case .pattern = format {} else if inputs.count > 1 { return false }
    return format.suits(field.type) && (nulls.isEmpty || field.isNullable) && rules.suits(field.type)
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(inputs) { input, writer in
      writer.write(input.name)
      writer.write(input.occurrence) { $1.write(Int64($0)) }
      writer.write(input.field) { $0.encode(into: &$1) }
    }
    format.encode(into: &writer)
    writer.write(nulls) { $1.write($0) }
    writer.write(isUnquoted)
    rules.encode(into: &writer)
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    inputs = try reader.read { (reader) throws(MalformedBytes) in
      let name = try reader.read(String.self)
      let occurrence = try reader.readOptional { (reader) throws(MalformedBytes) in Int(try reader.read(Int64.self)) }
      let field = try reader.readOptional { (reader) throws(MalformedBytes) in try ProtobufField(from: &reader) }
      return InputColumn(name, occurrence: occurrence, field: field)
    }
    format = try ValueFormat(from: &reader)
    nulls = try reader.read { (reader) throws(MalformedBytes) in try reader.read(String.self) }
    isUnquoted = try reader.read()
    rules = try ColumnRules(from: &reader)
  }
}

/// A named field of the input's records.
package struct InputColumn: Hashable, Sendable {
  package let name: String
  /// Which of several with that name it is, counted from 1; nil: there is only one.
  package let occurrence: Int?
  /// Where it stands in a Protobuf message.
  package let field: ProtobufField?

  package init(_ name: String, occurrence: Int? = nil, field: ProtobufField? = nil) {
    self.name = name
    self.occurrence = occurrence
    self.field = field
  }

  /// Whether both name the same: case means nothing.
  func matches(_ other: InputColumn) -> Bool {
    occurrence == other.occurrence && name.lowercased() == other.name.lowercased()
  }

  /// The name as messages show it.
  var description: String { occurrence.map { "'\(name)' (number \($0) of that name)" } ?? "'\(name)'" }
}
