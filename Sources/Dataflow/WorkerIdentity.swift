package import Records

extension WorkerID {
  /// The name of a worker's control socket: a byte that is not zero, as ZeroMQ wants it, both numbers, and which of those
  /// that were started in this place it is.
  package func identity(incarnation: UInt64) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(UInt8(0x57))
    writer.write(stage)
    writer.write(worker)
    writer.write(incarnation)
    return writer.bytes
  }

  package init?(identity: [UInt8]) {
    guard identity.count == 13, identity[0] == 0x57 else { return nil }
    self.init(
      stage: UInt16(identity[1]) | UInt16(identity[2]) << 8,
      worker: UInt16(identity[3]) | UInt16(identity[4]) << 8
    )
  }
}
