internal import Expressions

/// What `--input` and `--output` say: a path for the only source or sink, or `NAME=PATH` for one of several.
struct NamedPaths {
  private var paths: [String: String] = [:]

  /// - Parameters:
  ///   - texts: as the command line has them.
  ///   - option: `--input`.
  ///   - kind: `source`.
  ///   - names: of the stages that it may be for.
  init(_ texts: [String], option: String, kind: String, names: [String], _ diagnostics: Diagnostics) {
    // Without a graph something else is wrong.
    if names.isEmpty { return }
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let (name, path): (String, String)
      if parts.count == 2, names.contains(parts[0]) {
        (name, path) = (parts[0], parts[1])
      } else if names.count == 1 {
        (name, path) = (names[0], text)
      } else {
        let nearest = parts.count == 2 ? NearestName.of(parts[0], among: names) : nil
        diagnostics.report(
          "\(option) '\(text)' names none of the \(names.count) \(kind)s",
          at: .commandLine,
          remedy: nearest.map { "did you mean '\($0)'?" }
            ?? "write \(option) NAME=PATH with one of: \(names.joined(separator: ", "))"
        )
        continue
      }
      // The last one counts, as of any option.
      paths[name] = path
    }
  }

  subscript(_ stage: String) -> String? { paths[stage] }
}
