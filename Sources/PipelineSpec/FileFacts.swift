internal import Glibc

/// What the compiler asks of the disk before anything is opened for good. It changes nothing.
package enum FileFacts {
  enum Kind {
    case regular, directory, device, pipe, other
  }

  /// What a path names; nil, with `errno`, where it names nothing.
  static func kind(_ path: String) -> Kind? {
    guard let facts = facts(path) else { return nil }
    return switch facts.st_mode & S_IFMT {
    case S_IFREG: .regular
    case S_IFDIR: .directory
    case S_IFCHR: .device
    case S_IFIFO: .pipe
    default: .other
    }
  }

  package static func isFileOrAbsent(_ path: String) -> Bool { [.regular, nil].contains(kind(path)) }

  /// Why text cannot be written to the file at `path`; nil when it can.
  ///
  /// - Parameter takesPipe: whether a FIFO will do.
  package static func writeProblem(_ path: String, takesPipe: Bool) -> String? {
    switch kind(path) {
    case .regular, .device: break
    case .directory: return "it is a directory"
    case .pipe where takesPipe: break
    case .pipe, .other: return "it is neither a file nor a character device"
    case nil:
      guard errno == ENOENT, !path.isEmpty, !path.hasSuffix("/") else { return errorText }
      // The worker will create it.
      return unsafe access(folder(path), W_OK | X_OK) == 0 ? nil : errorText
    }
    return unsafe access(path, W_OK) == 0 ? nil : errorText
  }

  /// Why the file at `path` cannot be read; nil when it can.
  static func readProblem(_ path: String) -> String? {
    switch kind(path) {
    case .directory: return "it is a directory"
    case nil: return errorText
    default: return unsafe access(path, R_OK) == 0 ? nil : errorText
    }
  }

  /// The first bytes of a file, `most` of them where there are as many.
  static func read(_ path: String, atMost most: Int) throws(ReadProblem) -> [UInt8] {
    if let reason = readProblem(path) { throw ReadProblem(reason: reason) }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor != -1 else { throw ReadProblem(reason: errorText) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: most)
    var count = 0
    while count < most {
      let more = unsafe bytes.withUnsafeMutableBytes { bytes in
        unsafe Glibc.read(descriptor, bytes.baseAddress.map { unsafe $0 + count }, most - count)
      }
      if more == -1 && errno == EINTR { continue }
      guard more >= 0 else { throw ReadProblem(reason: errorText) }
      if more == 0 { break }
      count += more
    }
    bytes.removeLast(most - count)
    return bytes
  }

  struct ReadProblem: Error {
    let reason: String
  }

  /// The same for two paths that mean one file, be it there or yet to be made; nil for what is no file.
  struct Identity: Hashable {
    private let device: UInt
    private let number: UInt
    /// In that directory, where there is no such file yet.
    private let name: String?

    init?(_ path: String) {
      if let facts = facts(path) {
        guard facts.st_mode & S_IFMT == S_IFREG else { return nil }
        (device, number, name) = (UInt(facts.st_dev), UInt(facts.st_ino), nil)
      } else {
        guard let facts = facts(folder(path)) else { return nil }
        (device, number) = (UInt(facts.st_dev), UInt(facts.st_ino))
        name = path.split(separator: "/").last.map(String.init)
      }
    }
  }

  package static var errorText: String { unsafe String(cString: strerror(errno)) }

  private static func facts(_ path: String) -> stat? {
    var facts = stat()
    return unsafe stat(path, &facts) == 0 ? facts : nil
  }

  /// The directory that holds `path`.
  private static func folder(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
