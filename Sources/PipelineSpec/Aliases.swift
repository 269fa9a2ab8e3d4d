internal import Yams

/// The aliases of a YAML text, resolved here and not by the parser.
///
/// The parser puts the value of an alias in its place, and hashes all of every key: ten anchors of ten aliases each keep it
/// busy for years. So it is shown a text whose every `*` is another character, in which an alias is a plain word, and what
/// it makes of that is no larger than the text.
struct Aliases {
  struct Anchored {
    let value: YAMLValue
    /// Values in it, itself among them.
    let size: Int
    /// Levels below it.
    let height: Int
  }

  /// Values read so far, those in the place of an alias among them.
  var values = 0
  /// The deepest level that was reached, of those below the value that is read.
  var deepest = 0
  private var anchors: [String: Anchored] = [:]
  /// What stands for `*`: one character as well, so that places stay what they are.
  private let disguise: Character

  /// Nil when the text leaves no character to use.
  init?(_ text: String) {
    let taken = Set(text.unicodeScalars.filter { 0xE000...0xF8FF ~= $0.value })
    let free = (UInt32(0xE000)...0xF8FF).lazy.compactMap(Unicode.Scalar.init).first { !taken.contains($0) }
    guard let free else { return nil }
    disguise = Character(free)
  }

  func disguised(_ text: String) -> String { Self.replace("*", by: disguise, in: text) }

  func restored(_ text: String) -> String { Self.replace(disguise, by: "*", in: text) }

  /// What `node` repeats, where it is an alias.
  func value(of node: Node) throws(YAMLMistake) -> Anchored? {
    guard case .scalar(let scalar) = node, scalar.style == .plain,
      let first = scalar.string.unicodeScalars.first, Character(first) == disguise
    else { return nil }
    let name = String(scalar.string.unicodeScalars.dropFirst())
    if let anchored = anchors[name] { return anchored }
    throw YAMLMistake(
      place: Place(node.mark),
      message: "the alias `*\(restored(name))` names no anchor before it",
      remedy: "give the value to repeat that name, `&\(restored(name))`, or put a text that begins with `*` in quotes"
    )
  }

  /// Names `value` from here on, as YAML has it: nothing can hold itself.
  mutating func register(_ value: YAMLValue, _ node: Node, size: Int, height: Int) {
    let anchor =
      switch node {
      case .scalar(let scalar): scalar.anchor
      case .sequence(let sequence): sequence.anchor
      case .mapping(let mapping): mapping.anchor
      case .alias: nil as Anchor?
      }
    if let anchor { anchors[anchor.rawValue] = Anchored(value: value, size: size, height: height) }
  }

  /// By scalars: a mark behind a `*` must not hide it.
  private static func replace(_ old: Character, by new: Character, in text: String) -> String {
    guard let old = old.unicodeScalars.first, let new = new.unicodeScalars.first else { return text }
    guard text.unicodeScalars.contains(old) else { return text }
    var replaced = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { replaced.append(scalar == old ? new : scalar) }
    return String(replaced)
  }
}
