/// A word of the language and the bytes that it stands in.
struct Token {
  enum Kind: Hashable {
    case name(String)
    /// Digits, perhaps with a point, an exponent or a unit behind them.
    case number(String)
    /// The text between single quotes.
    case text(String)
    case symbol(String)
    case end
  }

  let kind: Kind
  let range: Range<Int>

  /// For messages.
  var description: String {
    switch kind {
    case .name(let text), .number(let text), .symbol(let text): "`\(text)`"
    case .text(let text): "'\(text)'"
    case .end: "the end"
    }
  }
}

/// Cuts the text of an expression into words.
struct Lexer {
  private let bytes: [UInt8]
  private var at = 0

  static func tokens(of text: String) throws(ExpressionError) -> [Token] {
    var lexer = Lexer(bytes: Array(text.utf8))
    var tokens: [Token] = []
    while true {
      let token = try lexer.next()
      tokens.append(token)
      if token.kind == .end { return tokens }
    }
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func next() throws(ExpressionError) -> Token {
    while at < bytes.count, bytes[at] == 0x20 || 0x09...0x0D ~= bytes[at] { at += 1 }
    let start = at
    guard at < bytes.count else { return Token(kind: .end, range: start..<start) }
    let kind: Token.Kind
    switch bytes[at] {
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      kind = .number(takeNumber())
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
      kind = .name(take(while: Self.isNamePart))
    case UInt8(ascii: "'"):
      kind = .text(try takeText())
    case UInt8(ascii: "\""):
      throw ExpressionError(
        "a text stands in double quotes",
        at: start..<start + 1,
        remedy: "put it in single quotes: 'text'"
      )
    default:
      kind = .symbol(try takeSymbol())
    }
    return Token(kind: kind, range: start..<at)
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private mutating func take(while belongs: (UInt8) -> Bool) -> String {
    let start = at
    while at < bytes.count, belongs(bytes[at]) { at += 1 }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  /// `12`, `1.5`, `2e-3`, and with a unit `24h`, which only durations are.
  private mutating func takeNumber() -> String {
    var text = take { Self.isNamePart($0) || $0 == UInt8(ascii: ".") }
    let isExponent = text.last == "e" || text.last == "E"
    if isExponent, at < bytes.count, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
      text.append(bytes[at] == UInt8(ascii: "-") ? "-" : "+")
      at += 1
      text += take(while: Self.isNamePart)
    }
    return text
  }

  /// A quote within a text is written twice.
  private mutating func takeText() throws(ExpressionError) -> String {
    let start = at
    var text: [UInt8] = []
    at += 1
    while at < bytes.count {
      if bytes[at] == UInt8(ascii: "'") {
        at += 1
        guard at < bytes.count, bytes[at] == UInt8(ascii: "'") else { return String(decoding: text, as: UTF8.self) }
      }
      text.append(bytes[at])
      at += 1
    }
    throw ExpressionError("a text has no end", at: start..<bytes.count, remedy: "close it with a single quote")
  }

  /// Whether a point stands between two names, without spaces.
  private var joinsNames: Bool {
    guard bytes[at] == UInt8(ascii: "."), at > 0, at + 1 < bytes.count else { return false }
    return Self.isNamePart(bytes[at - 1]) && Self.isNamePart(bytes[at + 1]) && !(0x30...0x39 ~= bytes[at + 1])
  }

  private static let symbols = ["<=", ">=", "!=", "<>", "==", "<", ">", "=", "+", "-", "*", "/", "%", "(", ")", ","]

  private mutating func takeSymbol() throws(ExpressionError) -> String {
    if joinsNames {
      at += 1
      return "."
    }
    for symbol in Self.symbols where bytes[at...].starts(with: symbol.utf8) {
      at += symbol.utf8.count
      return symbol
    }
    // Whole characters, so that the message can show them.
    let rest = String(decoding: bytes[at...], as: UTF8.self)
    let character = rest.first.map(String.init) ?? ""
    throw ExpressionError(
      "`\(character)` means nothing here",
      at: at..<at + max(character.utf8.count, 1),
      remedy: "use names, numbers, 'texts', operators and parentheses"
    )
  }
}
