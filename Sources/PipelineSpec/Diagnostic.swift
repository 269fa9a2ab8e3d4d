internal import Records

/// A place in a pipeline file; lines and columns count from 1, columns in Unicode scalars.
package struct Place: Hashable, Comparable, Sendable {
  package let line: Int
  package let column: Int

  package static func < (left: Place, right: Place) -> Bool { (left.line, left.column) < (right.line, right.column) }

  /// Not in the file: an option of the command.
  static let commandLine = Place(line: 0, column: 0)

  func advanced(by columns: Int) -> Place { Place(line: line, column: column + columns) }
}

/// One thing to say about a pipeline file: what is wrong, where, and what to do.
package struct Diagnostic: Hashable, Sendable {
  package enum Severity: Hashable, Sendable {
    /// Nothing is started.
    case error
    /// It can run, and is probably not what was meant.
    case warning
  }

  package let severity: Severity
  package let place: Place
  /// Scalars from `place` on that it is about; 0: the word there.
  package let length: Int
  package let message: String
  package let remedy: String

  /// On one line; what it quotes of the file moves no cursor.
  func line(path: String) -> String {
    let position = place == .commandLine ? "" : "\(path):\(place.line):\(place.column): "
    let kind = severity == .warning ? "warning: " : ""
    return "\(position)\(kind)\(message); \(remedy)".printable
  }

  /// With the line of the file that it is about and a mark below the place.
  ///
  /// - Parameter source: that line; nil where there is none.
  func excerpt(path: String, source: Substring?) -> String {
    guard let source else { return line(path: path) }
    let kind = severity == .warning ? "warning: " : "error: "
    let gutter = String(repeating: " ", count: "\(place.line)".count)
    var text = "\(path):\(place.line):\(place.column): \(kind)\(message)".printable
    let scalars = Array(source.unicodeScalars)
    let first = place.column - 1
    text += "\n \(place.line) | \(String(source).printable)"
    if scalars.indices.contains(first) || first == scalars.count {
      // Tabs and controls are written out above, so what stands before the mark is measured as it is shown.
      var before = String.UnicodeScalarView()
      before.append(contentsOf: scalars[..<first])
      let indent = String(before).printable.unicodeScalars.count
      let word = length > 0 ? length : Self.word(scalars[first...])
      let width = max(1, min(word, scalars.count - first))
      text += "\n \(gutter) | " + String(repeating: " ", count: indent) + String(repeating: "^", count: width)
    }
    return text + "\n \(gutter) = " + remedy.printable
  }

  /// Scalars of the word that a line goes on with: a key without its colon, a value, an item of a list.
  private static func word(_ line: ArraySlice<Unicode.Scalar>) -> Int {
    var end = line.startIndex
    while end < line.endIndex, !",]}".unicodeScalars.contains(line[end]), !line[end].properties.isWhitespace {
      let next = end + 1
      if line[end] == ":", next == line.endIndex || line[next].properties.isWhitespace { break }
      end = next
    }
    return end - line.startIndex
  }
}

/// All that there is to say about a pipeline file and the files that it names.
package struct DiagnosticReport: Hashable, Sendable, CustomStringConvertible {
  package let path: String
  /// In the order of their places.
  package let diagnostics: [Diagnostic]
  /// The lines that they are about, by number.
  let lines: [Int: Substring]

  package var mistakeCount: Int { diagnostics.count { $0.severity == .error } }
  package var warningCount: Int { diagnostics.count { $0.severity == .warning } }

  /// How many there are of each kind that there is any of: `2 mistakes, 1 warning`.
  package var counts: String {
    [(mistakeCount, "mistake"), (warningCount, "warning")].filter { $0.0 > 0 }
      .map { "\($0) \($1)\($0 == 1 ? "" : "s")" }.joined(separator: ", ")
  }

  /// A line each, as compilers write them.
  package var description: String { diagnostics.map { $0.line(path: path) }.joined(separator: "\n") }

  /// Each with its line of the file and a mark below the place, a blank line between two.
  package var excerpts: String {
    diagnostics.map { $0.excerpt(path: path, source: lines[$0.place.line]) }.joined(separator: "\n\n")
  }
}

/// All the mistakes found in a pipeline file or in the files that it names; warnings stand among them.
package struct PipelineFileError: Error, CustomStringConvertible {
  package let report: DiagnosticReport

  /// At least one.
  package var diagnostics: [Diagnostic] { report.diagnostics }
  package var description: String { report.description }
}

/// Collects mistakes, so that one look at a file finds all of them.
final class Diagnostics {
  private var found: [Diagnostic] = []
  /// The file's text, once it is read.
  var text = ""

  var hasAny: Bool { found.contains { $0.severity == .error } }

  func report(_ message: String, at place: Place, length: Int = 0, remedy: String) {
    add(.error, message, place, length, remedy)
  }

  func warn(_ message: String, at place: Place, length: Int = 0, remedy: String) {
    add(.warning, message, place, length, remedy)
  }

  private func add(_ severity: Diagnostic.Severity, _ message: String, _ place: Place, _ length: Int, _ remedy: String)
  {
    found.append(
      Diagnostic(severity: severity, place: place, length: length, message: message, remedy: remedy)
    )
  }

  /// Takes out what `body` reports.
  func taking<Result>(_ body: () -> Result) -> (result: Result, reported: [Diagnostic]) {
    let before = found.count
    let result = body()
    let reported = Array(found[before...])
    found.removeSubrange(before...)
    return (result, reported)
  }

  /// What was found so far.
  func report(on path: String) -> DiagnosticReport {
    let sorted = found.enumerated().sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }
    let diagnostics = sorted.map(\.element)
    var lines: [Int: Substring] = [:]
    let named = Set(diagnostics.map(\.place.line))
    if !text.isEmpty {
      for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
      where named.contains(index + 1) { lines[index + 1] = line }
    }
    return DiagnosticReport(path: path, diagnostics: diagnostics, lines: lines)
  }

  /// Throws when there is any mistake.
  func check(_ path: String) throws(PipelineFileError) {
    guard hasAny else { return }
    throw PipelineFileError(report: report(on: path))
  }
}
