internal import Dataflow
internal import Records
internal import Transport

/// A checkpoint that is committed.
package struct Committed {
  package let checkpoint: UInt64
  /// Whether it is the one at the end of the epoch.
  package let isLast: Bool

  package init(checkpoint: UInt64, isLast: Bool) {
    self.checkpoint = checkpoint
    self.isLast = isLast
  }
}

/// A worker's line to its coordinator.
final class ControlLink {
  let socket: DealerSocket
  /// How long a coordinator may be silent, in nanoseconds; nil where it started this worker, which then ends with it.
  let patience: Int64?
  /// Whether somebody has asked this worker to go.
  private let isToLeave: () -> Bool
  private(set) var hasAskedToLeave = false

  /// A message to a coordinator that does not listen waits this long at the end, then is given up.
  private static let lingerMilliseconds = 1000
  /// Control messages are few; progress is sent only while there is room.
  private static let queuedMessages = 1000

  init(
    in context: Context,
    to endpoint: Endpoint,
    id: WorkerID,
    patience: Int64?,
    isToLeave: @escaping () -> Bool
  ) throws(RuntimeError) {
    self.patience = patience
    self.isToLeave = isToLeave
    socket = try explaining { () throws(TransportError) in
      var options = SocketOptions(
        highWaterMark: Self.queuedMessages,
        linger: .milliseconds(Self.lingerMilliseconds)
      )
      options.reconnectInterval = ChannelBounds.reconnectMilliseconds
      let socket = try DealerSocket(
        in: context,
        options: options,
        identity: id.identity(incarnation: .random(in: 0 ... .max))
      )
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

  /// Sends a message, and waits for room where there is none: a coordinator that was stopped for a while gets it later.
  func sendSurely(_ message: ControlMessage) throws(RuntimeError) {
    var poller = Poller()
    _ = poller.add(socket, for: .writable)
    while try !send(message) {
      _ = try explaining { () throws(TransportError) in try poller.wait(milliseconds: -1) }
    }
  }

  /// Asks the coordinator to be let go, when somebody has asked this worker to go.
  func leaveIfAsked() throws(RuntimeError) {
    guard patience != nil, isToLeave() else { return }
    // Whoever asks twice does not want to wait.
    if hasAskedToLeave { throw .released }
    hasAskedToLeave = true
    try sendSurely(.leave)
  }

  /// How often it is looked whether somebody has, while nothing comes.
  private static let leaveMilliseconds = 500

  /// The next message, if one has come.
  func receive() throws(RuntimeError) -> ControlMessage? {
    guard let message = try explaining({ () throws(TransportError) in try socket.receive() }) else { return nil }
    let bytes = message.copyBytes()
    if let other = ControlMessage.otherVersion(of: bytes) {
      throw RuntimeError(
        "the coordinator speaks version \(other) of the control protocol, and this worker version"
          + " \(ControlMessage.version); run the same version of Sluice everywhere"
      )
    }
    return try explaining { () throws(MalformedBytes) in try ControlMessage(decoding: bytes) }
  }

  /// Waits until the coordinator lets this worker go, or wants it in another epoch.
  ///
  /// - Parameter commit: called for a checkpoint that is committed meanwhile.
  func awaitRelease(_ commit: (Committed) throws(RuntimeError) -> Void = { _ in }) throws(RuntimeError) {
    while true {
      switch try next(mayBeReleased: true) {
      case .release: return
      case .committed(let checkpoint, let isLast): try commit(Committed(checkpoint: checkpoint, isLast: isLast))
      default: continue
      }
    }
  }

  /// Waits for the next message.
  ///
  /// - Parameters:
  ///   - milliseconds: at the most; nil: as long as the coordinator is heard of.
  ///   - mayBeReleased: whether this worker has done all that it had to.
  func next(within milliseconds: Int? = nil, mayBeReleased: Bool = false) throws(RuntimeError) -> ControlMessage {
    var poller = Poller()
    _ = poller.add(socket, for: .readable)
    let most = milliseconds ?? patience.map { Int($0 / 1_000_000) } ?? -1
    var waited = 0
    while true {
      try leaveIfAsked()
      if let message = try receive() {
        waited = 0
        if case .alive = message { continue }
        if case .release = message, !mayBeReleased { throw .released }
        if case .abandon = message { throw .abandoned }
        return message
      }
      let slice = patience == nil ? most : min(most, Self.leaveMilliseconds)
      let outcome = try explaining { () throws(TransportError) in try poller.wait(milliseconds: slice) }
      guard outcome == .timedOut else { continue }
      waited += slice
      if waited >= most { throw RuntimeError("the coordinator did not answer within \(most / 1000) s") }
    }
  }
}
