import Foundation
import Records
import TestSupport
import Testing

/// The C library is the judge: the fast way must give its bits.
@Suite struct FloatTextTests {
  static func parse(_ text: String) -> Double? { text.withBytes(FloatText.parse) }

  /// What strtod makes of a text, all of which must be the number.
  static func judge(_ text: String) -> Double? {
    unsafe text.withCString { start in
      var end: UnsafeMutablePointer<CChar>?
      let value = unsafe strtod(start, &end)
      let rest = unsafe end.map { unsafe strlen($0) }
      return !text.isEmpty && rest == 0 && value.isFinite ? value : nil
    }
  }

  @Test func readsTheShortestTextOfAnyDouble() {
    for seed in Seeds.range(20_000) {
      var random = SeededRandom(seed: seed)
      let bits = Double(bitPattern: random.next())
      let usual = Double(Int64.random(in: -1_000_000...1_000_000, using: &random)) / 1000
      for value in [bits.isFinite ? bits : 0, usual, .random(in: -1...1, using: &random)] {
        let text = TextBuffer.text { $0.append(float: value) }
        #expect(Self.parse(text)?.bitPattern == value.bitPattern, "seed \(seed): \(text)")
      }
    }
  }

  @Test func agreesWithTheCLibraryOnDecimals() {
    for seed in Seeds.range(20_000) {
      var random = SeededRandom(seed: seed)
      let count = Int.random(in: 1...22, using: &random)
      let digits = (0..<count).map { _ in "\(Int.random(in: 0...9, using: &random))" }
      let point = Int.random(in: 0...count, using: &random)
      var text = digits[..<point].joined() + (random.chance(oneIn: 5) ? "" : ".") + digits[point...].joined()
      if random.chance(oneIn: 2) { text = (random.chance(oneIn: 2) ? "-" : "+") + text }
      if random.chance(oneIn: 4) { text += "e\(Int.random(in: -330...330, using: &random))" }
      #expect(Self.parse(text)?.bitPattern == Self.judge(text)?.bitPattern, "seed \(seed): \(text)")
    }
  }

  @Test func agreesWithTheCLibraryOnWhatIsANumber() {
    let letters = Array("0123456789.eE+-")
    for seed in Seeds.range(20_000) {
      var random = SeededRandom(seed: seed)
      let length = Int.random(in: 0...8, using: &random)
      let text = String((0..<length).map { _ in letters.randomElement(using: &random) ?? "0" })
      #expect(Self.parse(text)?.bitPattern == Self.judge(text)?.bitPattern, "seed \(seed): \(text)")
    }
  }

  @Test(
    arguments: [
      "", " ", "+", ".", "-.", "e5", "1e", "1 ", " 1", "inf", "-inf", "nan", "0x10", "0x1p3", "1e400", "1,5", "1_0",
      "1\u{0}",
      "infinity", "1.2.3", String(repeating: "1", count: 1025),
    ]
  )
  func refuses(text: String) { #expect(Self.parse(text) == nil) }
}
