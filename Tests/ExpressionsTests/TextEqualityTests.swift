import Expressions
import Records
import TestSupport
import Testing

/// Texts of all lengths, for they are compared in words.
@Suite struct TextEqualityTests {
  static let schema = Schema([Field("name", .string, nullable: true), Field("other", .string)])

  /// The same letters, mostly, with one of them another in some texts.
  private static func text(_ random: inout SeededRandom, length: Int) -> String {
    var letters = Array("abcdefghijklmnopqrstuvwxyz".prefix(length))
    if length > 0, random.chance(oneIn: 2) { letters[.random(in: 0..<length, using: &random)] = "!" }
    return String(letters)
  }

  @Test func agreesWithThoseOfStrings() throws {
    for seed in Seeds.range(300) {
      var random = SeededRandom(seed: seed)
      let length = Int.random(in: 0...26, using: &random)
      let constant = Self.text(&random, length: length)
      let texts = (0..<20).map { _ in
        let other = random.chance(oneIn: 4) ? Int.random(in: 0...26, using: &random) : length
        return (random.chance(oneIn: 8) ? nil : Self.text(&random, length: other), Self.text(&random, length: length))
      }
      let rows = texts.enumerated().map { place, texts in
        Row(time: 0, ordinal: UInt64(place), values: [texts.0.map { .text($0) } ?? .null, .text(texts.1)])
      }
      let tests: [(String, (String, String) -> Bool)] = [
        ("name = '\(constant)'", { name, _ in name == constant }),
        ("name != '\(constant)'", { name, _ in name != constant }),
        ("name = other", { $0 == $1 }), ("name != other", { $0 != $1 }),
        ("starts_with(name, '\(constant)')", { name, _ in name.hasPrefix(constant) }),
        ("ends_with(name, other)", { $0.hasSuffix($1) }),
      ]
      for (test, isTrue) in tests {
        var predicate = Predicate(try Expression.compile(test, schema: Self.schema))
        let expected = texts.indices.filter { row in texts[row].0.map { isTrue($0, texts[row].1) } ?? false }
        let batch = RecordBatch.of(Self.schema, rows)
        let selected = LooseRows(
          Self.schema,
          positions: batch.positions,
          arrivals: nil,
          columns: batch.columns,
          rows: predicate.select(columns: batch.columns, rows: rows.count)
        )
        #expect(selected.count == expected.count, "seed \(seed): \(test)")
        guard !expected.isEmpty, selected.count == expected.count else { continue }
        #expect(selected.assembled().rows == expected.map { rows[$0] }, "seed \(seed): \(test)")
      }
    }
  }
}
