internal import CZeroMQ
internal import Glibc

/// The coordinator's end of the control plane: talks both ways with many ``DealerSocket`` peers, each by its identity.
package struct RouterSocket: ~Copyable, Socket {
  /// What became of a message. That a peer has gone is an ordinary event here, not an error.
  package enum SendOutcome: Hashable, Sendable {
    case sent
    /// The peer's queue is full.
    case wouldBlock
    /// No peer of that identity is connected.
    case unknownPeer
  }

  /// A message and who sent it.
  package struct Delivery: ~Copyable {
    /// The peer's identity. It is the peer's own word: on an open endpoint anyone can claim any identity not in use.
    package let identity: [UInt8]
    package let payload: Message

    /// The payload alone, to own.
    package consuming func takePayload() -> Message { payload }
  }

  package let handle: SocketHandle

  package init(in context: Context, options: SocketOptions) throws(TransportError) {
    let handle = try SocketHandle(in: context, kind: ZMQ_ROUTER, options: options)
    // Without it libzmq drops what it cannot route, and nothing is ever dropped silently.
    try handle.set(ZMQ_ROUTER_MANDATORY, "mandatory routing", 1, in: 1...1)
    self.handle = handle
  }

  deinit { handle.close() }

  /// Sends `payload` to the peer called `identity`. Unless the outcome is `.sent`, the payload is as it was.
  package func trySend(
    to identity: [UInt8],
    _ payload: inout Message
  ) throws(TransportError) -> SendOutcome {
    let address = try Message(copying: identity)
    // The first part decides: once the address is accepted libzmq takes the payload without asking for more room.
    switch handle.send(address, flags: ZMQ_SNDMORE) {
    case 0: break
    case EAGAIN: return .wouldBlock
    case EHOSTUNREACH: return .unknownPeer
    case let code: throw handle.error(.send, code)
    }
    let code = handle.send(payload, flags: 0)
    if code != 0 { throw handle.error(.send, code) }
    return .sent
  }

  /// The next message and its sender, or nil when none has arrived. A peer's message that is not exactly one part is
  /// dropped and counted.
  package func receive() throws(TransportError) -> Delivery? {
    while let address = try handle.receivePart(flags: ZMQ_DONTWAIT) {
      guard address.hasMore, let payload = try handle.receivePart(flags: ZMQ_DONTWAIT) else {
        handle.countMalformed()
        continue
      }
      if !payload.hasMore { return Delivery(identity: address.copyBytes(), payload: payload) }
      try handle.dropRest()
    }
    return nil
  }
}
