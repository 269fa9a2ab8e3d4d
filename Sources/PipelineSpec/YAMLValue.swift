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

  /// What it is, for messages.
  var kind: String {
    switch content {
    case .scalar(let text): text.isEmpty ? "nothing" : "'\(text)'"
    case .sequence: "a list"
    case .mapping: "a mapping"
    }
  }
}

/// A key of a mapping.
struct YAMLKey {
  let name: String
  let place: Place
}

extension YAMLValue {
  /// Nesting beyond this is no pipeline; the parser below it recurses.
  private static let deepestNesting = 200
  static let largestFile = 1 << 20
  /// An alias stands for a copy of what it names: a few lines of aliases of aliases would fill any memory.
  private static let mostValues = 100_000

  /// Reads one YAML document.
  static func parse(_ text: String) -> Result<YAMLValue, YAMLMistake> {
    if let line = lineNestedTooDeeply(text) {
      return .failure(YAMLMistake(place: Place(line: line, column: 1), message: "nested more than 200 levels deep"))
    }
    do {
      guard let root = try Yams.compose(yaml: text) else {
        return .failure(YAMLMistake(place: Place(line: 1, column: 1), message: "the file is empty"))
      }
      var room = mostValues
      return .success(try YAMLValue(root, depth: 0, room: &room))
    } catch let mistake as YAMLMistake {
      return .failure(mistake)
    } catch let error as YamlError {
      return .failure(YAMLMistake(error))
    } catch {
      return .failure(YAMLMistake(place: Place(line: 1, column: 1), message: "not YAML: \(error)"))
    }
  }

  /// - Parameter room: how many values there may be yet.
  private init(_ node: Node, depth: Int, room: inout Int) throws(YAMLMistake) {
    place = Place(node.mark)
    room -= 1
    guard room >= 0 else {
      throw YAMLMistake(
        place: place,
        message: "more than \(Self.mostValues) values, each alias counted as what it stands for",
        remedy: "write the values out, as far as they are needed"
      )
    }
    guard depth < Self.deepestNesting else {
      throw YAMLMistake(place: place, message: "nested more than 200 levels deep")
    }
    var offset = 0
    switch node {
    case .scalar(let scalar):
      content = .scalar(scalar.string)
      offset = scalar.style == .singleQuoted || scalar.style == .doubleQuoted ? 1 : 0
    case .sequence(let sequence):
      var values: [YAMLValue] = []
      for value in sequence { values.append(try YAMLValue(value, depth: depth + 1, room: &room)) }
      content = .sequence(values)
    case .mapping(let mapping):
      var pairs: [(key: YAMLKey, value: YAMLValue)] = []
      for (key, value) in mapping {
        guard case .scalar(let name) = key else {
          throw YAMLMistake(place: Place(key.mark), message: "a key must be a plain word")
        }
        pairs.append(
          (YAMLKey(name: name.string, place: Place(key.mark)), try YAMLValue(value, depth: depth + 1, room: &room))
        )
      }
      content = .mapping(pairs)
    case .alias:
      throw YAMLMistake(place: place, message: "an alias that names no anchor")
    }
    textOffset = offset
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
  fileprivate init(_ mark: Mark?) { self.init(line: mark?.line ?? 1, column: mark?.column ?? 1) }
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

  fileprivate init(_ error: YamlError) {
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
        message: "`\(duplicates.joined(separator: "`, `"))` stands twice in one mapping",
        remedy: "remove or rename one of them"
      )
    default:
      self.init(place: Place(line: 1, column: 1), message: "not YAML: \(error)")
    }
  }
}
