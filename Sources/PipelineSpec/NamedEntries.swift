/// What several parts of a pipeline's file have in common that give names to things.
extension PipelineCompiler {
  /// The entries of a part whose names expressions use; one with a name that they cannot use is reported and left out.
  ///
  /// - Parameters:
  ///   - part: its key.
  ///   - thing: what one entry is.
  ///   - remedy: where it is no mapping.
  func namedEntries(
    _ value: YAMLValue?,
    _ part: String,
    thing: String,
    remedy: String
  ) -> [(key: YAMLKey, value: YAMLValue)] {
    guard let value else { return [] }
    guard case .mapping(let pairs) = value.content else {
      diagnostics.report("`\(part)` is \(value.kind)", at: value.place, remedy: remedy)
      return []
    }
    return pairs.filter { key, _ in
      if Self.isNameInExpressions(key.name) { return true }
      diagnostics.report(
        "'\(key.name)' is no name for a \(thing)",
        at: key.place,
        remedy: "use letters, digits and '_', a letter first"
      )
      return false
    }
  }

  private static func isNameInExpressions(_ name: String) -> Bool {
    guard let first = name.utf8.first, UInt8(ascii: "a")...UInt8(ascii: "z") ~= first | 0x20 else { return false }
    return name.utf8.allSatisfy {
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 || 0x30...0x39 ~= $0 || $0 == UInt8(ascii: "_")
    }
  }

  /// The entries of a part of a stage, of which there is to be one at least; more than `most` are reported.
  ///
  /// - Parameters:
  ///   - part: its key, which is also what its entries are.
  ///   - owner: the stage.
  ///   - remedy: where it is no mapping.
  ///   - remedyForMore: what else can be done than to keep at most so many.
  func entries(
    _ value: YAMLValue?,
    _ part: String,
    of owner: String,
    atMost most: Int,
    remedy: String,
    remedyForMore: String = ""
  ) -> [(key: YAMLKey, value: YAMLValue)] {
    guard let value else { return [] }
    guard case .mapping(let pairs) = value.content, !pairs.isEmpty else {
      diagnostics.report("`\(part)` of \(owner) is \(value.kind)", at: value.place, remedy: remedy)
      return []
    }
    if pairs.count > most {
      diagnostics.report(
        "\(owner) has \(pairs.count) \(part)",
        at: pairs[most].key.place,
        remedy: "keep at most \(most)\(remedyForMore)"
      )
    }
    return pairs
  }

  /// The first bytes of a file that the pipeline's file names: one more than `most`, where there are more; nil where it cannot
  /// be read, which is reported.
  func contents(of path: PlacedText, as what: String, atMost most: Int) -> [UInt8]? {
    let full = besideFile(path.text)
    files.reads(full, as: what)
    do throws(FileFacts.ReadProblem) { return try FileFacts.read(full, atMost: most + 1) } catch {
      diagnostics.report(
        "cannot read \(what) from '\(path.text)': \(error.reason)",
        at: path.place,
        remedy: "check the path"
      )
      return nil
    }
  }
}
