internal import Glibc
package import Records

/// Where text is printed as it comes.
package protocol PrintedStream: ~Copyable {
  var descriptor: Int32 { get }
  /// Prints all of `text` and empties it.
  mutating func write(_ text: inout TextBuffer) throws(RuntimeError) -> OutputFile.Outcome
}

/// A descriptor that text is written to: stdout, a sink's file, the dead letters.
package struct OutputFile: PrintedStream, ~Copyable {
  package let descriptor: Int32
  private let name: String
  private let isOwned: Bool
  /// Bytes of whole writes, for a file that is written from its start; nil for others.
  private var published: Int?

  /// How a write ended that did not fail.
  package enum Outcome {
    case written
    /// The reader has gone.
    case closed
  }

  /// stdout, which stays open.
  static var standardOutput: OutputFile { OutputFile(descriptor: STDOUT_FILENO, name: "stdout", isOwned: false) }

  private init(descriptor: Int32, name: String, isOwned: Bool) {
    self.descriptor = descriptor
    self.name = name
    self.isOwned = isOwned
  }

  /// Creates or opens a file to write.
  ///
  /// - Parameter appending: keeps what it holds; else that is replaced.
  init(path: String, appending: Bool) throws(RuntimeError) {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (appending ? O_APPEND : O_TRUNC)
    let descriptor = unsafe open(path, flags, 0o644)
    guard descriptor != -1 else { throw RuntimeError("cannot write \(path): \(Self.errorText())") }
    self.init(descriptor: descriptor, name: path, isOwned: true)
    published = appending ? nil : 0
  }

  deinit { if isOwned { close(descriptor) } }

  /// Writes all of `text` and empties it; a file that has no room for all of it gets none of it.
  package mutating func write(_ text: inout TextBuffer) throws(RuntimeError) -> Outcome {
    var offset = 0
    while offset < text.count {
      let written = unsafe text.bytes.withUnsafeBytes { bytes in
        unsafe Glibc.write(descriptor, bytes.baseAddress.map { unsafe $0 + offset }, bytes.count - offset)
      }
      if written >= 0 {
        offset += written
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        // Somebody made the terminal or pipe that we inherited non-blocking.
        var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        unsafe poll(&item, 1, -1)
      case EPIPE: return .closed
      default:
        let reason = Self.errorText()
        if let published { ftruncate(descriptor, published) }
        throw RuntimeError("cannot write \(name): \(reason)")
      }
    }
    published = published.map { $0 + text.count }
    text.removeAll()
    return .written
  }

  static func errorText() -> String { unsafe String(cString: strerror(errno)) }
}
