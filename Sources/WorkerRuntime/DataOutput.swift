internal import Dataflow
internal import Records
internal import Transport

/// The PUSH socket of an output channel, with the one frame that it had no room for.
final class DataOutput {
  private let socket: PushSocket
  private var waiting: Message?
  let entry: Poller.Entry

  init(in context: Context, to endpoint: Endpoint, poller: inout Poller) throws(RuntimeError) {
    socket = try explaining { () throws(TransportError) in
      // What is queued when the stream ends must arrive; in a run that is over it need not.
      var options = SocketOptions(highWaterMark: ChannelBounds.messages, linger: .discard)
      options.kernelSendBuffer = ChannelBounds.kernelBytes
      options.reconnectInterval = ChannelBounds.reconnectMilliseconds
      let socket = try PushSocket(in: context, options: options)
      try socket.connect(endpoint)
      return socket
    }
    entry = poller.add(socket, for: [])
  }

  var isBlocked: Bool { waiting != nil }

  /// Sends the frame that waits, if any, and then what `next` gives, until there is no more or no room.
  func send(_ next: () -> Frame?) throws(RuntimeError) {
    while true {
      if var message = waiting.take() {
        if try !explaining({ () throws(TransportError) in try socket.trySend(&message) }) {
          waiting = consume message
          return
        }
      }
      guard let frame = next() else { return }
      waiting = try explaining { () throws(TransportError) in try Message(frame) }
    }
  }
}

/// The PULL socket of an input channel.
final class DataInput {
  private let socket: PullSocket
  let entry: Poller.Entry
  /// Where it listens.
  let endpoint: Endpoint

  /// How long a worker hears nothing of its coordinator while it waits for this one channel.
  private static let patienceMilliseconds = 50

  init(in context: Context, at endpoint: Endpoint, poller: inout Poller) throws(RuntimeError) {
    var options = SocketOptions(highWaterMark: ChannelBounds.messages, linger: .discard)
    options.kernelReceiveBuffer = ChannelBounds.kernelBytes
    options.receivePatience = Self.patienceMilliseconds
    let socket = try explaining { () throws(TransportError) in try PullSocket(in: context, options: options) }
    self.endpoint = try explaining { () throws(TransportError) in try socket.bind(endpoint) }
    entry = poller.add(socket, for: .readable)
    self.socket = socket
  }

  /// The next message, if one has come.
  func receive() throws(RuntimeError) -> Message? {
    try explaining { () throws(TransportError) in try socket.receive() }
  }

  /// The next message, if one comes soon.
  func receivePatiently() throws(RuntimeError) -> Message? {
    try explaining { () throws(TransportError) in try socket.receivePatiently() }
  }
}

/// What may be on its way in one channel.
///
/// ZeroMQ counts messages, so bytes are bounded by bounding frames: a frame holds at most `BatchLimits.bytes` of input and what
/// the stages add to it. On the way from a worker to the next there are at most `messages` frames queued on each end, one that
/// waits for room, the kernel's two buffers (over tcp `kernelBytes` each; over ipc what the system gives a socket, some 200 KB,
/// for libzmq sets only tcp's), and what the receiver has taken in, which is below `BatchLimits` again.
enum ChannelBounds {
  static let messages = 4
  static let kernelBytes = 256 * 1024
  /// The other end is bound already when a channel is opened; only a host that was away makes it wait.
  static let reconnectMilliseconds = 10
}
