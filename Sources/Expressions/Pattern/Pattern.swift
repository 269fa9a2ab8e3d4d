internal import Records

/// A regular expression that is looked for in texts, in time that only grows with their length: it is turned into a
/// deterministic automaton over the bytes of UTF-8 before any row is read.
///
///     pattern     = branch { "|" branch }
///     branch      = { piece }
///     piece       = atom { "*" | "+" | "?" | "{" COUNT [ "," [ COUNT ] ] "}" }
///     atom        = CHARACTER | "." | "^" | "$" | class | escape | "(" [ "?:" ] pattern ")"
///     class       = "[" [ "^" ] { CHARACTER [ "-" CHARACTER ] | escape } "]"
///     escape      = "\" ( "d" | "w" | "s" | "D" | "W" | "S" | "t" | "n" | "r" | PUNCTUATION )
///
/// `.` is any character but a line end (`\n`), `^` the beginning of the text, `$` its end; `\d` is 0 to 9, `\w` a
/// letter of ASCII, a digit or `_`, `\s` a space, tab or line end. It may begin anywhere in the text, unless `^` says
/// otherwise.
struct Pattern: Sendable {
  /// As it was written.
  let source: String
  private let automaton: PatternAutomaton

  init(_ source: String) throws(PatternError) {
    self.source = source
    let nodes = try PatternNodes(of: try PatternParser.parse(source))
    automaton = try PatternAutomaton(nodes)
  }

  func isFound(in text: Span<UInt8>) -> Bool { automaton.isFound(in: text) }
}

extension Pattern: Hashable {
  static func == (left: Pattern, right: Pattern) -> Bool { left.source == right.source }
  func hash(into hasher: inout Hasher) { hasher.combine(source) }
}

extension Pattern {
  func encode(into writer: inout ByteWriter) { writer.write(source) }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    let source: String = try reader.read()
    do { try self.init(source) } catch { throw reader.malformed("a pattern (\(error.message))") }
  }
}

/// A mistake in a pattern: what is wrong, where, and what to do.
struct PatternError: Error, Hashable {
  let message: String
  /// Bytes of the pattern.
  let range: Range<Int>
  let remedy: String

  static func tooLarge(_ source: Range<Int>) -> PatternError {
    PatternError(
      message: "the pattern is too large",
      range: source,
      remedy: "make its repetitions smaller, or split it into several"
    )
  }
}

/// What a pattern says.
indirect enum PatternSyntax: Hashable {
  /// One character of these ranges of Unicode scalars, ascending, none touching another.
  case character([ClosedRange<UInt32>])
  case sequence([PatternSyntax])
  case alternatives([PatternSyntax])
  /// - Parameter most: nil: any number.
  case repeated(PatternSyntax, least: Int, most: Int?)
  /// The beginning of the text.
  case start
  /// The end of the text.
  case end
}
