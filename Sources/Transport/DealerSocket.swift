internal import CZeroMQ
internal import Glibc

/// A worker's end of the control plane: talks both ways with a ``RouterSocket``, in messages of one part.
package struct DealerSocket: ~Copyable, Socket {
  package let handle: SocketHandle

  /// - Parameter identity: the name by which the router addresses this socket: 1 to 255 bytes, the first not zero. A
  ///   router ignores a second peer of the same name. nil lets the router make one up.
  package init(in context: Context, options: SocketOptions, identity: [UInt8]? = nil) throws(TransportError) {
    let handle = try SocketHandle(in: context, kind: ZMQ_DEALER, options: options)
    if let identity { try handle.set(identity: identity) }
    self.handle = handle
  }

  deinit { handle.close() }

  /// Sends `message` if there is room for it; see ``PushSocket/trySend(_:)``.
  package func trySend(_ message: inout Message) throws(TransportError) -> Bool {
    let code = handle.send(message, flags: 0)
    if code == 0 { return true }
    if code == EAGAIN { return false }
    throw handle.error(.send, code)
  }

  /// The next message, or nil when none has arrived. A message of several parts is dropped and counted.
  package func receive() throws(TransportError) -> Message? { try handle.receiveSingle(flags: ZMQ_DONTWAIT) }
}
