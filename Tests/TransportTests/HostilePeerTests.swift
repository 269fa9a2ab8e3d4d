import Testing
import Transport

/// Peers that do not keep to the rules.
@Suite struct HostilePeerTests {
  private func port(of endpoint: Endpoint) throws -> UInt16 {
    guard case .tcp(_, let port?) = endpoint.address else { throw TestFailure(reason: "no port in \(endpoint)") }
    return port
  }

  @Test func aPullSocketDropsAndCountsMessagesOfSeveralParts() throws {
    let context = try Context()
    let pull = try PullSocket(in: context, options: .plain)
    let peer = try RawPeer(port: port(of: pull.bind(Endpoint("tcp://127.0.0.1:*"))))
    peer.handshake(as: "PUSH")
    peer.sendMessage(["one", "two"])
    peer.sendMessage(["first good"])
    peer.sendMessage(["", "", ""])
    peer.sendMessage(["second good"])
    #expect(text(try next(pull)) == "first good")
    #expect(pull.malformedMessages == 1)
    #expect(text(try next(pull)) == "second good")
    #expect(pull.malformedMessages == 2)
  }

  @Test func aRouterDropsAndCountsMessagesOfSeveralParts() throws {
    let context = try Context()
    let router = try RouterSocket(in: context, options: .plain)
    let peer = try RawPeer(port: port(of: router.bind(Endpoint("tcp://127.0.0.1:*"))))
    peer.handshake(as: "DEALER")
    peer.sendMessage(["", "as a REQ socket would"])
    peer.sendMessage(["a", "b", "c", "d"])
    peer.sendMessage(["good"])
    peer.sendMessage([""])
    let good = try next(router)
    #expect(text(good.payload) == "good")
    #expect(good.identity.count == 5)
    #expect(router.malformedMessages == 2)
    #expect(try next(router).payload.count == 0)
  }

  @Test func aMessageAnnouncedAboveTheLimitCutsItsPeerOff() throws {
    let context = try Context()
    var options = SocketOptions.plain
    options.maximumMessageBytes = 1000
    let pull = try PullSocket(in: context, options: options)
    let endpoint = try pull.bind(Endpoint("tcp://127.0.0.1:*"))
    let peer = try RawPeer(port: port(of: endpoint))
    peer.handshake(as: "PUSH")
    peer.sendMessage(["fits"])
    peer.write([2, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])
    #expect(text(try next(pull)) == "fits")
    peer.waitForHangUp()
    let push = try PushSocket(in: context, options: .plain)
    try push.connect(endpoint)
    try send(message("still here"), over: push)
    #expect(text(try next(pull)) == "still here")
  }

  @Test func noiseOnTheWireHurtsNobodyElse() throws {
    let seed: UInt64 = 7
    var random = Seeded(state: seed)
    let context = try Context()
    var options = SocketOptions.plain
    options.maximumMessageBytes = 1 << 20
    let pull = try PullSocket(in: context, options: options)
    let endpoint = try pull.bind(Endpoint("tcp://127.0.0.1:*"))
    for round in 0..<50 {
      let peer = try RawPeer(port: port(of: endpoint))
      if round % 2 == 0 { peer.handshake(as: "PUSH") }
      peer.write((0..<Int.random(in: 1...600, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
    let push = try PushSocket(in: context, options: .plain)
    try push.connect(endpoint)
    try send(message("the real one"), over: push)
    // Noise after a handshake can spell a message; what matters is that ours arrives among it.
    while text(try next(pull)) != "the real one" {}
  }
}
