import Records
import TestSupport
import Testing

/// What `ByteWriter` writes, `ByteReader` reads; anything less is an error.
@Suite struct ByteCodingTests {
  /// A value of each kind that a message may hold.
  enum Item: Equatable {
    case byte(UInt8)
    case short(UInt16)
    case word(UInt32)
    case long(UInt64)
    case signed(Int64)
    case flag(Bool)
    case number(UInt64)
    case bytes([UInt8])
    case text(String)
    case list([Int64])
    case optional(UInt32?)
    case schema(Schema)

    static func random(_ random: inout SeededRandom) -> Item {
      let length = Int.random(in: 0...9, using: &random)
      return switch Int.random(in: 0..<12, using: &random) {
      case 0: .byte(.random(in: 0...(.max), using: &random))
      case 1: .short(.random(in: 0...(.max), using: &random))
      case 2: .word(.random(in: 0...(.max), using: &random))
      case 3: .long(random.next())
      case 4: .signed([.min, .max, -1].randomElement(using: &random) ?? 0)
      case 5: .flag(random.chance(oneIn: 2))
      case 6: .number(Double(bitPattern: random.next()).bitPattern)
      case 7: .bytes((0..<length).map { _ in UInt8.random(in: 0...255, using: &random) })
      case 8: .text(String(repeating: "\u{1F40C}x", count: length))
      case 9: .list((0..<length).map { _ in Int64(bitPattern: random.next()) })
      case 10: .optional(random.chance(oneIn: 2) ? nil : .random(in: 0...(.max), using: &random))
      default: .schema(.random(upTo: 4, &random))
      }
    }

    func write(to writer: inout ByteWriter) {
      switch self {
      case .byte(let value): writer.write(value)
      case .short(let value): writer.write(value)
      case .word(let value): writer.write(value)
      case .long(let value): writer.write(value)
      case .signed(let value): writer.write(value)
      case .flag(let value): writer.write(value)
      case .number(let bits): writer.write(Double(bitPattern: bits))
      case .bytes(let value): writer.write(value)
      case .text(let value): writer.write(value)
      case .list(let values): writer.write(values) { $1.write($0) }
      case .optional(let value): writer.write(value) { $1.write($0) }
      case .schema(let value): writer.write(value)
      }
    }

    /// The item of the same kind that stands next.
    func read(from reader: inout ByteReader) throws(MalformedBytes) -> Item {
      switch self {
      case .byte: .byte(try reader.read())
      case .short: .short(try reader.read())
      case .word: .word(try reader.read())
      case .long: .long(try reader.read())
      case .signed: .signed(try reader.read())
      case .flag: .flag(try reader.read())
      case .number: .number(try reader.read(Double.self).bitPattern)
      case .bytes: .bytes(try reader.read())
      case .text: .text(try reader.read())
      case .list: .list(try reader.read { (reader) throws(MalformedBytes) in try reader.read() })
      case .optional: .optional(try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read() })
      case .schema: .schema(try reader.read())
      }
    }
  }

  static func read(_ items: [Item], _ bytes: [UInt8]) throws(MalformedBytes) -> [Item] {
    var reader = ByteReader(bytes)
    var result: [Item] = []
    for item in items { result.append(try item.read(from: &reader)) }
    guard reader.isAtEnd else { throw reader.malformed("the end") }
    return result
  }

  @Test func readsBackWhatWasWrittenAndNothingShorter() throws {
    for seed in Seeds.range(300) {
      var random = SeededRandom(seed: seed)
      let items = (0..<Int.random(in: 1...8, using: &random)).map { _ in Item.random(&random) }
      var writer = ByteWriter()
      for item in items { item.write(to: &writer) }
      #expect(try Self.read(items, writer.bytes) == items, "seed \(seed)")
      #expect(throws: MalformedBytes.self, "seed \(seed)") { try Self.read(items, writer.bytes + [0]) }
      for length in writer.bytes.indices {
        #expect(throws: MalformedBytes.self, "seed \(seed): \(length) bytes") {
          try Self.read(items, Array(writer.bytes[..<length]))
        }
      }
    }
  }

  @Test func anyBytesGiveValuesOrAnError() {
    for seed in Seeds.range(2000) {
      var random = SeededRandom(seed: seed)
      let items = (0..<8).map { _ in Item.random(&random) }
      var writer = ByteWriter()
      for item in items { item.write(to: &writer) }
      var bytes = writer.bytes
      for _ in 0..<3 { bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random) }
      _ = try? Self.read(items, bytes)
    }
  }

  /// A length that the bytes do not bear out must not reserve memory for it.
  @Test func aLyingCountIsRefused() {
    let bytes: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3]
    for item in [Item.bytes([]), .text(""), .list([]), .schema(Schema([]))] {
      #expect(throws: MalformedBytes.self) { try Self.read([item], bytes) }
    }
  }

  @Test func isLittleEndian() {
    var writer = ByteWriter()
    writer.write(0x0102_0304 as UInt32)
    writer.write("ab")
    writer.write(-2 as Int64)
    #expect(writer.bytes == [4, 3, 2, 1, 2, 0, 0, 0, 0x61, 0x62, 0xFE] + Array(repeating: 0xFF, count: 7))
  }
}
