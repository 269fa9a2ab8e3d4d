/// What happens on close to messages that are still queued to be sent. ``Context`` waits for it when it ends.
package enum Linger: Hashable, Sendable {
  /// They are discarded.
  case discard
  /// They are discarded after this many milliseconds.
  case milliseconds(Int)
  /// They are sent, however long that takes. If the peer never comes, the process never ends.
  case forever
}

/// The settings of a socket. The two that decide what is kept in memory and what is lost have no default.
package struct SocketOptions: Hashable, Sendable {
  /// The most messages queued per connection and direction, on this end; the peer has its own. At least 1: no queue is
  /// unbounded. Over `inproc` both ends share one queue, as long as both marks together.
  package var highWaterMark: Int
  package var linger: Linger
  /// Bytes of the kernel's send buffer on `tcp` connections; nil leaves the system's.
  package var kernelSendBuffer: Int?
  /// Bytes of the kernel's receive buffer on `tcp` connections; nil leaves the system's.
  package var kernelReceiveBuffer: Int?
  /// Whether messages are queued only for peers that are connected, not for those still awaited (ZMQ_IMMEDIATE).
  package var queuesOnlyWhenConnected = false
  /// The largest message in bytes that is received. A peer that announces a larger one is disconnected. nil: no limit.
  package var maximumMessageBytes: Int?
  /// Milliseconds that a receive that waits does so at the most; nil: for ever.
  package var receivePatience: Int?
  /// Milliseconds between attempts to reach a peer that does not listen yet; nil leaves libzmq's 100.
  package var reconnectInterval: Int?

  package init(highWaterMark: Int, linger: Linger) {
    self.highWaterMark = highWaterMark
    self.linger = linger
  }
}
