import Glibc
import Synchronization
import Testing
import Transport

/// The transports a test runs over.
enum Wire: CaseIterable, Sendable {
  case ipc, tcp, inproc

  func endpoint(in directory: borrowing TestDirectory) throws -> Endpoint {
    switch self {
    case .ipc: try directory.endpoint("channel")
    case .tcp: try Endpoint("tcp://127.0.0.1:*")
    case .inproc: try Endpoint("inproc://channel")
    }
  }
}

@Suite struct PushPullTests {
  @Test(arguments: Wire.allCases) func messagesArriveInOrder(over wire: Wire) throws {
    let directory = TestDirectory()
    let context = try Context()
    let pull = try PullSocket(in: context, options: .plain)
    let endpoint = try pull.bind(wire.endpoint(in: directory))
    #expect(!endpoint.isWildcard)
    let push = try PushSocket(in: context, options: .plain)
    try push.connect(endpoint)
    for size in MessageTests.sizes {
      try send(Message(copying: CountedBuffer.expected(count: size)), over: push)
    }
    for size in MessageTests.sizes {
      let received = try next(pull)
      #expect(received.copyBytes() == CountedBuffer.expected(count: size), "\(size) bytes")
    }
    let nothing = try pull.receive() == nil
    #expect(nothing)
    #expect(pull.malformedMessages == 0)
  }

  @Test func bindSaysWhichPortTheSystemChose() throws {
    let context = try Context()
    let pull = try PullSocket(in: context, options: .plain)
    let endpoint = try pull.bind(Endpoint("tcp://127.0.0.1:*"))
    guard case .tcp("127.0.0.1", let port?) = endpoint.address else {
      Issue.record("bound to \(endpoint)")
      return
    }
    #expect(port > 0)
  }

  @Test func addressesOfIPv6AreUnderstood() throws {
    let context = try Context()
    let pull = try PullSocket(in: context, options: .plain)
    let endpoint: Endpoint
    do {
      endpoint = try pull.bind(Endpoint("tcp://[::1]:*"))
    } catch let error as TransportError where [EADDRNOTAVAIL, EAFNOSUPPORT].contains(error.code) {
      return  // this machine has no IPv6
    }
    #expect(endpoint.description.hasPrefix("tcp://[::1]:"))
    let push = try PushSocket(in: context, options: .plain)
    try push.connect(endpoint)
    try send(message("six"), over: push)
    #expect(text(try next(pull)) == "six")
  }

  @Test func aPeerMayConnectBeforeTheOtherListens() throws {
    let directory = TestDirectory()
    let context = try Context()
    var options = SocketOptions.plain
    options.reconnectInterval = 1
    let push = try PushSocket(in: context, options: options)
    try push.connect(directory.endpoint("late"))
    try send(message("early"), over: push)
    let pull = try PullSocket(in: context, options: .plain)
    try pull.bind(directory.endpoint("late"))
    #expect(text(try next(pull)) == "early")
  }

  @Test(arguments: Wire.allCases) func adoptedMemoryIsReleasedOnceAfterItWasSent(over wire: Wire) throws {
    let buffers = MessageTests.sizes.map { CountedBuffer(count: $0) }
    do {
      let directory = TestDirectory()
      let context = try Context()
      let pull = try PullSocket(in: context, options: .plain)
      let push = try PushSocket(in: context, options: .plain)
      try push.connect(pull.bind(wire.endpoint(in: directory)))
      for buffer in buffers {
        var message = try buffer.adopt()
        let sent = try push.trySend(&message)
        #expect(sent)
        #expect(message.count == 0)
      }
      for buffer in buffers {
        #expect(try next(pull).copyBytes() == CountedBuffer.expected(count: buffer.count))
      }
    }
    #expect(buffers.map(\.releaseCount) == buffers.map { _ in 1 })
  }

  @Test func adoptedMemoryStillQueuedIsReleasedOnceWhenDiscarded() throws {
    let buffers = (0..<10).map { CountedBuffer(count: 100 * $0) }
    do {
      let directory = TestDirectory()
      let context = try Context()
      let push = try PushSocket(in: context, options: .plain)
      try push.connect(directory.endpoint("nobody"))
      for buffer in buffers {
        var message = try buffer.adopt()
        let sent = try push.trySend(&message)
        #expect(sent)
      }
    }
    #expect(buffers.map(\.releaseCount) == buffers.map { _ in 1 })
  }

  @Test(arguments: [Wire.ipc, .inproc], [10, 100, 100_000])
  func aReceivedMessageOutlivesItsSocketAndContext(over wire: Wire, size: Int) throws {
    let buffer = CountedBuffer(count: size)
    let heap = try unsafe receiveIntoHeap(buffer, over: wire)
    #expect(
      unsafe Array(UnsafeRawBufferPointer(start: heap.base, count: heap.count)) == CountedBuffer.expected(count: size)
    )
    // Over inproc the receiver holds the sender's own memory; over ipc the kernel has carried the bytes across.
    #expect(buffer.releaseCount == (wire == .inproc ? 0 : 1))
    unsafe heap.release(heap.base, heap.context)
    #expect(buffer.releaseCount == 1)
  }

  private func receiveIntoHeap(_ buffer: CountedBuffer, over wire: Wire) throws -> (
    base: UnsafeMutableRawPointer, count: Int, context: UnsafeMutableRawPointer, release: Message.Release
  ) {
    let directory = TestDirectory()
    let context = try Context()
    let pull = try PullSocket(in: context, options: .plain)
    let push = try PushSocket(in: context, options: .plain)
    try push.connect(pull.bind(wire.endpoint(in: directory)))
    try send(buffer.adopt(), over: push)
    return unsafe try next(pull).intoHeap()
  }

  @Test func shutdownEndsABlockedReceive() throws {
    let context = try Context()
    let progress = Progress()
    let thread = TestThread {
      let pull = try PullSocket(in: context, options: .plain)
      try pull.bind(Endpoint("inproc://never"))
      progress.started.store(true, ordering: .releasing)
      #expect {
        _ = try pull.receiveBlocking()
      } throws: {
        ($0 as? TransportError)?.isShutDown == true
      }
    }
    progress.waitUntilStarted()
    context.shutdown()
    try thread.join()
  }
}
