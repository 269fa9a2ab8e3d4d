internal import CZeroMQ
internal import Glibc

/// The sending end of channels: messages go to the connected peers in turn, and to none whose queue is full.
package struct PushSocket: ~Copyable, Socket {
  package let handle: SocketHandle

  package init(in context: Context, options: SocketOptions) throws(TransportError) {
    handle = try SocketHandle(in: context, kind: ZMQ_PUSH, options: options)
  }

  deinit { handle.close() }

  /// Sends `message` if a queue has room for it. Otherwise answers false and leaves the message as it was: try again
  /// when a ``Poller`` finds the socket writable. A message that was sent is empty afterwards.
  package func trySend(_ message: inout Message) throws(TransportError) -> Bool {
    let code = handle.send(message, flags: 0)
    if code == 0 { return true }
    if code == EAGAIN { return false }
    throw handle.error(.send, code)
  }
}
