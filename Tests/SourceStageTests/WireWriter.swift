/// Writes Protobuf messages as tests want them, sound or not.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  static func varint(_ value: UInt64) -> [UInt8] {
    var (bytes, rest): ([UInt8], UInt64) = ([], value)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  mutating func tag(_ number: Int, _ kind: UInt64) { bytes += Self.varint(UInt64(number) << 3 | kind) }

  mutating func write(_ number: Int, varint value: UInt64) {
    tag(number, 0)
    bytes += Self.varint(value)
  }

  mutating func write(_ number: Int, fixed64 value: UInt64) {
    tag(number, 1)
    for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * shift))) }
  }

  mutating func write(_ number: Int, fixed32 value: UInt32) {
    tag(number, 5)
    for shift in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * shift))) }
  }

  mutating func write(_ number: Int, bytes value: [UInt8]) {
    tag(number, 2)
    bytes += Self.varint(UInt64(value.count)) + value
  }

  mutating func append(_ other: WireWriter) { bytes += other.bytes }

  /// The message behind its length.
  var delimited: [UInt8] { Self.varint(UInt64(bytes.count)) + bytes }
}
