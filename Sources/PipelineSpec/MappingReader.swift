internal import Expressions

/// Reads the keys of one mapping, and reports those that mean nothing there.
struct MappingReader {
  let place: Place
  private let pairs: [(key: YAMLKey, value: YAMLValue)]
  private let owner: String
  private let diagnostics: Diagnostics
  private var known: [String] = []

  /// - Parameter owner: what the mapping is, for messages: `stage 'customer'`.
  init?(_ value: YAMLValue, _ owner: String, _ diagnostics: Diagnostics) {
    guard case .mapping(let pairs) = value.content else {
      diagnostics.report(
        "\(owner) is \(value.kind)",
        at: value.place,
        remedy: "write a mapping of `key: value` lines below it"
      )
      return nil
    }
    self.pairs = pairs
    self.owner = owner
    self.diagnostics = diagnostics
    place = value.place
  }

  /// The value of an optional key.
  mutating func optional(_ name: String) -> YAMLValue? {
    known.append(name)
    return pairs.first { $0.key.name == name }?.value
  }

  /// The value of a key that must be there.
  mutating func required(_ name: String, remedy: String) -> YAMLValue? {
    if let value = optional(name) { return value }
    diagnostics.report("\(owner) has no `\(name)`", at: place, remedy: remedy)
    return nil
  }

  mutating func optionalText(_ name: String) -> PlacedText? { optional(name).flatMap { text($0, name) } }

  mutating func requiredText(_ name: String, remedy: String) -> PlacedText? {
    required(name, remedy: remedy).flatMap { text($0, name) }
  }

  /// The words of a list of plain words.
  mutating func optionalTexts(_ name: String) -> [PlacedText]? {
    guard let value = optional(name) else { return nil }
    guard case .sequence(let values) = value.content else {
      diagnostics.report("`\(name)` is \(value.kind)", at: value.place, remedy: "write a list: [a, b]")
      return nil
    }
    guard !values.isEmpty else {
      diagnostics.report(
        "`\(name)` is an empty list",
        at: value.place,
        remedy: "write a list: [a, b], or leave the key out"
      )
      return nil
    }
    return values.compactMap { text($0, name) }
  }

  /// Reports every key that nobody asked for.
  func finish() {
    for (key, _) in pairs where !known.contains(key.name) {
      let nearest = NearestName.of(key.name, among: known)
      diagnostics.report(
        "\(owner) has no key `\(key.name)`",
        at: key.place,
        remedy: nearest.map { "did you mean `\($0)`?" } ?? "use one of: \(known.joined(separator: ", "))"
      )
    }
  }

  private func text(_ value: YAMLValue, _ name: String) -> PlacedText? {
    if case .scalar(let text) = value.content, !text.isEmpty {
      return PlacedText(text, value)
    }
    diagnostics.report("`\(name)` is \(value.kind)", at: value.place, remedy: "write one word or text after it")
    return nil
  }
}

/// A text and where it begins.
struct PlacedText {
  let text: String
  let place: Place
  /// Whether it stands in the file as it is, so that places in it can be told.
  let isOneLine: Bool

  init(text: String, place: Place, isOneLine: Bool = true) {
    self.text = text
    self.place = place
    self.isOneLine = isOneLine
  }

  /// - Parameter value: the scalar that holds it.
  init(_ text: String, _ value: YAMLValue) {
    // A block ends in a line feed, which is none of the text's.
    let end = value.isBlock ? text.lastIndex { $0 != "\n" }.map(text.index(after:)) ?? text.startIndex : text.endIndex
    self.init(
      text: String(text[..<end]),
      place: value.place.advanced(by: value.textOffset),
      isOneLine: !value.isBlock
    )
  }
}
