/// Writes the compact binary form of plans and control messages: little-endian, lengths before contents.
package struct ByteWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func write<T: FixedWidthInteger>(_ value: T) {
    for shift in stride(from: 0, to: T.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> T(shift)))
    }
  }

  package mutating func write(_ value: Bool) { bytes.append(value ? 1 : 0) }
  package mutating func write(_ value: Double) { write(value.bitPattern) }
  package mutating func write(_ value: String) { write(Array(value.utf8)) }

  package mutating func write(_ value: [UInt8]) {
    write(UInt32(value.count))
    bytes += value
  }

  package mutating func write<T>(_ values: [T], _ each: (T, inout ByteWriter) -> Void) {
    write(UInt32(values.count))
    for value in values { each(value, &self) }
  }

  package mutating func write<T>(_ value: T?, _ some: (T, inout ByteWriter) -> Void) {
    write(value != nil)
    if let value { some(value, &self) }
  }

  package mutating func write(_ schema: Schema) {
    write(schema.fields) { field, writer in
      writer.write(field.name)
      writer.write(field.type.description)
      writer.write(field.isNullable)
    }
  }
}

/// Bytes that are not what their reader expects.
package struct MalformedBytes: Error, CustomStringConvertible {
  /// What should have stood there.
  package let expected: String
  package let offset: Int

  package init(expected: String, offset: Int) {
    self.expected = expected
    self.offset = offset
  }

  package var description: String { "malformed message: expected \(expected) at byte \(offset)" }
}

/// Reads what `ByteWriter` wrote; any bytes give values or an error, never a trap.
package struct ByteReader {
  private let bytes: [UInt8]
  package private(set) var offset = 0

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  package var isAtEnd: Bool { offset == bytes.count }

  package mutating func read<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(MalformedBytes) -> T {
    guard bytes.count - offset >= T.bitWidth / 8 else { throw malformed("\(T.self)") }
    var value: T = 0
    for shift in stride(from: 0, to: T.bitWidth, by: 8) {
      value |= T(truncatingIfNeeded: bytes[offset]) << T(shift)
      offset += 1
    }
    return value
  }

  package mutating func read(_ type: Bool.Type = Bool.self) throws(MalformedBytes) -> Bool {
    try read(UInt8.self) != 0
  }

  package mutating func read(_ type: Double.Type = Double.self) throws(MalformedBytes) -> Double {
    Double(bitPattern: try read())
  }

  package mutating func read(_ type: [UInt8].Type = [UInt8].self) throws(MalformedBytes) -> [UInt8] {
    let count = Int(try read(UInt32.self))
    guard bytes.count - offset >= count else { throw malformed("\(count) bytes") }
    offset += count
    return Array(bytes[offset - count..<offset])
  }

  package mutating func read(_ type: String.Type = String.self) throws(MalformedBytes) -> String {
    String(decoding: try read([UInt8].self), as: UTF8.self)
  }

  package mutating func read<T>(
    _ each: (inout ByteReader) throws(MalformedBytes) -> T
  ) throws(MalformedBytes) -> [T] {
    let count = Int(try read(UInt32.self))
    // Every element takes a byte at least, so a count beyond the rest is a lie that must not reserve memory.
    guard count <= bytes.count - offset else { throw malformed("\(count) elements") }
    var values: [T] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(try each(&self)) }
    return values
  }

  package mutating func readOptional<T>(
    _ some: (inout ByteReader) throws(MalformedBytes) -> T
  ) throws(MalformedBytes) -> T? {
    try read(Bool.self) ? try some(&self) : nil
  }

  package mutating func read(_ type: Schema.Type = Schema.self) throws(MalformedBytes) -> Schema {
    Schema(
      try read { (reader) throws(MalformedBytes) in
        let name = try reader.read(String.self)
        let spelling = try reader.read(String.self)
        guard let type = ColumnType(spelling: spelling) else { throw reader.malformed("a column type") }
        return Field(name, type, nullable: try reader.read(Bool.self))
      }
    )
  }

  package func malformed(_ expected: String) -> MalformedBytes {
    MalformedBytes(expected: expected, offset: offset)
  }
}
