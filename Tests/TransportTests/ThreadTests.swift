import Glibc
import Synchronization
import Testing
import Transport

/// Counts signals. The counter is touched before the handler is installed, so that the handler never initialises it.
private enum Interruption {
  static let count = Atomic<Int>(0)

  static func install() {
    count.store(0, ordering: .relaxed)
    var action = sigaction()
    unsafe action.__sigaction_handler.sa_handler = { _ in Interruption.count.add(1, ordering: .relaxed) }
    action.sa_flags = 0  // without SA_RESTART
    unsafe sigaction(SIGUSR1, &action, nil)
  }

  /// Signals `thread` until it has handled this many more.
  static func storm(_ thread: TestThread, times: Int) {
    let goal = count.load(ordering: .relaxed) + times
    while count.load(ordering: .relaxed) < goal {
      thread.kill(SIGUSR1)
      sched_yield()
    }
  }
}

/// One after the other: they share a signal handler.
@Suite(.serialized) struct ThreadTests {
  @Test func aBlockedReceiveGoesOnThroughSignals() throws {
    Interruption.install()
    let directory = TestDirectory()
    let endpoint = try directory.endpoint("signals")
    let context = try Context()
    let progress = Progress()
    let receiver = TestThread {
      let pull = try PullSocket(in: context, options: .plain)
      try pull.bind(endpoint)
      progress.started.store(true, ordering: .releasing)
      for number in 0..<3 {
        let received = text(try pull.receiveBlocking())
        #expect(received == "\(number)")
      }
    }
    progress.waitUntilStarted()
    let push = try PushSocket(in: context, options: .plain)
    try push.connect(endpoint)
    for number in 0..<3 {
      Interruption.storm(receiver, times: 200)
      try send(message("\(number)"), over: push)
    }
    try receiver.join()
  }

  @Test func aWaitReportsSignalsAndGoesOn() throws {
    Interruption.install()
    let context = try Context()
    let endpoint = try Endpoint("inproc://signals")
    let progress = Progress()
    let waiter = TestThread {
      let pull = try PullSocket(in: context, options: .plain)
      try pull.bind(endpoint)
      var poller = Poller()
      let entry = poller.add(pull, for: .readable)
      progress.started.store(true, ordering: .releasing)
      var outcome = PollOutcome.interrupted
      while outcome == .interrupted {
        outcome = try poller.wait(milliseconds: -1)
        if outcome == .interrupted {
          #expect(poller.events(of: entry).isEmpty)
          progress.interruptions.add(1, ordering: .relaxed)
        }
      }
      #expect(outcome == .ready(1))
      #expect(text(try next(pull)) == "go on")
    }
    progress.waitUntilStarted()
    while progress.interruptions.load(ordering: .relaxed) < 100 { Interruption.storm(waiter, times: 1) }
    let push = try PushSocket(in: context, options: .plain)
    try push.connect(endpoint)
    try send(message("go on"), over: push)
    try waiter.join()
  }

  /// Each arrives once, whole and in order.
  @Test func aMillionMessagesCrossBetweenThreads() throws {
    let count: UInt64 = 1_000_000
    let directory = TestDirectory()
    let endpoint = try directory.endpoint("million")
    let context = try Context()
    let options = SocketOptions(highWaterMark: 1000, linger: .forever)
    let pull = try PullSocket(in: context, options: options)
    try pull.bind(endpoint)
    let received = Progress()
    let sender = TestThread {
      let push = try PushSocket(in: context, options: options)
      try push.connect(endpoint)
      for number in 0..<count {
        let content = try Message(count: 16) { span in
          span.storeBytes(of: number, toByteOffset: 0, as: UInt64.self)
          span.storeBytes(of: Seeded.mix(number), toByteOffset: 8, as: UInt64.self)
        }
        try send(content, over: push)
      }
      // Where a peer hangs up while the receiver's queue is full, libzmq gives up what the kernel still holds: whoever sends
      // stays until all has arrived, as workers do.
      received.waitUntilStarted()
    }
    var wrong = 0
    do {
      for number in 0..<count {
        let message = try next(pull)
        let good = unsafe message.withUnsafeBytes { bytes in
          unsafe bytes.count == 16 && bytes.loadUnaligned(as: UInt64.self) == number
            && bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == Seeded.mix(number)
        }
        if !good { wrong += 1 }
      }
    } catch {
      received.started.store(true, ordering: .releasing)
      throw error
    }
    received.started.store(true, ordering: .releasing)
    #expect(wrong == 0)
    try sender.join()
    let nothing = try pull.receive() == nil
    #expect(nothing)
  }
}
