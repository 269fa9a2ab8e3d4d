/// What all sockets can do. A socket belongs to one thread: it is neither copyable nor Sendable, and it closes when its
/// value ends.
package protocol Socket: ~Copyable {
  var handle: SocketHandle { get }
}

extension Socket where Self: ~Copyable {
  /// Listens on `endpoint` and says where exactly: with the port that the system chose for `*`.
  ///
  /// An `ipc` path that exists already is taken over from whoever listens there, without an error.
  @discardableResult
  package func bind(_ endpoint: Endpoint) throws(TransportError) -> Endpoint { try handle.bind(endpoint) }

  /// Connects to `endpoint`, now or as soon as a peer listens there.
  package func connect(_ endpoint: Endpoint) throws(TransportError) { try handle.connect(endpoint) }

  /// Messages received that had the wrong number of parts, and were dropped.
  package var malformedMessages: Int { handle.malformedMessages }
}
