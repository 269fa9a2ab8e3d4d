import Testing
import Transport

@Suite struct RouterDealerTests {
  @Test(arguments: Wire.allCases) func eachPeerGetsItsAnswer(over wire: Wire) throws {
    let directory = TestDirectory()
    let context = try Context()
    let router = try RouterSocket(in: context, options: .plain)
    let endpoint = try router.bind(wire.endpoint(in: directory))
    let names = ["window/0", "window/1"].map { Array($0.utf8) }
    let first = try DealerSocket(in: context, options: .plain, identity: names[0])
    let second = try DealerSocket(in: context, options: .plain, identity: names[1])
    try first.connect(endpoint)
    try second.connect(endpoint)
    var question = try message("0?")
    #expect(try first.trySend(&question))
    question = try message("1?")
    #expect(try second.trySend(&question))

    var seen: [[UInt8]: String] = [:]
    for _ in names {
      let delivery = try next(router)
      seen[delivery.identity] = text(delivery.payload)
      var answer = delivery.takePayload()
      answer = try message(text(answer) + "!")
      let name = seen.first { $0.value + "!" == text(answer) }?.key ?? []
      #expect(try router.trySend(to: name, &answer) == .sent)
      #expect(answer.count == 0)
    }
    #expect(seen == [names[0]: "0?", names[1]: "1?"])
    #expect(text(try next(first)) == "0?!")
    #expect(text(try next(second)) == "1?!")
  }

  @Test func anUnknownPeerIsToldAndTheMessageKept() throws {
    let context = try Context()
    let router = try RouterSocket(in: context, options: .plain)
    try router.bind(Endpoint("inproc://control"))
    var order = try message("stop")
    for identity in [Array("nobody".utf8), [], [0, 1, 2, 3, 4], [UInt8](repeating: 7, count: 300)] {
      let outcome = try router.trySend(to: identity, &order)
      #expect(outcome == .unknownPeer)
      #expect(text(order) == "stop")
    }
  }

  @Test func aPeerWithAFullQueueIsToldApart() throws {
    let context = try Context()
    let options = SocketOptions(highWaterMark: 2, linger: .discard)
    let router = try RouterSocket(in: context, options: options)
    let dealer = try DealerSocket(in: context, options: options, identity: [65])
    try dealer.connect(router.bind(Endpoint("inproc://control")))
    var hello = try message("hello")
    #expect(try dealer.trySend(&hello))
    #expect(try next(router).identity == [65])
    var sent = 0
    var outcome = RouterSocket.SendOutcome.sent
    while outcome == .sent, sent < 1000 {
      var order = try message("order \(sent)")
      outcome = try router.trySend(to: [65], &order)
      if outcome == .sent { sent += 1 } else { #expect(text(order) == "order \(sent)") }
    }
    #expect(outcome == .wouldBlock)
    #expect(sent < 10)
    for number in 0..<sent { #expect(text(try next(dealer)) == "order \(number)") }
  }

  @Test(arguments: [[], [0], [0, 65], [UInt8](repeating: 65, count: 256)] as [[UInt8]])
  func identitiesThatLibzmqKeepsForItselfAreRefused(identity: [UInt8]) throws {
    let context = try Context()
    #expect(throws: TransportError.self) { _ = try DealerSocket(in: context, options: .plain, identity: identity) }
  }
}
