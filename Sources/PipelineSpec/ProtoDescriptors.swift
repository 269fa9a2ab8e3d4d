internal import Records
internal import SourceStage

/// The messages of Protobuf's own description of `.proto` files, a `FileDescriptorSet`, as far as they bear on columns.
struct ProtoDescriptors {
  struct Message {
    /// With its package: `payments.v1.Payment`.
    let name: String
    /// Of the file that the set is about, not of one that it imports.
    let fields: [Field]
  }

  struct Field {
    let name: String
    let number: Int
    let isRepeated: Bool
    let isRequired: Bool
    /// Whether a message may lack it, beside having its zero.
    let isOptional: Bool
    /// As `FieldDescriptorProto.Type` numbers them.
    let type: Int
    /// Of a message or an enumeration, with a point in front.
    let typeName: String
  }

  private(set) var messages: [Message] = []
  private(set) var enumerations: [String: [ProtobufField.Name]] = [:]

  /// The set cannot be read.
  struct Damage: Error {}

  init(_ bytes: [UInt8]) throws(Damage) {
    try Self.fields(bytes.span, 0..<bytes.count) { (number, value) throws(Damage) in
      guard number == 1, case .bytes(let range) = value else { return }
      try readFile(bytes.span, range)
    }
    guard !messages.isEmpty || bytes.isEmpty else { throw Damage() }
  }

  private mutating func readFile(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Damage) {
    var (package, syntax) = ("", "proto2")
    var (messages, enumerations): ([Range<Int>], [Range<Int>]) = ([], [])
    try Self.fields(bytes, range) { (number, value) throws(Damage) in
      guard case .bytes(let range) = value else { return }
      switch number {
      case 2: package = try Self.text(bytes, range)
      case 4: messages.append(range)
      case 5: enumerations.append(range)
      case 12: syntax = try Self.text(bytes, range)
      default: break
      }
    }
    let prefix = package.isEmpty ? "" : package + "."
    for range in enumerations { try readEnumeration(bytes, range, prefix) }
    for range in messages { try readMessage(bytes, range, prefix, isImplicit: syntax == "proto3", depth: 0) }
  }

  private mutating func readMessage(
    _ bytes: Span<UInt8>,
    _ range: Range<Int>,
    _ prefix: String,
    isImplicit: Bool,
    depth: Int
  ) throws(Damage) {
    guard depth < 32 else { throw Damage() }
    var name = ""
    var fields: [Field] = []
    var (nested, enumerations): ([Range<Int>], [Range<Int>]) = ([], [])
    try Self.fields(bytes, range) { (number, value) throws(Damage) in
      guard case .bytes(let range) = value else { return }
      switch number {
      case 1: name = try Self.text(bytes, range)
      case 2: fields.append(try Self.field(bytes, range, isImplicit: isImplicit))
      case 3: nested.append(range)
      case 4: enumerations.append(range)
      default: break
      }
    }
    messages.append(Message(name: prefix + name, fields: fields))
    for range in enumerations { try readEnumeration(bytes, range, prefix + name + ".") }
    for range in nested {
      try readMessage(bytes, range, prefix + name + ".", isImplicit: isImplicit, depth: depth + 1)
    }
  }

  private static func field(_ bytes: Span<UInt8>, _ range: Range<Int>, isImplicit: Bool) throws(Damage) -> Field {
    var (name, typeName) = ("", "")
    var (fieldNumber, label, type) = (0, 1, 0)
    var isOptional = !isImplicit
    try fields(bytes, range) { (number, value) throws(Damage) in
      switch (number, value) {
      case (1, .bytes(let range)): name = try text(bytes, range)
      case (6, .bytes(let range)): typeName = try text(bytes, range)
      case (3, .varint(let value)): fieldNumber = Int(truncatingIfNeeded: value)
      case (4, .varint(let value)): label = Int(truncatingIfNeeded: value)
      case (5, .varint(let value)): type = Int(truncatingIfNeeded: value)
      // One of several, or declared optional: not being there is something else than being zero.
      case (9, .varint), (17, .varint(1)): isOptional = true
      default: break
      }
    }
    guard ProtobufField.numbers.contains(fieldNumber) else { throw Damage() }
    return Field(
      name: name,
      number: fieldNumber,
      isRepeated: label == 3,
      isRequired: label == 2,
      isOptional: isOptional,
      type: type,
      typeName: typeName
    )
  }

  private mutating func readEnumeration(
    _ bytes: Span<UInt8>,
    _ range: Range<Int>,
    _ prefix: String
  ) throws(Damage) {
    var name = ""
    var names: [ProtobufField.Name] = []
    try Self.fields(bytes, range) { (number, value) throws(Damage) in
      guard case .bytes(let range) = value else { return }
      if number == 1 { name = try Self.text(bytes, range) }
      guard number == 2 else { return }
      var (text, code) = ("", Int32(0))
      try Self.fields(bytes, range) { (number, value) throws(Damage) in
        switch (number, value) {
        case (1, .bytes(let range)): text = try Self.text(bytes, range)
        case (2, .varint(let value)): code = Int32(truncatingIfNeeded: value)
        default: break
        }
      }
      names.append(ProtobufField.Name(code, text))
    }
    enumerations["." + prefix + name] = names
  }

  private static func fields(
    _ bytes: Span<UInt8>,
    _ range: Range<Int>,
    _ body: (Int, WireCursor.Value) throws(Damage) -> Void
  ) throws(Damage) {
    var cursor = WireCursor(bytes, in: range)
    while true {
      switch cursor.next() {
      case .field(let number, let value): try body(number, value)
      case .end: return
      case .malformed: throw Damage()
      }
    }
  }

  private static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Damage) -> String {
    let text = range.map { bytes[$0] }
    guard let text = String(validating: text, as: UTF8.self) else { throw Damage() }
    return text
  }
}

extension ProtoDescriptors {
  /// The columns of a message.
  func columns(_ message: Message) -> ImportedSchema {
    var schema = ImportedSchema(name: "the message `\(message.name)`")
    for field in message.fields {
      let column = declared(field)
      schema.columns.append(
        ImportedSchema.Column(
          name: field.name,
          column: column,
          problem: column == nil ? "its field `\(field.name)` is \(kindName(field)), which is no column" : ""
        )
      )
    }
    return schema
  }

  private func declared(_ field: Field) -> DeclaredColumn? {
    guard !field.isRepeated, let kind = kind(field) else { return nil }
    let isNull = !field.isRequired && (field.isOptional || kind == .timestamp)
    let source = ProtobufField(
      number: field.number,
      kind: kind,
      presence: field.isRequired ? .required : isNull ? .null : .zero,
      names: kind == .enumeration ? enumerations[field.typeName] ?? [] : []
    )
    var reading = ColumnReading(field.name)
    reading.inputs = [InputColumn(field.name, field: source)]
    return DeclaredColumn(field: .init(field.name, source.type, nullable: isNull), reading: reading)
  }

  private func kind(_ field: Field) -> ProtobufField.Kind? {
    switch field.type {
    case 1: .double
    case 2: .float
    case 3: .int64
    case 4: .uint64
    case 5: .int32
    case 6: .fixed64
    case 7: .fixed32
    case 8: .bool
    case 9: .string
    case 11: field.typeName == ".google.protobuf.Timestamp" ? .timestamp : nil
    case 13: .uint32
    case 14: .enumeration
    case 15: .sfixed32
    case 16: .sfixed64
    case 17: .sint32
    case 18: .sint64
    default: nil
    }
  }

  private func kindName(_ field: Field) -> String {
    if field.isRepeated { return "repeated" }
    return switch field.type {
    case 10: "a group"
    case 11: "a message, \(field.typeName.dropFirst())"
    case 12: "bytes"
    default: "of a type that Sluice does not know"
    }
  }
}
