import Foundation
import Records
import TestSupport
import Testing

@Suite struct TextBufferTests {
  @Test func integersAreThoseOfSwift() {
    var edges = [Int64.min, .min + 1, .max, 0]
    var power: Int64 = 1
    for _ in 0..<19 {
      edges += [power - 1, power, power + 1, -power, 1 - power]
      power = power &* 10
    }
    var random = SeededRandom(seed: 0)
    edges += (0..<5000).map { _ in Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random) }
    for value in edges { #expect(TextBuffer.text { $0.append(integer: value) } == "\(value)") }
  }

  @Test func paddingFillsWithZerosBehindTheSign() {
    var random = SeededRandom(seed: 0)
    for _ in 0..<5000 {
      let value =
        random.chance(oneIn: 50) ? .min : Int64(bitPattern: random.next()) >> Int64.random(in: 0..<64, using: &random)
      let width = Int.random(in: 0...25, using: &random)
      let digits = "\(value.magnitude)"
      let zeros = String(repeating: "0", count: max(width - digits.count, 0))
      #expect(
        TextBuffer.text { $0.append(integer: value, padding: width) } == (value < 0 ? "-" : "") + zeros + digits,
        "\(value) in \(width)"
      )
    }
  }

  static func decoded(json bytes: [UInt8]) throws -> String {
    var buffer = TextBuffer()
    buffer.append("[")
    buffer.append(json: bytes.span)
    buffer.append("]")
    return try #require(try JSONDecoder().decode([String].self, from: Data(buffer.bytes.array)).first)
  }

  @Test func jsonSurvivesItsDecoder() throws {
    for scalar in (0...0x10FFFF).lazy.compactMap(Unicode.Scalar.init).prefix(0x3000) {
      let text = "a\(scalar)z"
      #expect(try Self.decoded(json: Array(text.utf8)) == text, "U+\(String(scalar.value, radix: 16))")
    }
    for seed in Seeds.range(2000) {
      var random = SeededRandom(seed: seed)
      var text = ""
      for _ in 0..<Int.random(in: 0...30, using: &random) {
        let range: ClosedRange<UInt32> = [0...0x7F, 0...0x7FF, 0...0x10FFFF].randomElement(using: &random) ?? 0...0x7F
        text.unicodeScalars.append(Unicode.Scalar(.random(in: range, using: &random)) ?? "\"")
      }
      #expect(
        try Self.decoded(json: Array(text.utf8)).unicodeScalars.elementsEqual(text.unicodeScalars),
        "seed \(seed)"
      )
    }
  }

  @Test func jsonRepairsWhatIsNotUTF8() throws {
    for seed in Seeds.range(2000) {
      var random = SeededRandom(seed: seed)
      let bytes = (0..<Int.random(in: 0...12, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      let expected = String(decoding: bytes, as: UTF8.self)
      #expect(
        try Self.decoded(json: bytes).unicodeScalars.elementsEqual(expected.unicodeScalars),
        "seed \(seed): \(bytes)"
      )
    }
  }

  /// Appending, cutting at both ends and growing, against an array.
  @Test func holdsWhatWasWritten() {
    for seed in Seeds.range(200) {
      var random = SeededRandom(seed: seed)
      var buffer = TextBuffer(capacity: 1)
      var model: [UInt8] = []
      for _ in 0..<100 {
        let length = Int.random(in: 0...60, using: &random)
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
          buffer.truncate(to: length)
          model = Array(model.prefix(length))
        case 1:
          buffer.removeFirst(length)
          model = Array(model.dropFirst(length))
        case 2:
          buffer.append(byte: UInt8(length))
          model.append(UInt8(length))
        case 3 where random.chance(oneIn: 10):
          buffer.removeAll()
          model = []
        case 4:
          buffer.append(String(repeating: "\u{FC}", count: length))
          model += Array(String(repeating: "\u{FC}", count: length).utf8)
        default:
          let more = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
          buffer.append(more.span)
          model += more
        }
        #expect(buffer.bytes.array == model, "seed \(seed)")
      }
    }
  }
}
