internal import CZeroMQ

/// The receiving end of channels: messages come from all peers in turn, in order from each.
package struct PullSocket: ~Copyable, Socket {
  package let handle: SocketHandle

  package init(in context: Context, options: SocketOptions) throws(TransportError) {
    handle = try SocketHandle(in: context, kind: ZMQ_PULL, options: options)
  }

  deinit { handle.close() }

  /// The next message, or nil when none has arrived. A message of several parts is dropped and counted.
  package func receive() throws(TransportError) -> Message? { try handle.receiveSingle(flags: ZMQ_DONTWAIT) }

  /// The next message; waits for it as long as the options' `receivePatience` says, and then answers nil. Takes a third of the
  /// system calls of a ``Poller`` and a receive.
  package func receivePatiently() throws(TransportError) -> Message? { try handle.receiveSingle(flags: 0) }

  /// The next message; waits for it, and through signals. ``Context/shutdown()`` ends the wait with an error.
  package func receiveBlocking() throws(TransportError) -> Message {
    while true {
      if let message = try handle.receiveSingle(flags: 0) { return message }
    }
  }
}
