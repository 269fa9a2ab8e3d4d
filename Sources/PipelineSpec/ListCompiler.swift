internal import Expressions
internal import Foundation

/// What expressions of a pipeline may name besides columns.
final class DeclaredNames {
  var names = ExpressionNames.here()
  /// Which of them expressions have read so far.
  let reads = NamesRead()

  init() { names.reads = reads }
}

extension PipelineCompiler {
  private static let largestList = 64 << 20

  /// Reads `lists` of the file: values for `x in name`, from a file or written down.
  func compileLists(_ value: YAMLValue?) {
    guard let value else { return }
    guard case .mapping(let pairs) = value.content else {
      diagnostics.report("`lists` is \(value.kind)", at: value.place, remedy: "write lines of `name: FILE`")
      return
    }
    for (key, value) in pairs {
      guard Self.isListName(key.name) else {
        diagnostics.report(
          "'\(key.name)' is no name for a list",
          at: key.place,
          remedy: "use letters, digits and '_', a letter first"
        )
        continue
      }
      if let values = values(of: key.name, value) { names.names.lists[key.name] = ValueList(values) }
    }
  }

  /// Whether an expression can name a list, or a table, so.
  static func isListName(_ name: String) -> Bool {
    guard let first = name.utf8.first, UInt8(ascii: "a")...UInt8(ascii: "z") ~= first | 0x20 else { return false }
    return name.utf8.allSatisfy {
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 || 0x30...0x39 ~= $0 || $0 == UInt8(ascii: "_")
    }
  }

  private func values(of name: String, _ value: YAMLValue) -> [String]? {
    switch value.content {
    case .scalar(let path) where !path.isEmpty: return lines(PlacedText(path, value), column: nil, of: name)
    case .sequence(let items):
      let texts = items.compactMap(\.scalar)
      if texts.count == items.count { return texts }
      diagnostics.report("list '\(name)' holds more than plain values", at: value.place, remedy: "write [a, b, c]")
      return nil
    case .mapping:
      guard var reader = MappingReader(value, "list '\(name)'", diagnostics) else { return nil }
      let file = reader.requiredText("file", remedy: "name the file: `{ file: cards.csv, column: card }`")
      let column = reader.optionalText("column")
      reader.finish()
      return file.flatMap { lines($0, column: column, of: name) }
    case .scalar:
      diagnostics.report(
        "list '\(name)' is nothing",
        at: value.place,
        remedy: "name a file with a value a line, `{ file: cards.csv, column: card }`, or write [a, b, c]"
      )
      return nil
    }
  }

  /// The values of a file: its lines, or a column of a CSV file with a header. Empty lines and what follows a `#` at the
  /// beginning of a line count for nothing.
  private func lines(_ path: PlacedText, column: PlacedText?, of name: String) -> [String]? {
    let full = besideFile(path.text)
    files.reads(full, as: "the list '\(name)'")
    let bytes: [UInt8]
    do throws(FileFacts.ReadProblem) { bytes = try FileFacts.read(full, atMost: Self.largestList + 1) } catch {
      diagnostics.report(
        "cannot read the list '\(name)' from '\(path.text)': \(error.reason)",
        at: path.place,
        remedy: "check the path"
      )
      return nil
    }
    guard bytes.count <= Self.largestList, let text = String(validating: bytes, as: UTF8.self) else {
      diagnostics.report(
        "the list '\(name)' in '\(path.text)' is \(bytes.count > Self.largestList ? "larger than 64 MB" : "not UTF-8 text")",
        at: path.place,
        remedy: "give a text file with a value a line"
      )
      return nil
    }
    guard let column else {
      return text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    }
    let table = CSVTable(text)
    guard table.columns.contains(column.text) else {
      let nearest = NearestName.of(column.text, among: table.columns)
      diagnostics.report(
        "'\(path.text)' has no column '\(column.text)'",
        at: column.place,
        remedy: nearest.map { "did you mean '\($0)'?" } ?? "its columns are: \(table.columns.joined(separator: ", "))"
      )
      return nil
    }
    return table.rows.indices.compactMap { table.value($0, column.text) }
  }
}
