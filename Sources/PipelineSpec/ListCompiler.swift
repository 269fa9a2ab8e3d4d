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
    for (key, value) in namedEntries(value, "lists", thing: "list", remedy: "write lines of `name: FILE`") {
      if let values = values(of: key.name, value) { names.names.lists[key.name] = ValueList(values) }
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
    guard let bytes = contents(of: path, as: "the list '\(name)'", atMost: Self.largestList) else { return nil }
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
