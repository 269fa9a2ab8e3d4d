internal import Records

/// A place in a pipeline file; lines and columns count from 1.
package struct Place: Hashable, Comparable, Sendable {
  package let line: Int
  package let column: Int

  package static func < (left: Place, right: Place) -> Bool { (left.line, left.column) < (right.line, right.column) }

  /// Not in the file: an option of the command.
  static let commandLine = Place(line: 0, column: 0)

  func advanced(by columns: Int) -> Place { Place(line: line, column: column + columns) }
}

/// One mistake: what is wrong, where, and what to do.
package struct Diagnostic: Hashable, Sendable {
  package let place: Place
  package let message: String
  package let remedy: String
}

/// All the mistakes found in a pipeline file or in the files that it names.
package struct PipelineFileError: Error, CustomStringConvertible {
  package let path: String
  /// In the order of their places; at least one.
  package let diagnostics: [Diagnostic]

  package var description: String {
    diagnostics.map { diagnostic in
      let place = diagnostic.place
      let prefix = place == .commandLine ? "" : "\(path):\(place.line):\(place.column): "
      // Names and texts of the file stand in it.
      return "\(prefix)\(diagnostic.message); \(diagnostic.remedy)".printable
    }
    .joined(separator: "\n")
  }
}

/// Collects mistakes, so that one look at a file finds all of them.
final class Diagnostics {
  private var found: [Diagnostic] = []

  var hasAny: Bool { !found.isEmpty }

  func report(_ message: String, at place: Place, remedy: String) {
    found.append(Diagnostic(place: place, message: message, remedy: remedy))
  }

  /// Throws when there is any mistake.
  func check(_ path: String) throws(PipelineFileError) {
    guard !found.isEmpty else { return }
    throw PipelineFileError(path: path, diagnostics: found.sorted { $0.place < $1.place })
  }
}
