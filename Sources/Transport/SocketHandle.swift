internal import CZeroMQ
internal import Glibc

/// One libzmq socket behind the typed sockets, and what a ``Poller`` holds on to.
///
/// Unsafe inside: `raw` is a live libzmq socket until `close()` sets it to nil, and libzmq answers calls on nil with
/// ENOTSOCK. A handle may therefore outlive its socket, but never reaches freed memory. libzmq's sockets are not
/// thread-safe; the class is not Sendable, so that only one thread at a time can reach it.
@safe
package final class SocketHandle {
  private(set) var raw: UnsafeMutableRawPointer?
  private var context: Context?
  private(set) var endpoint: Endpoint?
  /// Messages dropped because they had the wrong number of parts.
  private(set) var malformedMessages = 0
  /// An initialised empty message for the next receive, so that finding none costs no allocation.
  private var spare: UnsafeMutablePointer<zmq_msg_t>?

  init(in context: Context, kind: Int32, options: SocketOptions) throws(TransportError) {
    unsafe raw = zmq_socket(context.raw, kind)
    unsafe spare = nil
    guard unsafe raw != nil else { throw .last(.createSocket) }
    self.context = context
    try apply(options)
  }

  deinit { close() }

  /// Closes the socket; what it has queued is sent or discarded as its linger says.
  func close() {
    if let raw = unsafe raw { unsafe zmq_close(raw) }
    unsafe raw = nil
    if let spare = unsafe spare { _ = unsafe Message(box: spare) }
    unsafe spare = nil
    context = nil
  }

  // MARK: Options

  private func apply(_ options: SocketOptions) throws(TransportError) {
    try set(ZMQ_SNDHWM, "high-water mark", options.highWaterMark, in: 1...Int(Int32.max))
    try set(ZMQ_RCVHWM, "high-water mark", options.highWaterMark, in: 1...Int(Int32.max))
    switch options.linger {
    case .discard: try set(ZMQ_LINGER, "linger", 0, in: 0...0)
    case .milliseconds(let time): try set(ZMQ_LINGER, "linger", time, in: 0...Int(Int32.max))
    case .forever: try set(ZMQ_LINGER, "linger", -1, in: -1 ... -1)
    }
    if let bytes = options.kernelSendBuffer {
      try set(ZMQ_SNDBUF, "kernel send buffer", bytes, in: 1...Int(Int32.max))
    }
    if let bytes = options.kernelReceiveBuffer {
      try set(ZMQ_RCVBUF, "kernel receive buffer", bytes, in: 1...Int(Int32.max))
    }
    if options.queuesOnlyWhenConnected { try set(ZMQ_IMMEDIATE, "queue only when connected", 1, in: 1...1) }
    if let bytes = options.maximumMessageBytes { try set(maximumMessageBytes: bytes) }
    if let time = options.receivePatience {
      try set(ZMQ_RCVTIMEO, "receive timeout", time, in: 0...Int(Int32.max))
    }
    if let time = options.reconnectInterval {
      try set(ZMQ_RECONNECT_IVL, "reconnect interval", time, in: 1...Int(Int32.max))
    }
  }

  /// Sets an option that libzmq takes as a C int.
  func set(_ option: Int32, _ name: String, _ value: Int, in range: ClosedRange<Int>) throws(TransportError) {
    guard range.contains(value) else { throw TransportError(.setOption(name), code: EINVAL) }
    var number = Int32(truncatingIfNeeded: value)
    let size = MemoryLayout<Int32>.size
    try check(.setOption(name)) { unsafe zmq_setsockopt(raw, option, &number, size) }
  }

  private func set(maximumMessageBytes bytes: Int) throws(TransportError) {
    let name = "maximum message size"
    guard bytes >= 0 else { throw TransportError(.setOption(name), code: EINVAL) }
    var number = Int64(bytes)
    let size = MemoryLayout<Int64>.size
    try check(.setOption(name)) { unsafe zmq_setsockopt(raw, ZMQ_MAXMSGSIZE, &number, size) }
  }

  /// Sets the name under which a router knows this socket: 1 to 255 bytes, of which the first is not zero, because
  /// libzmq makes up such names itself.
  func set(identity: [UInt8]) throws(TransportError) {
    guard let first = identity.first, first != 0, identity.count <= 255 else {
      throw TransportError(.setOption("identity"), code: EINVAL)
    }
    try check(.setOption("identity")) { unsafe zmq_setsockopt(raw, ZMQ_ROUTING_ID, identity, identity.count) }
  }

  // MARK: Endpoints

  func bind(_ endpoint: Endpoint) throws(TransportError) -> Endpoint {
    try prepare(for: endpoint)
    try check(.bind, endpoint) { unsafe zmq_bind(raw, endpoint.description) }
    let actual = try lastEndpoint(boundTo: endpoint)
    self.endpoint = actual
    return actual
  }

  func connect(_ endpoint: Endpoint) throws(TransportError) {
    guard !endpoint.isWildcard else { throw TransportError(.connect, endpoint: endpoint, code: EINVAL) }
    try prepare(for: endpoint)
    try check(.connect, endpoint) { unsafe zmq_connect(raw, endpoint.description) }
    self.endpoint = endpoint
  }

  private func prepare(for endpoint: Endpoint) throws(TransportError) {
    try set(ZMQ_IPV6, "IPv6", endpoint.isIPv6 ? 1 : 0, in: 0...1)
  }

  private func lastEndpoint(boundTo endpoint: Endpoint) throws(TransportError) -> Endpoint {
    var text = [UInt8](repeating: 0, count: 512)
    var count = text.count
    try check(.bind, endpoint) { unsafe zmq_getsockopt(raw, ZMQ_LAST_ENDPOINT, &text, &count) }
    do {
      return try Endpoint(String(decoding: text.prefix { $0 != 0 }, as: UTF8.self))
    } catch {
      throw TransportError(.bind, endpoint: endpoint, code: EINVAL)
    }
  }

  private func check(
    _ operation: TransportError.Operation,
    _ endpoint: Endpoint? = nil,
    _ call: () -> Int32
  ) throws(TransportError) {
    while call() == -1 {
      let code = zmq_errno()
      if code != EINTR { throw TransportError(operation, endpoint: endpoint ?? self.endpoint, code: code) }
    }
  }

  // MARK: Messages

  /// Sends one part without blocking. Answers 0, and the message is then empty, or the error number.
  func send(_ message: borrowing Message, flags: Int32) -> Int32 {
    while true {
      if unsafe zmq_msg_send(message.box, raw, flags | ZMQ_DONTWAIT) != -1 { return 0 }
      let code = zmq_errno()
      if code != EINTR { return code }
    }
  }

  /// Receives one part; nil when none is there and `flags` say not to wait.
  func receivePart(flags: Int32) throws(TransportError) -> Message? {
    let box: UnsafeMutablePointer<zmq_msg_t>
    if let ready = unsafe spare {
      unsafe box = ready
      unsafe spare = nil
    } else {
      unsafe box = try Message.emptyBox()
    }
    while unsafe zmq_msg_recv(box, raw, flags) == -1 {
      let code = zmq_errno()
      if code == EINTR { continue }
      unsafe spare = box
      if code == EAGAIN { return nil }
      throw error(.receive, code)
    }
    return unsafe Message(box: box)
  }

  /// Receives a message of one part, past any that have more: those are counted and dropped.
  func receiveSingle(flags: Int32) throws(TransportError) -> Message? {
    while let message = try receivePart(flags: flags) {
      if !message.hasMore { return message }
      try dropRest()
    }
    return nil
  }

  /// Reads on to the end of a message that is refused. Its parts are all there: libzmq delivers a message whole.
  func dropRest() throws(TransportError) {
    malformedMessages += 1
    while let part = try receivePart(flags: ZMQ_DONTWAIT), part.hasMore {}
  }

  func countMalformed() { malformedMessages += 1 }

  func error(_ operation: TransportError.Operation, _ code: Int32) -> TransportError {
    TransportError(operation, endpoint: endpoint, code: code)
  }
}
