internal import Records

/// Text as it stands in a page.
enum HTML {
  /// `text` for element content and for attribute values in double quotes; what no one could see is spelt out.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for character in text.printable {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.append(character)
      }
    }
    return escaped
  }

  /// A table that can be scrolled where it is wider than the page.
  ///
  /// - Parameters:
  ///   - caption: what it is of.
  ///   - groups: headings over several columns each; none where empty.
  ///   - texts: how many of the first columns are text; the others are numbers.
  static func table(
    caption: String,
    groups: [(name: String, columns: Int)] = [],
    _ headings: [String],
    _ rows: [[String]],
    texts: Int = 1
  ) -> String {
    func side(_ column: Int) -> String { column < texts ? "" : " class=\"number\"" }
    let spans = groups.map { "<th colspan=\"\($0.columns)\" scope=\"colgroup\">\(escaped($0.name))</th>" }
    let head = headings.enumerated().map { "<th scope=\"col\"\(side($0))>\(escaped($1))</th>" }
    let body = rows.map { row in
      let cells = row.enumerated().map { column, text in
        column == 0 ? "<th scope=\"row\">\(escaped(text))</th>" : "<td\(side(column))>\(escaped(text))</td>"
      }
      return "<tr>\(cells.joined())</tr>\n"
    }
    return """
      <div class="scroll" role="region" tabindex="0" aria-label="\(escaped(caption))"><table>
      <caption>\(escaped(caption))</caption>
      <thead>\(spans.isEmpty ? "" : "<tr class=\"groups\">\(spans.joined())</tr>")<tr>\(head.joined())</tr></thead>
      <tbody>
      \(body.joined())</tbody></table></div>

      """
  }
}
