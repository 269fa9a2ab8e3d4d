/// Columns of text under their headings.
struct TextTable {
  enum Column {
    case left(String)
    case right(String)

    var heading: String {
      switch self {
      case .left(let heading), .right(let heading): heading
      }
    }

    fileprivate func padded(_ text: String, to width: Int) -> String {
      let space = String(repeating: " ", count: max(0, width - text.count))
      switch self {
      case .left: return text + space
      case .right: return space + text
      }
    }
  }

  private let columns: [Column]
  private var rows: [[String]]

  init(_ columns: [Column]) {
    self.columns = columns
    rows = [columns.map(\.heading)]
  }

  /// - Parameter row: a text for each column.
  mutating func add(_ row: [String]) { rows.append(row) }

  var text: String {
    let widths = columns.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = zip(columns, zip(row, widths)).map { $0.padded($1.0, to: $1.1) }.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
