/// Reads a pattern by recursive descent.
struct PatternParser {
  private let characters: [(value: UInt32, range: Range<Int>)]
  private let length: Int
  private var at = 0
  private var depth = 0

  private static let longest = 2000
  private static let deepest = 50
  /// A repetition of more is no pattern that a person wrote.
  private static let mostRepetitions = 1000

  static func parse(_ source: String) throws(PatternError) -> PatternSyntax {
    var parser = PatternParser(source)
    guard parser.length <= longest else { throw .tooLarge(longest..<parser.length) }
    let syntax = try parser.alternatives()
    guard parser.at == parser.characters.count else {
      throw parser.mistake("`)` closes nothing", remedy: "write `\\)` for a parenthesis in the text")
    }
    return syntax
  }

  private init(_ source: String) {
    var place = 0
    characters = source.unicodeScalars.map { scalar in
      let start = place
      place += scalar.utf8.count
      return (scalar.value, start..<place)
    }
    length = place
  }

  // MARK: Characters

  private var current: UInt32? { at < characters.count ? characters[at].value : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard current == character.value else { return false }
    at += 1
    return true
  }

  /// A mistake at the current character, or from an earlier one on.
  private func mistake(_ message: String, from start: Int? = nil, remedy: String) -> PatternError {
    let first = start ?? at
    let lower = first < characters.count ? characters[first].range.lowerBound : length
    let upper = at < characters.count ? characters[at].range.upperBound : length
    return PatternError(message: message, range: lower..<max(lower, upper), remedy: remedy)
  }

  // MARK: Rules

  private mutating func alternatives() throws(PatternError) -> PatternSyntax {
    var branches = [try branch()]
    while take("|") { branches.append(try branch()) }
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func branch() throws(PatternError) -> PatternSyntax {
    var pieces: [PatternSyntax] = []
    while let character = current, character != "|", character != ")" { pieces.append(try piece()) }
    return pieces.count == 1 ? pieces[0] : .sequence(pieces)
  }

  private mutating func piece() throws(PatternError) -> PatternSyntax {
    let start = at
    var syntax = try atom()
    var quantifiers = 0
    while let (least, most) = try repetition() {
      quantifiers += 1
      // Two are what other languages call lazy or possessive; which text is found is the same, so `*?` is let pass.
      guard quantifiers == 1 || (quantifiers == 2 && least == 0 && most == 1) else {
        at -= 1
        throw mistake("a repetition is repeated", remedy: "put what is repeated in parentheses")
      }
      if syntax == .start || syntax == .end {
        at -= 1
        throw mistake("nothing stands before the repetition", from: start, remedy: "remove it")
      }
      syntax = .repeated(syntax, least: least, most: most)
    }
    return syntax
  }

  private mutating func repetition() throws(PatternError) -> (least: Int, most: Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    let start = at
    guard take("{") else { return nil }
    let remedy = "write {3}, {3,} or {3,5}, or `\\{` for a brace in the text"
    guard let least = count() else { throw mistake("`{` begins no count", from: start, remedy: remedy) }
    let isOpen = take(",")
    let most = isOpen ? count() : least
    guard take("}") else { throw mistake("the count has no end", from: start, remedy: remedy) }
    at -= 1
    defer { at += 1 }
    if max(least, most ?? 0) > Self.mostRepetitions {
      throw mistake(
        "more than \(Self.mostRepetitions) repetitions",
        from: start,
        remedy: "use `*` or `+`, or a smaller count"
      )
    }
    if let most, most < least {
      throw mistake("the count ends before it begins", from: start, remedy: "write the smaller number first")
    }
    return (least, most)
  }

  private mutating func count() -> Int? {
    var value: Int?
    while let digit = current, 0x30...0x39 ~= digit {
      value = min((value ?? 0) * 10 + Int(digit - 0x30), 1_000_000)
      at += 1
    }
    return value
  }

  private mutating func atom() throws(PatternError) -> PatternSyntax {
    let start = at
    let character = characters[at].value
    at += 1
    switch Unicode.Scalar(character) {
    case ".": return .character(PatternCharacters.inverted([10...10]))
    case "^": return .start
    case "$": return .end
    case "[": return .character(try characterClass(from: start))
    case "\\": return .character(try escape(from: start))
    case "(": return try group(from: start)
    case "*", "+", "?", "{":
      at = start
      throw mistake("nothing stands before the repetition", remedy: "write `\\` before it for the character itself")
    default: return .character([character...character])
    }
  }

  private mutating func group(from start: Int) throws(PatternError) -> PatternSyntax {
    if current == "?" {
      at += 1
      guard take(":") else {
        throw mistake("`(?` begins nothing that is known here", from: start, remedy: "write `(` or `(?:`")
      }
    }
    guard depth < Self.deepest else {
      throw mistake("the groups are nested too deeply", remedy: "leave out some of the parentheses")
    }
    depth += 1
    defer { depth -= 1 }
    let syntax = try alternatives()
    guard take(")") else {
      throw mistake("the group has no end", from: start, remedy: "write `)` after it, or `\\(` for the character")
    }
    return syntax
  }

  private mutating func characterClass(from start: Int) throws(PatternError) -> [ClosedRange<UInt32>] {
    let isInverted = take("^")
    var ranges: [ClosedRange<UInt32>] = []
    var isFirst = true
    while let character = current, isFirst || character != "]" {
      isFirst = false
      let first = at
      at += 1
      if character == "\\" {
        let escaped = try escape(from: first)
        // A set of characters begins no range.
        guard escaped.count == 1, escaped[0].count == 1, isRange else {
          ranges += escaped
          continue
        }
        ranges.append(try range(escaped[0].lowerBound, from: first))
      } else if isRange {
        ranges.append(try range(character, from: first))
      } else {
        ranges.append(character...character)
      }
    }
    guard take("]") else {
      throw mistake("the class has no end", from: start, remedy: "write `]` after it, or `\\[` for the character")
    }
    let normal = PatternCharacters.normalized(ranges)
    return isInverted ? PatternCharacters.inverted(normal) : normal
  }

  /// Whether a `-` and an upper end follow.
  private var isRange: Bool { current == "-" && at + 1 < characters.count && characters[at + 1].value != "]" }

  private mutating func range(_ lower: UInt32, from start: Int) throws(PatternError) -> ClosedRange<UInt32> {
    at += 1
    var upper = characters[at].value
    at += 1
    if upper == "\\" {
      let escaped = try escape(from: at - 1)
      guard escaped.count == 1, escaped[0].count == 1 else {
        at -= 1
        throw mistake("a range ends with a set of characters", from: start, remedy: "write `\\-` for the hyphen itself")
      }
      upper = escaped[0].lowerBound
    }
    guard lower <= upper else {
      at -= 1
      throw mistake("the range ends before it begins", from: start, remedy: "write the smaller character first")
    }
    return lower...upper
  }

  private mutating func escape(from start: Int) throws(PatternError) -> [ClosedRange<UInt32>] {
    guard let character = current, let scalar = Unicode.Scalar(character) else {
      throw mistake("nothing stands after `\\`", from: start, remedy: "write `\\\\` for the character itself")
    }
    at += 1
    switch scalar {
    case "d": return PatternCharacters.digits
    case "w": return PatternCharacters.wordParts
    case "s": return PatternCharacters.spaces
    case "D": return PatternCharacters.inverted(PatternCharacters.digits)
    case "W": return PatternCharacters.inverted(PatternCharacters.wordParts)
    case "S": return PatternCharacters.inverted(PatternCharacters.spaces)
    case "t": return [9...9]
    case "n": return [10...10]
    case "r": return [13...13]
    default:
      let isLetterOrDigit = PatternCharacters.wordParts.contains { $0.contains(character) } && scalar != "_"
      guard !isLetterOrDigit else {
        at -= 1
        throw mistake(
          "`\\\(scalar)` means nothing here",
          from: start,
          remedy: "the escapes are \\d \\w \\s \\D \\W \\S \\t \\n \\r and `\\` before a sign"
        )
      }
      return [character...character]
    }
  }
}

extension UInt32 {
  fileprivate static func == (left: UInt32, right: Unicode.Scalar) -> Bool { left == right.value }
  fileprivate static func != (left: UInt32, right: Unicode.Scalar) -> Bool { left != right.value }
}

extension UInt32? {
  fileprivate static func == (left: UInt32?, right: Unicode.Scalar) -> Bool { left == .some(right.value) }
}
