import Glibc
import Testing
import Transport

@Suite struct PollerTests {
  private func makePipe() -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    let code = unsafe pipe(&ends)
    precondition(code == 0)
    return (ends[0], ends[1])
  }

  @Test func socketsAndDescriptorsAreToldApart() throws {
    let context = try Context()
    let pull = try PullSocket(in: context, options: .plain)
    let push = try PushSocket(in: context, options: .plain)
    try push.connect(pull.bind(Endpoint("inproc://mixed")))
    let pipe = makePipe()
    defer { close(pipe.read) }

    var poller = Poller()
    let input = poller.add(pull, for: .readable)
    let output = poller.add(push, for: [])
    let descriptor = poller.add(fileDescriptor: pipe.read, for: .readable)
    #expect(try poller.wait(milliseconds: 0) == .timedOut)
    #expect(try poller.wait(milliseconds: 5) == .timedOut)
    #expect(poller.events(of: input).isEmpty)

    poller.setInterest(.writable, of: output)
    #expect(try poller.wait(milliseconds: patience) == .ready(1))
    #expect(poller.events(of: output) == .writable)
    poller.setInterest([], of: output)

    #expect(unsafe write(pipe.write, "x", 1) == 1)
    #expect(try poller.wait(milliseconds: patience) == .ready(1))
    #expect(poller.events(of: descriptor) == .readable)
    #expect(poller.events(of: input).isEmpty)
    #expect(poller.events(of: output).isEmpty)

    try send(message("m"), over: push)
    #expect(try poller.wait(milliseconds: patience) == .ready(2))
    #expect(poller.events(of: input) == .readable)
    #expect(poller.events(of: descriptor) == .readable)

    // Readiness is a level: it ends when what was there has been taken.
    #expect(text(try next(pull)) == "m")
    var byte: UInt8 = 0
    #expect(unsafe read(pipe.read, &byte, 1) == 1)
    #expect(try poller.wait(milliseconds: 0) == .timedOut)

    close(pipe.write)
    #expect(try poller.wait(milliseconds: patience) == .ready(1))
    #expect(poller.events(of: descriptor).contains(.error))
    poller.setInterest([], of: descriptor)
    #expect(try poller.wait(milliseconds: 0) == .timedOut)
  }

  @Test func aFullSocketBecomesWritableWhenItsPeerReads() throws {
    let context = try Context()
    let options = SocketOptions(highWaterMark: 1, linger: .discard)
    let pull = try PullSocket(in: context, options: options)
    let push = try PushSocket(in: context, options: options)
    try push.connect(pull.bind(Endpoint("inproc://narrow")))
    var sent = 0
    var full = false
    while !full {
      var message = try message("\(sent)")
      if try push.trySend(&message) { sent += 1 } else { full = true }
    }
    var poller = Poller()
    _ = poller.add(push, for: .writable)
    #expect(try poller.wait(milliseconds: 0) == .timedOut)
    for number in 0..<sent { #expect(text(try next(pull)) == "\(number)") }
    #expect(try poller.wait(milliseconds: patience) == .ready(1))
  }

  @Test func aClosedSocketIsPassedOver() throws {
    let context = try Context()
    var poller = Poller()
    let entry: Poller.Entry
    do {
      let pull = try PullSocket(in: context, options: .plain)
      let push = try PushSocket(in: context, options: .plain)
      try push.connect(pull.bind(Endpoint("inproc://short")))
      entry = poller.add(pull, for: .readable)
      try send(message("m"), over: push)
      #expect(try poller.wait(milliseconds: patience) == .ready(1))
    }
    #expect(try poller.wait(milliseconds: 0) == .timedOut)
    #expect(poller.events(of: entry).isEmpty)
  }

  @Test func moreEntriesThanLibzmqKeepsOnItsStack() throws {
    let context = try Context()
    var poller = Poller()
    let pipes = (0..<40).map { _ in makePipe() }
    defer {
      for pipe in pipes {
        close(pipe.read)
        close(pipe.write)
      }
    }
    let entries = pipes.map { poller.add(fileDescriptor: $0.read, for: .readable) }
    let pull = try PullSocket(in: context, options: .plain)
    _ = poller.add(pull, for: .readable)
    #expect(unsafe write(pipes[33].write, "x", 1) == 1)
    #expect(try poller.wait(milliseconds: patience) == .ready(1))
    #expect(entries.indices.filter { !poller.events(of: entries[$0]).isEmpty } == [33])
    poller.removeAll()
    #expect(try poller.wait(milliseconds: 0) == .timedOut)
  }

  @Test func anEmptyPollerDoesNotWaitForEver() throws {
    var poller = Poller()
    #expect(throws: TransportError.self) { try poller.wait(milliseconds: -1) }
  }

  @Test func aWaitEndsWhenTheContextIsShutDown() throws {
    let context = try Context()
    let pull = try PullSocket(in: context, options: .plain)
    try pull.bind(Endpoint("inproc://shut"))
    var poller = Poller()
    _ = poller.add(pull, for: .readable)
    context.shutdown()
    do {
      _ = try poller.wait(milliseconds: patience)
      Issue.record("the wait should have failed")
    } catch {
      #expect(error.isShutDown)
    }
  }
}
