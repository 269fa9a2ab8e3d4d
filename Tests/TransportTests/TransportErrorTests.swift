import Glibc
import Testing
import Transport

@Suite struct TransportErrorTests {
  private func failure(_ body: () throws -> Void) -> TransportError? {
    do { try body() } catch { return error as? TransportError }
    return nil
  }

  @Test func aTakenPortIsNamedWithARemedy() throws {
    let context = try Context()
    let first = try PullSocket(in: context, options: .plain)
    let endpoint = try first.bind(Endpoint("tcp://127.0.0.1:*"))
    let second = try PullSocket(in: context, options: .plain)
    let error = failure { try second.bind(endpoint) }
    #expect(error?.code == EADDRINUSE)
    #expect(error?.operation == .bind)
    #expect(error?.endpoint == endpoint)
    #expect(
      error?.description
        == "cannot listen on \(endpoint): Address already in use (error \(EADDRINUSE)); stop the process that listens there, "
        + "or choose another port (:* lets the system choose)"
    )
  }

  @Test func aMissingDirectoryIsNamedWithARemedy() throws {
    let directory = TestDirectory()
    let context = try Context()
    let pull = try PullSocket(in: context, options: .plain)
    let endpoint = try Endpoint("ipc://\(directory.path)/missing/a.sock")
    let error = failure { try pull.bind(endpoint) }
    #expect(error?.code == ENOENT)
    #expect(error?.endpoint == endpoint)
    #expect(error?.remedy == "create the directory of the path first")
  }

  @Test func aWildcardIsNoPlaceToConnectTo() throws {
    let context = try Context()
    let push = try PushSocket(in: context, options: .plain)
    for text in ["tcp://*:5555", "tcp://127.0.0.1:*"] {
      let error = failure { try push.connect(Endpoint(text)) }
      #expect(error?.remedy == "name the host and the port that the peer listens on", "\(text)")
    }
  }

  @Test func anAddressOfAnotherMachineIsNamedWithARemedy() throws {
    let context = try Context()
    let pull = try PullSocket(in: context, options: .plain)
    let error = failure { try pull.bind(Endpoint("tcp://192.0.2.1:5555")) }
    #expect(error?.operation == .bind)
    #expect(error?.remedy != nil, "\(String(describing: error))")
  }

  @Test func settingsOutOfRangeAreRefused() throws {
    let context = try Context()
    var wrong = [
      SocketOptions(highWaterMark: 0, linger: .discard), SocketOptions(highWaterMark: -1, linger: .discard),
      SocketOptions(highWaterMark: .max, linger: .discard), SocketOptions(highWaterMark: 1, linger: .milliseconds(-1)),
    ]
    var options = SocketOptions.plain
    options.kernelSendBuffer = 0
    wrong.append(options)
    options = .plain
    options.maximumMessageBytes = -1
    wrong.append(options)
    options = .plain
    options.reconnectInterval = 0
    wrong.append(options)
    for options in wrong {
      let error = failure { _ = try PullSocket(in: context, options: options) }
      #expect(error?.code == EINVAL, "\(options)")
      #expect(error?.remedy == "the value is out of range", "\(options)")
    }
    let negative = failure { _ = try Context(ioThreads: -1) }
    #expect(negative?.operation == .setOption("I/O threads"))
  }

  @Test func aContextThatWasShutDownMakesNoSockets() throws {
    let context = try Context()
    context.shutdown()
    let error = failure { _ = try PullSocket(in: context, options: .plain) }
    #expect(error?.isShutDown == true)
    #expect(error?.remedy != nil)
  }
}
