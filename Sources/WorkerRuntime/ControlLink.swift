internal import Dataflow
internal import Records
internal import Transport

/// A worker's line to its coordinator.
final class ControlLink {
  let socket: DealerSocket

  /// A message to a coordinator that does not listen waits this long at the end, then is given up.
  private static let lingerMilliseconds = 1000
  /// Control messages are few; progress is sent only while there is room.
  private static let queuedMessages = 1000

  init(in context: Context, to endpoint: Endpoint, id: WorkerID) throws(RuntimeError) {
    socket = try explaining { () throws(TransportError) in
      let options = SocketOptions(
        highWaterMark: Self.queuedMessages,
        linger: .milliseconds(Self.lingerMilliseconds)
      )
      let socket = try DealerSocket(in: context, options: options, identity: id.identity)
      try socket.connect(endpoint)
      return socket
    }
  }

  /// Sends a message; false when there is no room for it now.
  @discardableResult
  func send(_ message: ControlMessage) throws(RuntimeError) -> Bool {
    try explaining { () throws(TransportError) in
      var bytes = try Message(copying: message.encoded)
      return try socket.trySend(&bytes)
    }
  }

  /// The next message, if one has come.
  func receive() throws(RuntimeError) -> ControlMessage? {
    guard let message = try explaining({ () throws(TransportError) in try socket.receive() }) else { return nil }
    let bytes = message.copyBytes()
    return try explaining { () throws(MalformedBytes) in try ControlMessage(decoding: bytes) }
  }

  /// Waits until the coordinator lets this worker go.
  func awaitRelease() throws(RuntimeError) {
    while true {
      if case .release = try next(within: -1) { return }
    }
  }

  /// Waits for the next message.
  ///
  /// - Parameter milliseconds: at the most; -1 for ever.
  func next(within milliseconds: Int) throws(RuntimeError) -> ControlMessage {
    var poller = Poller()
    _ = poller.add(socket, for: .readable)
    while true {
      if let message = try receive() { return message }
      let outcome = try explaining { () throws(TransportError) in try poller.wait(milliseconds: milliseconds) }
      if outcome == .timedOut {
        throw RuntimeError("the coordinator did not answer within \(milliseconds / 1000) s")
      }
    }
  }
}
