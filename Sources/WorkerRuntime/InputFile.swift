internal import Glibc

/// A file that a source reads from start to end.
struct InputFile: ~Copyable {
  private let descriptor: Int32
  private let path: String
  private var buffer: [UInt8]

  /// Bytes of one read: large enough to make system calls rare, small enough to stay in the cache.
  private static let chunk = 256 * 1024

  init(path: String) throws(RuntimeError) {
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor != -1 else { throw RuntimeError("cannot read \(path): \(OutputFile.errorText())") }
    self.path = path
    buffer = [UInt8](repeating: 0, count: Self.chunk)
  }

  deinit { close(descriptor) }

  /// Hands the next bytes to `body`; false at the end of the file.
  mutating func read<E: Error>(_ body: (Span<UInt8>) throws(E) -> Void) throws(RuntimeError) -> Bool {
    var count: Int
    repeat {
      count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
    } while count == -1 && errno == EINTR
    guard count >= 0 else { throw RuntimeError("cannot read \(path): \(OutputFile.errorText())") }
    if count == 0 { return false }
    let bytes = buffer.span.extracting(first: count)
    do { try body(bytes) } catch { throw RuntimeError("\(error)") }
    return true
  }
}
