internal import Records
internal import Transport

/// The PUSH socket of an output channel, with the one frame that it had no room for.
struct DataOutput: ~Copyable {
  private let socket: PushSocket
  private var blocked: Message?

  /// Messages queued on each end of a channel: with batches of a few hundred KB, a few MB in all.
  static let highWaterMark = 4

  init(in context: Context, to endpoint: Endpoint) throws(RuntimeError) {
    socket = try explaining { () throws(TransportError) in
      // What is queued when the stream ends must arrive.
      let socket = try PushSocket(
        in: context,
        options: SocketOptions(highWaterMark: Self.highWaterMark, linger: .forever)
      )
      try socket.connect(endpoint)
      return socket
    }
  }

  /// Makes the socket one that a poller can wait for.
  func register(in poller: inout Poller) -> Poller.Entry { poller.add(socket, for: []) }

  /// Sends the frame that waits, if any, and then what `next` gives, until there is no more or no room.
  ///
  /// - Returns: whether all of it went.
  mutating func send(_ next: () -> Frame?) throws(RuntimeError) -> Bool {
    while true {
      if var message = blocked.take() {
        if try !explaining({ () throws(TransportError) in try socket.trySend(&message) }) {
          blocked = consume message
          return false
        }
      }
      guard let frame = next() else { return true }
      blocked = try explaining { () throws(TransportError) in try Message(frame) }
    }
  }
}
