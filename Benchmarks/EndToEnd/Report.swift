internal import Foundation

/// The benchmark's own output: plain lines on stdout, at once, so that a long run can be watched.
enum Report {
  static func line(_ text: String) { FileHandle.standardOutput.write(Data((text + "\n").utf8)) }

  static func heading(_ text: String) { line("\n\(text)") }

  /// Lines in columns: the first to the left, the others to the right.
  static func table(_ rows: [[String]]) {
    var widths: [Int] = []
    for row in rows {
      for (column, text) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], text.count)
      }
    }
    for row in rows {
      let cells = row.enumerated().map { column, text in
        let padding = String(repeating: " ", count: widths[column] - text.count)
        return column == 0 ? text + padding : padding + text
      }
      line("  " + cells.joined(separator: "  "))
    }
  }
}
