/// The files that a pipeline names, collected so that none is written that is read: the run replaces what it writes.
final class NamedFiles {
  private struct Named {
    let path: String
    /// What it is, for messages: `the input`.
    let role: String
  }

  private struct Written {
    let file: Named
    let place: Place
    let remedy: String
  }

  /// Whether results have to be told apart.
  var namesSinks = false
  private var read: [Named] = []
  private var written: [Written] = []

  func reads(_ path: String, as role: String) { read.append(Named(path: path, role: role)) }

  func writes(_ path: String, as role: String, at place: Place, remedy: String) {
    written.append(Written(file: Named(path: path, role: role), place: place, remedy: remedy))
  }

  /// Reports every file that would be overwritten.
  func check(_ diagnostics: Diagnostics) {
    var others = read
    for written in written {
      let identity = FileFacts.Identity(written.file.path)
      if let identity, let other = others.first(where: { FileFacts.Identity($0.path) == identity }) {
        diagnostics.report(
          "\(written.file.role) would overwrite \(other.role), '\(other.path)'",
          at: written.place,
          remedy: written.remedy
        )
      }
      others.append(written.file)
    }
  }
}
