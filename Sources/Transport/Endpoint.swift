/// Where a socket listens or connects: checked text, so that libzmq never sees an address we would not stand for.
///
/// Three transports:
/// - `ipc:///absolute/path`: a Unix domain socket in the file system;
/// - `tcp://host:port`: a name, an IPv4 address or an IPv6 address in brackets. To listen, the host may be `*` (every
///   interface) and the port `*` (one that the system chooses);
/// - `inproc://name`: between threads of one process that share a ``Context``.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  /// The transport and its address.
  package enum Address: Hashable, Sendable {
    case ipc(path: String)
    /// `port` is nil for `*`. An IPv6 host keeps its brackets.
    case tcp(host: String, port: UInt16?)
    case inproc(name: String)
  }

  package let address: Address

  /// Parses and checks an endpoint.
  package init(_ text: String) throws(EndpointError) {
    address = try EndpointParser(text: text).parse()
  }

  /// The endpoint as libzmq and a pipeline file spell it.
  package var description: String {
    switch address {
    case .ipc(let path): "ipc://" + path
    case .tcp(let host, let port?): "tcp://\(host):\(port)"
    case .tcp(let host, nil): "tcp://\(host):*"
    case .inproc(let name): "inproc://" + name
    }
  }

  /// Whether a socket can only listen here, because the host or the port is left open.
  package var isWildcard: Bool {
    if case .tcp(let host, let port) = address { host == "*" || port == nil } else { false }
  }

  /// Whether only processes of this machine can reach it: everything but `tcp` beyond the loopback addresses.
  package var isLocal: Bool {
    guard case .tcp(let host, _) = address else { return true }
    return host == "localhost" || host == "[::1]" || EndpointParser.isLoopback(ipv4: host)
  }

  /// Whether the host is an IPv6 address, which libzmq resolves only when told to.
  var isIPv6: Bool {
    if case .tcp(let host, _) = address { host.utf8.first == UInt8(ascii: "[") } else { false }
  }
}

/// Why a text is not an endpoint, and what to write instead.
package struct EndpointError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with the text.
  package enum Problem: Hashable, Sendable {
    case noScheme
    case unknownScheme(String)
    case controlCharacter
    case emptyPath
    case relativePath
    case pathTooLong(bytes: Int)
    case emptyHost
    case badHost(String)
    case noPort
    case badPort(String)
    case emptyName
    case nameTooLong(bytes: Int)
  }

  /// The text as it was given.
  package let text: String
  package let problem: Problem

  /// The most bytes of an `ipc` path: the kernel's `sockaddr_un` holds 108, the last of them zero.
  package static let maximumPathBytes = 107
  /// The most bytes of an `inproc` name.
  package static let maximumNameBytes = 247

  package var description: String { "\(message); \(remedy)" }

  /// What is wrong, without the remedy.
  package var message: String { "endpoint '\(shownText)': \(reason)" }

  /// Long or unprintable text must not spoil a terminal or a log line.
  private var shownText: String {
    let limit = 200
    var shown = ""
    for scalar in text.unicodeScalars.prefix(limit) {
      if scalar.value < 0x20 || scalar.value == 0x7F { shown += "?" } else { shown.unicodeScalars.append(scalar) }
    }
    return text.unicodeScalars.count > limit ? shown + "..." : shown
  }

  private var reason: String {
    switch problem {
    case .noScheme: "it does not begin with a transport"
    case .unknownScheme: "the transport is unknown"
    case .controlCharacter: "it contains a control character"
    case .emptyPath: "the path is missing"
    case .relativePath: "the path is not absolute"
    case .pathTooLong(let bytes): "the path has \(bytes) bytes, and the system allows \(Self.maximumPathBytes)"
    case .emptyHost: "the host is missing"
    case .badHost: "the host is neither a name nor an address"
    case .noPort: "the port is missing"
    case .badPort: "the port is not a number from 1 to 65535"
    case .emptyName: "the name is missing"
    case .nameTooLong(let bytes): "the name has \(bytes) bytes, and at most \(Self.maximumNameBytes) are allowed"
    }
  }

  /// What to do about it.
  package var remedy: String {
    switch problem {
    case .noScheme, .unknownScheme: "write ipc:///path, tcp://host:port or inproc://name"
    case .controlCharacter: "remove it"
    case .emptyPath, .relativePath: "write the whole path from the root, as in ipc:///run/sluice/source.sock"
    case .pathTooLong: "use a directory with a shorter path"
    case .emptyHost: "write an address, a name, or * to listen on every interface, as in tcp://127.0.0.1:5555"
    case .badHost: "use letters, digits, dots and hyphens, four numbers up to 255, or an IPv6 address in brackets"
    case .noPort, .badPort: "append a port, or :* to listen on one that the system chooses"
    case .emptyName: "write a name, as in inproc://source"
    case .nameTooLong: "use a shorter name"
    }
  }
}
