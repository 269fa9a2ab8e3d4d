internal import Yams

/// A YAML document as a tree of texts with their places: types are the pipeline's business, not YAML's.
struct YAMLValue {
  enum Content {
    case scalar(String)
    case sequence([YAMLValue])
    case mapping([(key: YAMLKey, value: YAMLValue)])
  }

  let place: Place
  let content: Content
  /// Columns from `place` to the first character of a scalar's text: 1 after a quote.
  let textOffset: Int
  /// Whether it is a scalar written below a `|` or `>`.
  let isBlock: Bool

  /// What it is, for messages.
  var kind: String {
    switch content {
    case .scalar(let text): text.isEmpty ? "nothing" : "'\(text)'"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

extension YAMLValue {
  /// The value of a key; nil where there is none, or this is no mapping.
  subscript(key: String) -> YAMLValue? {
    guard case .mapping(let pairs) = content else { return nil }
    return pairs.first { $0.key.name == key }?.value
  }

  /// The keys of a mapping, in their order.
  var keys: [String] { if case .mapping(let pairs) = content { pairs.map(\.key.name) } else { [] } }

  /// Its text, where it is one.
  var scalar: String? { if case .scalar(let text) = content { text } else { nil } }
}

/// A key of a mapping.
struct YAMLKey {
  let name: String
  let place: Place
}

extension YAMLValue {
  /// Nesting beyond this is no pipeline; the parser below it recurses.
  private static let deepestNesting = 200
  /// Values beyond this, each counted wherever an alias repeats it, are no pipeline.
  private static let mostValues = 100_000
  static let largestFile = 1 << 20

  /// Reads one YAML document.
  static func parse(_ text: String) -> Result<YAMLValue, YAMLMistake> {
    if let line = lineNestedTooDeeply(text) {
      return .failure(YAMLMistake(place: Place(line: line, column: 1), message: "nested more than 200 levels deep"))
    }
    guard var aliases = Aliases(text) else {
      return .failure(YAMLMistake(place: Place(line: 1, column: 1), message: "full of private-use characters"))
    }
    do {
      let parser = try Parser(yaml: aliases.disguised(text))
      // Nodes hold their anchors weakly, and the parser holds them.
      return try withExtendedLifetime(parser) {
        guard let root = try parser.singleRoot() else {
          return .failure(YAMLMistake(place: Place(line: 1, column: 1), message: "the file is empty"))
        }
        return .success(try YAMLValue(root, depth: 0, &aliases))
      }
    } catch let mistake as YAMLMistake {
      return .failure(mistake)
    } catch let error as YamlError {
      return .failure(YAMLMistake(error, aliases))
    } catch {
      return .failure(YAMLMistake(place: Place(line: 1, column: 1), message: "not YAML: \(error)"))
    }
  }

  private init(_ node: Node, depth: Int, _ aliases: inout Aliases) throws(YAMLMistake) {
    let place = Place(node.mark)
    let anchored = try aliases.value(of: node)
    let size = anchored?.size ?? 1
    let height = anchored?.height ?? 0
    guard depth + height < Self.deepestNesting else {
      throw YAMLMistake(place: place, message: "nested more than 200 levels deep")
    }
    guard aliases.values + size <= Self.mostValues else {
      throw YAMLMistake(
        place: place,
        message: "more than \(Self.mostValues) values, those that aliases repeat counted each time",
        remedy: "remove aliases (`*name`)"
      )
    }
    aliases.values += size
    let above = aliases.deepest
    aliases.deepest = depth + height
    defer { aliases.deepest = max(aliases.deepest, above) }
    if let anchored {
      self = anchored.value
      return
    }
    let first = aliases.values
    var offset = 0
    var isBlock = false
    switch node {
    case .scalar(let scalar):
      content = .scalar(aliases.restored(scalar.string))
      offset = scalar.style == .singleQuoted || scalar.style == .doubleQuoted ? 1 : 0
      isBlock = scalar.style == .literal || scalar.style == .folded
    case .sequence(let sequence):
      var values: [YAMLValue] = []
      for value in sequence { values.append(try YAMLValue(value, depth: depth + 1, &aliases)) }
      content = .sequence(values)
    case .mapping(let mapping):
      var pairs: [(key: YAMLKey, value: YAMLValue)] = []
      for (key, value) in mapping {
        // Read as a value too: it may have an anchor.
        guard case .scalar = key, try aliases.value(of: key) == nil,
          case .scalar(let name) = try YAMLValue(key, depth: depth + 1, &aliases).content
        else {
          throw YAMLMistake(place: Place(key.mark), message: "a key must be a plain word")
        }
        let placed = YAMLKey(name: name, place: Place(key.mark))
        pairs.append((placed, try YAMLValue(value, depth: depth + 1, &aliases)))
      }
      content = .mapping(pairs)
    case .alias:
      throw YAMLMistake(place: place, message: "an alias that names no anchor")
    }
    self.place = place
    textOffset = offset
    self.isBlock = isBlock
    aliases.register(self, node, size: aliases.values - first + 1, height: aliases.deepest - depth)
  }

  /// A line that opens more levels than a pipeline has: brackets, or dashes one behind the other.
  private static func lineNestedTooDeeply(_ text: String) -> Int? {
    var open = 0
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      var dashes = 0
      for byte in line.utf8 {
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "{"): open += 1
        case UInt8(ascii: "]"), UInt8(ascii: "}"): open -= open > 0 ? 1 : 0
        case UInt8(ascii: "-"), UInt8(ascii: "?"): dashes += 1
        default: break
        }
        if open > deepestNesting { return index + 1 }
      }
      // A run of dashes in a comment is no nesting.
      if dashes > deepestNesting, line.drop(while: { $0 == " " }).first != "#" { return index + 1 }
    }
    return nil
  }
}

extension Place {
  init(_ mark: Mark?) { self.init(line: mark?.line ?? 1, column: mark?.column ?? 1) }
}

/// Why a text is not a YAML document.
struct YAMLMistake: Error {
  let place: Place
  let message: String
  let remedy: String

  init(
    place: Place,
    message: String,
    remedy: String = "mind the indentation and quote texts that hold ': ' or ' #'"
  ) {
    self.place = place
    self.message = message
    self.remedy = remedy
  }

  fileprivate init(_ error: YamlError, _ aliases: Aliases) {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      self.init(
        place: Place(mark),
        message: "not YAML: " + [context?.text, problem].compactMap(\.self).joined(separator: ", ")
      )
    case .reader(let problem, _, _, _):
      self.init(place: Place(line: 1, column: 1), message: "not YAML: \(problem)")
    case .duplicatedKeysInMapping(let duplicates, let context):
      self.init(
        place: Place(context.mark),
        message: "`\(aliases.restored(duplicates.joined(separator: "`, `")))` stands twice in one mapping",
        remedy: "remove or rename one of them"
      )
    default:
      self.init(place: Place(line: 1, column: 1), message: "not YAML: \(error)")
    }
  }
}
