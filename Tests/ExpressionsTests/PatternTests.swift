import Expressions
import Records
import TestSupport
import Testing

/// Regular expressions, with those of Swift as the judge.
@Suite struct PatternTests {
  static let schema = Schema([Field("s", .string)])

  static func found(_ pattern: String, in texts: [String]) throws -> [Bool] {
    let quoted = pattern.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
    let expression = try Expression.compile("matches(s, '\(quoted)')", schema: schema)
    var projection = Projection(input: schema, compute: [("x", expression)], filter: nil)
    let rows = texts.enumerated().map { Row(time: 0, ordinal: UInt64($0), values: [.text($1)]) }
    let batch = try #require(projection.apply(LooseRows(.of(schema, rows))).rows).assembled()
    return texts.indices.map { batch.column(1).bool($0) }
  }

  @Test(
    arguments: [
      ("abc", "xabcx", true), ("^abc$", "xabc", false), ("^$", "", true), ("^$", "a", false), ("a{3}", "aa", false),
      ("^a{2,3}$", "aaa", true), ("^a{2,}$", "aaaaa", true), ("^(a|bc)*d$", "abcbcad", true), ("", "", true),
      ("^.$", "\u{1F40C}", true), ("^.$", "\n", false), ("^[^a]$", "ü", true), ("^[ä-ü]+$", "öü", true),
      ("^[ä-ü]+$", "a", false), ("^\\w+\\s\\d+$", "ab_1 23", true), ("^\\W\\S\\D$", "-ax", true), ("[]a]", "]", true),
      ("[a-]", "-", true), ("^[\\d\\-x]+$", "1-x", true), ("a||b", "c", true), ("(?:ab)+$", "xabab", true),
      ("\\.", "a", false), ("^\\$\\^\\\\$", "$^\\", true), ("a$|b", "ab", true), ("a$|b$", "abc", false),
      ("x*?y", "xxy", true), ("^(\\d{4}[- ]?){3}\\d{4}$", "4000-1234 56781234", true), ("it's", "it's", true),
      ("^[\u{10000}-\u{10FFFF}]$", "\u{10FFFF}", true), ("^[\u{7F}-\u{800}]{2}$", "\u{80}\u{7FF}", true),
      ("(^a|b)c", "xbc", true), ("(^a|b)c", "xac", false), ("a^", "a", false), ("$a", "a", false),
      ("(a*)*$", "b", true),
      ("\\t\\n\\r", "\t\n\r", true), ("(a|b){0}c", "c", true),
    ]
  )
  func finds(pattern: String, text: String, isFound: Bool) throws {
    #expect(try Self.found(pattern, in: [text]) == [isFound])
  }

  @Test(arguments: [
    ("a(", 1..<2, "the group has no end"), ("a)", 1..<2, "`)` closes nothing"),
    ("*a", 0..<1, "nothing stands before the repetition"),
    ("a**", 2..<3, "a repetition is repeated"), ("[a", 0..<2, "the class has no end"),
    ("a{2,1}", 1..<6, "the count ends before it begins"),
    ("a{x}", 1..<3, "`{` begins no count"), ("a{2", 1..<3, "the count has no end"),
    ("a{2000}", 1..<7, "more than 1000 repetitions"),
    ("[z-a]", 1..<4, "the range ends before it begins"), ("\\q", 0..<2, "`\\q` means nothing here"),
    ("a\\", 1..<2, "nothing stands after `\\`"), ("(?=a)", 0..<3, "`(?` begins nothing that is known here"),
    ("[a-\\d]", 1..<5, "a range ends with a set of characters"), ("^*", 0..<2, "nothing stands before the repetition"),
    ("(a|b)*a(a|b){12}", 0..<16, "the pattern is too large"),
    ("((a{1000}){1000}){1000}", 0..<23, "the pattern is too large"),
    ("é(", 2..<3, "the group has no end"),
    ("((((){1000}){1000}){1000}){1000}", 0..<32, "the pattern is too large"),
  ])
  func refuses(pattern: String, range: Range<Int>, message: String) {
    do throws(ExpressionError) {
      _ = try Expression.compile("matches(s, '\(pattern)')", schema: Self.schema)
      Issue.record("\(pattern) should be refused")
    } catch {
      // A whole pattern is shown with its quotes.
      let start = error.message == "the pattern is too large" ? 11 : 12
      let length = error.message == "the pattern is too large" ? range.count + 2 : range.count
      #expect(error.message == message)
      #expect(error.offset == start + range.lowerBound && error.length == length, "\(pattern): \(error)")
    }
  }

  static func random(_ depth: Int, _ random: inout SeededRandom) -> String {
    let leaves = ["a", "b", "ä", ".", "[ab]", "[^a]", "\\d", "\\w", "[a-cä-ö]", "\u{1F40C}", "1", "[^\\d]", "\\s"]
    guard depth > 0 else { return leaves.randomElement(using: &random) ?? "a" }
    let inner = Self.random(depth - 1, &random)
    switch Int.random(in: 0..<10, using: &random) {
    case 0: return "(\(inner)|\(Self.random(depth - 1, &random)))"
    case 1: return "(\(inner))*"
    case 2: return "(?:\(inner))+"
    case 3: return "(\(inner))?"
    case 4: return "(\(inner)){1,2}"
    case 5: return "^\(inner)"
    case 6: return "\(inner)$"
    default: return inner + Self.random(depth - 1, &random)
    }
  }

  @Test func agreesWithSwift() throws {
    for seed in Seeds.range(300) {
      var random = SeededRandom(seed: seed)
      let pattern = Self.random(Int.random(in: 0...4, using: &random), &random)
      // No emoji beside ASCII, where the judge is wrong.
      let letters = ["a", "b", "c", "ä", "ö", "1", " ", "_"]
      let texts = (0..<40).map { _ in
        (0..<Int.random(in: 0...8, using: &random)).map { _ in letters.randomElement(using: &random) ?? "" }.joined()
      }
      let regex = try Regex(pattern).matchingSemantics(.unicodeScalar).asciiOnlyCharacterClasses()
      let judged = try texts.map { try regex.firstMatch(in: $0) != nil }
      let found = try Self.found(pattern, in: texts)
      for index in texts.indices where found[index] != judged[index] {
        Issue.record("\(pattern) in '\(texts[index])' is \(found[index]), seed \(seed)")
      }
    }
  }

  @Test func anyPatternIsReadOrRefused() {
    for seed in Seeds.range(3000) {
      var random = SeededRandom(seed: seed)
      let parts = [
        "a", "(", ")", "[", "]", "{", "}", "1", ",", "*", "+", "?", "|", "^", "$", "\\", "-", ".", "ü", ":", "d",
      ]
      let pattern = (0..<Int.random(in: 0...12, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
        .joined()
      _ = try? Self.found(pattern, in: ["a1", "", "üa"])
    }
    for pattern in [
      String(repeating: "(", count: 1900), String(repeating: "(a", count: 900) + String(repeating: ")", count: 900),
    ] {
      #expect(throws: ExpressionError.self) { try Self.found(pattern, in: [""]) }
    }
  }
}
