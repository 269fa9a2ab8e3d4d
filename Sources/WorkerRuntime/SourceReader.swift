internal import Dataflow
internal import Glibc
internal import Records
internal import SourceStage
internal import Transport

/// Where a source's bytes come from.
enum SourceReader {
  case descriptor(DescriptorReader)
  case messages(MessageReader)

  enum Outcome {
    case bytes
    case nothingYet
    case end
  }

  init(_ input: SourceInput, _ context: Context) throws(RuntimeError) {
    self =
      switch input {
      case .file(let path): .descriptor(try DescriptorReader(path: path))
      case .standardInput: .descriptor(DescriptorReader.standardInput)
      case .messages(let endpoint): .messages(try MessageReader(endpoint, context))
      }
  }

  /// Makes it something to wait for, where it is.
  func register(in loop: inout WorkerLoop) -> Poller.Entry? {
    switch self {
    case .descriptor(let reader): reader.isWaitedFor ? loop.watch(descriptor: reader.descriptor, for: .readable) : nil
    case .messages(let reader): loop.watch(reader.socket)
    }
  }

  /// Goes on from a place of the input: a byte of a file.
  func skip(to place: UInt64) throws(StageFailure) {
    switch self {
    case .descriptor(let reader): try reader.skip(to: place)
    case .messages: break
    }
  }

  /// Hands what there is to `body`, a message at a time where the input comes in messages.
  func read<E: Error>(
    _ body: (_ bytes: Span<UInt8>, _ isMessage: Bool) throws(E) -> Void
  ) throws(RuntimeError) -> Outcome {
    switch self {
    case .descriptor(let reader): try reader.read { (bytes) throws(E) in try body(bytes, false) }
    case .messages(let reader): try reader.read { (bytes) throws(E) in try body(bytes, true) }
    }
  }
}

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

/// Messages that others push.
final class MessageReader {
  let socket: PullSocket

  /// Messages taken in at once, and queued before their sender is stopped.
  private static let messages = 1000
  private static let largestMessage = 32 << 20

  init(_ text: String, _ context: Context) throws(RuntimeError) {
    let endpoint = try explaining { () throws(EndpointError) in try Endpoint(text) }
    socket = try explaining { () throws(TransportError) in
      var options = SocketOptions(highWaterMark: Self.messages, linger: .discard)
      options.maximumMessageBytes = Self.largestMessage
      let socket = try PullSocket(in: context, options: options)
      try socket.bind(endpoint)
      return socket
    }
  }

  func read<E: Error>(_ body: (Span<UInt8>) throws(E) -> Void) throws(RuntimeError) -> SourceReader.Outcome {
    var taken = 0
    while taken < Self.messages,
      let message = try explaining({ () throws(TransportError) in try socket.receive() })
    {
      let bytes = message.copyBytes()
      do { try body(bytes.span) } catch { throw RuntimeError("\(error)") }
      taken += 1
    }
    return taken > 0 ? .bytes : .nothingYet
  }
}
