package import Records

extension WorkerID {
  /// The name of the worker's control socket: a byte that is not zero, as ZeroMQ wants it, then both numbers.
  package var identity: [UInt8] {
    [0x57, UInt8(truncatingIfNeeded: stage), UInt8(stage >> 8), UInt8(truncatingIfNeeded: worker), UInt8(worker >> 8)]
  }

  package init?(identity: [UInt8]) {
    guard identity.count == 5, identity[0] == 0x57 else { return nil }
    self.init(
      stage: UInt16(identity[1]) | UInt16(identity[2]) << 8,
      worker: UInt16(identity[3]) | UInt16(identity[4]) << 8
    )
  }
}
