import Transport

struct TestFailure: Error { let reason: String }

/// How long a test waits for what must come, before it fails.
let patience = 30_000

extension SocketOptions {
  /// Room for what a test sends, and no waiting at the end.
  static let plain = SocketOptions(highWaterMark: 1000, linger: .discard)
}

func message(_ text: String) throws -> Message { try Message(copying: Array(text.utf8)) }

func text(_ message: borrowing Message) -> String { String(decoding: message.copyBytes(), as: UTF8.self) }

/// Waits for one event; a test that waits in vain fails instead of hanging.
func waitFor(_ socket: borrowing some Socket & ~Copyable, _ events: PollEvents) throws {
  var poller = Poller()
  _ = poller.add(socket, for: events)
  while true {
    switch try poller.wait(milliseconds: patience) {
    case .ready: return
    case .interrupted: continue
    case .timedOut: throw TestFailure(reason: "waited too long for a socket")
    }
  }
}

func next(_ socket: borrowing PullSocket) throws -> Message {
  while true {
    if let message = try socket.receive() { return message }
    try waitFor(socket, .readable)
  }
}

func next(_ socket: borrowing DealerSocket) throws -> Message {
  while true {
    if let message = try socket.receive() { return message }
    try waitFor(socket, .readable)
  }
}

func next(_ socket: borrowing RouterSocket) throws -> RouterSocket.Delivery {
  while true {
    if let delivery = try socket.receive() { return delivery }
    try waitFor(socket, .readable)
  }
}

func send(_ message: consuming Message, over socket: borrowing PushSocket) throws {
  var message = message
  while try !socket.trySend(&message) { try waitFor(socket, .writable) }
}

/// Memory with a count of how often it was released.
@safe final class CountedBuffer {
  let base: UnsafeMutableRawPointer
  let count: Int
  private let releases: UnsafeMutablePointer<Int>

  /// `count` bytes whose values follow from their indices.
  init(count: Int) {
    unsafe base = .allocate(byteCount: max(count, 1), alignment: 16)
    self.count = count
    unsafe releases = .allocate(capacity: 1)
    unsafe releases.initialize(to: 0)
    for index in 0..<count { unsafe base.storeBytes(of: Self.byte(at: index), toByteOffset: index, as: UInt8.self) }
  }

  deinit {
    unsafe base.deallocate()
    unsafe releases.deallocate()
  }

  static func byte(at index: Int) -> UInt8 { UInt8(truncatingIfNeeded: index &* 31 &+ 7) }

  static func expected(count: Int) -> [UInt8] { (0..<count).map(byte) }

  /// A message over this memory. libzmq's threads are joined by the end of the context, so a count read after that is final.
  func adopt(count: Int? = nil) throws -> Message {
    let count = count ?? self.count
    return try unsafe Message(adopting: base, count: count, context: UnsafeMutableRawPointer(releases)) { _, context in
      unsafe context?.assumingMemoryBound(to: Int.self).pointee += 1
    }
  }

  var releaseCount: Int { unsafe releases.pointee }
}
