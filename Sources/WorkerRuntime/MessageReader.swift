internal import Records
internal import Transport

/// Messages that others push.
final class MessageReader {
  let socket: PullSocket

  /// Messages taken in at once, and queued before their sender is stopped.
  private static let messages = 1000
  /// Bytes from which on no more are taken in at once.
  private static let batchBytes = 1 << 20
  private static let largestMessage = 32 << 20

  init(_ text: String, _ context: Context) throws(RuntimeError) {
    let endpoint = try explaining { () throws(EndpointError) in try Endpoint(text) }
    socket = try explaining { () throws(TransportError) in
      var options = SocketOptions(highWaterMark: Self.messages, linger: .discard)
      options.maximumMessageBytes = Self.largestMessage
      let socket = try PullSocket(in: context, options: options)
      try socket.bind(endpoint)
      return socket
    }
  }

  /// Those that have come, a batch at the most.
  func receive() throws(RuntimeError) -> [[UInt8]] {
    var batch: [[UInt8]] = []
    var bytes = 0
    while batch.count < Self.messages, bytes < Self.batchBytes,
      let message = try explaining({ () throws(TransportError) in try socket.receive() })
    {
      batch.append(message.copyBytes())
      bytes += batch[batch.count - 1].count
    }
    return batch
  }

  func read<E: Error>(_ body: (Span<UInt8>) throws(E) -> Void) throws(RuntimeError) -> SourceReader.Outcome {
    let batch = try receive()
    for message in batch { try explaining { () throws(E) in try body(message.span) } }
    return batch.isEmpty ? .nothingYet : .bytes
  }
}
