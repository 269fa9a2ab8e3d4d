internal import Dataflow
internal import Glibc

/// A file read from start to end, or a pipe.
final class DescriptorReader {
  let descriptor: Int32
  /// A regular file is always ready to be read.
  let isWaitedFor: Bool
  private let isOwned: Bool
  private let name: String
  private var buffer: [UInt8]

  /// Bytes of one read: large enough to make system calls rare, small enough to stay in the cache.
  private static let chunk = 256 * 1024

  static var standardInput: DescriptorReader { DescriptorReader(STDIN_FILENO, name: "stdin", isOwned: false) }

  private init(_ descriptor: Int32, name: String, isOwned: Bool) {
    self.descriptor = descriptor
    self.name = name
    self.isOwned = isOwned
    var status = stat()
    isWaitedFor = unsafe fstat(descriptor, &status) != 0 || status.st_mode & S_IFMT != S_IFREG
    buffer = [UInt8](repeating: 0, count: Self.chunk)
  }

  convenience init(path: String) throws(RuntimeError) {
    // A pipe opens without waiting for its writer, and is waited for beside the coordinator's word.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor != -1 else { throw RuntimeError("cannot read \(path): \(OutputFile.errorText())") }
    self.init(descriptor, name: path, isOwned: true)
  }

  deinit { if isOwned { close(descriptor) } }

  func skip(to place: UInt64) throws(StageFailure) {
    guard place > 0, lseek(descriptor, off_t(clamping: place), SEEK_SET) == -1 else { return }
    throw StageFailure("cannot go on in \(name) at byte \(place): \(OutputFile.errorText())")
  }

  func read<E: Error>(_ body: (Span<UInt8>) throws(E) -> Void) throws(RuntimeError) -> SourceReader.Outcome {
    if isWaitedFor {
      // Standard input may block, for others that read it.
      var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if unsafe poll(&item, 1, 0) == 0 { return .nothingYet }
    }
    var count: Int
    repeat {
      count = unsafe buffer.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
    } while count == -1 && errno == EINTR
    if count == -1 && errno == EAGAIN { return .nothingYet }
    guard count >= 0 else { throw RuntimeError("cannot read \(name): \(OutputFile.errorText())") }
    if count == 0 { return .end }
    let bytes = buffer
    do { try body(bytes.span.extracting(first: count)) } catch { throw RuntimeError("\(error)") }
    return .bytes
  }
}
