import Testing
import Transport

@Suite struct BackpressureTests {
  /// Sends numbered messages of `size` bytes until the socket has no more room, and says how many went.
  private func fill(_ push: borrowing PushSocket, size: Int, limit: Int) throws -> Int {
    for sent in 0..<limit {
      var message = try numbered(sent, size: size)
      if try !push.trySend(&message) {
        // The message was given back whole.
        #expect(message.count == size)
        #expect(number(of: message) == sent)
        return sent
      }
    }
    return limit
  }

  private func numbered(_ number: Int, size: Int) throws -> Message {
    try Message(count: size) { $0.storeBytes(of: UInt64(number), toByteOffset: 0, as: UInt64.self) }
  }

  private func number(of message: borrowing Message) -> Int {
    unsafe message.withUnsafeBytes { unsafe Int($0.loadUnaligned(as: UInt64.self)) }
  }

  @Test func overInprocTheTwoMarksAddUpExactly() throws {
    let context = try Context()
    let pull = try PullSocket(in: context, options: SocketOptions(highWaterMark: 4, linger: .discard))
    let push = try PushSocket(in: context, options: SocketOptions(highWaterMark: 3, linger: .discard))
    try push.connect(pull.bind(Endpoint("inproc://full")))
    let sent = try fill(push, size: 100, limit: 1000)
    #expect(sent == 7)
    for expected in 0..<sent { #expect(number(of: try next(pull)) == expected) }
    try send(numbered(sent, size: 100), over: push)
    #expect(number(of: try next(pull)) == sent)
  }

  @Test(arguments: [Wire.ipc, .tcp]) func aFullChannelStopsItsSenderAndLosesNothing(over wire: Wire) throws {
    let directory = TestDirectory()
    let context = try Context()
    var options = SocketOptions(highWaterMark: 5, linger: .discard)
    options.kernelSendBuffer = 65_536
    options.kernelReceiveBuffer = 65_536
    let pull = try PullSocket(in: context, options: options)
    let push = try PushSocket(in: context, options: options)
    try push.connect(pull.bind(wire.endpoint(in: directory)))
    // Two queues of five, what libzmq has in its hands, and the kernel's buffers: far less than the limit of 1,000.
    let size = 65_536
    let sent = try fill(push, size: size, limit: 1000)
    #expect(sent >= 5)
    #expect(sent < 200)
    var received = 0
    while received < sent {
      let message = try next(pull)
      #expect(message.count == size)
      #expect(number(of: message) == received)
      received += 1
    }
    try send(numbered(received, size: size), over: push)
    #expect(number(of: try next(pull)) == received)
  }

  @Test func withoutAPeerTheQueueHoldsTheMarkOrNothing() throws {
    let directory = TestDirectory()
    let context = try Context()
    var options = SocketOptions(highWaterMark: 6, linger: .discard)
    let queueing = try PushSocket(in: context, options: options)
    try queueing.connect(directory.endpoint("nobody"))
    #expect(try fill(queueing, size: 8, limit: 1000) == 6)
    options.queuesOnlyWhenConnected = true
    let waiting = try PushSocket(in: context, options: options)
    try waiting.connect(directory.endpoint("nobody"))
    #expect(try fill(waiting, size: 8, limit: 1000) == 0)
  }
}
