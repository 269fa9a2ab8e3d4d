import Testing
import Transport

@Suite struct EndpointTests {
  private func failure(of text: String) -> EndpointError? {
    do {
      _ = try Endpoint(text)
      return nil
    } catch {
      return error
    }
  }

  private func problem(of text: String) -> EndpointError.Problem? { failure(of: text)?.problem }

  @Test(arguments: [
    "ipc:///tmp/a.sock", "ipc:///run/sluice/with space", "tcp://127.0.0.1:5555", "tcp://localhost:1",
    "tcp://worker-3.example.org:65535", "tcp://*:5555", "tcp://127.0.0.1:*", "tcp://[::1]:7000",
    "tcp://[fe80::1%eth0]:*", "inproc://source", "inproc://a/b c",
  ])
  func wellFormedTextComesBack(text: String) throws {
    #expect(try Endpoint(text).description == text)
  }

  @Test(
    arguments: [
      ("", .noScheme), ("/tmp/a.sock", .noScheme), ("localhost:5555", .noScheme), ("tcp:/127.0.0.1:5", .noScheme),
      ("://x", .noScheme), ("udp://127.0.0.1:5555", .unknownScheme("udp")),
      ("TCP://127.0.0.1:5", .unknownScheme("TCP")),
      ("ipc:///tmp/a\u{0}b", .controlCharacter), ("tcp://127.0.0.1:5\n", .controlCharacter),
      ("ipc://", .emptyPath), ("ipc://relative", .relativePath), ("ipc://@abstract", .relativePath),
      ("ipc://*", .relativePath),
      ("tcp://", .emptyHost), ("tcp://:5555", .emptyHost), ("tcp://localhost", .noPort), ("tcp://localhost:", .noPort),
      ("tcp://[::1]", .noPort), ("tcp://*", .noPort),
      ("tcp://localhost:0", .badPort("0")), ("tcp://localhost:65536", .badPort("65536")),
      ("tcp://localhost:-1", .badPort("-1")), ("tcp://localhost:+80", .badPort("+80")),
      ("tcp://localhost:http", .badPort("http")),
      ("tcp://localhost:99999999999999999999", .badPort("99999999999999999999")),
      ("tcp://256.0.0.1:80", .badHost("256.0.0.1")), ("tcp://1.2.3:80", .badHost("1.2.3")),
      ("tcp://a;b:80", .badHost("a;b")), ("tcp://::1:80", .badHost("::1")), ("tcp://[]:80", .badHost("[]")),
      ("tcp://[::1:80", .badHost("[::1")), ("tcp://[xyz::1]:80", .badHost("[xyz::1]")),
      ("tcp://h\u{F6}st:80", .badHost("h\u{F6}st")),
      ("inproc://", .emptyName),
    ] as [(String, EndpointError.Problem)]
  )
  func malformedTextIsRefused(text: String, problem: EndpointError.Problem) {
    let error = failure(of: text)
    #expect(error?.problem == problem)
    #expect(error?.text == text)
    #expect(error?.remedy.isEmpty == false)
  }

  @Test func pathsEndWhereTheKernelEndsThem() throws {
    let path = "/" + String(repeating: "x", count: 106)
    #expect(try Endpoint("ipc://" + path).description == "ipc://" + path)
    #expect(problem(of: "ipc://" + path + "y") == .pathTooLong(bytes: 108))
    let name = String(repeating: "n", count: 247)
    #expect(try Endpoint("inproc://" + name).description == "inproc://" + name)
    #expect(problem(of: "inproc://" + name + "n") == .nameTooLong(bytes: 248))
  }

  @Test func theMessageNamesTextReasonAndRemedy() throws {
    let error = try #require(failure(of: "tcp://localhost"))
    #expect(
      error.description
        == "endpoint 'tcp://localhost': the port is missing; append a port, or :* to listen on one that the system chooses"
    )
    let long = try #require(failure(of: "tcp:" + "\u{1B}[31m" + String(repeating: "z", count: 5000)))
    #expect(long.description.utf8.count < 400)
    #expect(!long.description.unicodeScalars.contains("\u{1B}"))
  }

  @Test func reachIsKnown() throws {
    for text in ["ipc:///a", "inproc://a", "tcp://127.9.9.9:1", "tcp://localhost:1", "tcp://[::1]:*"] {
      #expect(try Endpoint(text).isLocal, "\(text)")
    }
    for text in ["tcp://*:1", "tcp://0.0.0.0:1", "tcp://10.0.0.1:1", "tcp://example.org:1", "tcp://[::]:1"] {
      #expect(try !Endpoint(text).isLocal, "\(text)")
    }
    #expect(try Endpoint("tcp://*:1").isWildcard)
    #expect(try Endpoint("tcp://127.0.0.1:*").isWildcard)
    #expect(try !Endpoint("tcp://127.0.0.1:1").isWildcard)
  }

  /// Whatever the bytes, parsing ends with an endpoint that spells itself alike or with an error.
  @Test func mutatedTextNeverTraps() {
    let seed: UInt64 = 20_240_611
    var random = Seeded(state: seed)
    let alphabet = Array("ipctnro:/[]*%.;@-_019aF \u{0}\u{7F}\u{E9}".utf8) + [0xFF, 0xC3]
    for round in 0..<20_000 {
      var bytes = Array(["tcp://127.0.0.1:5555", "ipc:///tmp/a", "tcp://[::1]:*", "inproc://x"][round % 4].utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
        if place < bytes.count, Bool.random(using: &random) {
          bytes[place] = byte
        } else {
          bytes.insert(byte, at: place)
        }
      }
      let text = String(decoding: bytes, as: UTF8.self)
      guard let endpoint = try? Endpoint(text) else { continue }
      let again = try? Endpoint(endpoint.description)
      #expect(again == endpoint, "seed \(seed), round \(round): \(text)")
    }
  }
}
