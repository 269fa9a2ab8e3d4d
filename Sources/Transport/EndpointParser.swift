/// Takes the text of an endpoint apart.
struct EndpointParser {
  let text: String

  func parse() throws(EndpointError) -> Endpoint.Address {
    // The kernel and libzmq end a string at its first zero byte: what we checked would not be what they use.
    if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { throw error(.controlCharacter) }
    let bytes = text.utf8
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), bytes[colon...].starts(with: "://".utf8) else {
      throw error(.noScheme)
    }
    let rest = text[bytes.index(colon, offsetBy: 3)...]
    switch text[..<colon] {
    case "ipc": return try ipc(path: rest)
    case "tcp": return try tcp(rest)
    case "inproc": return try inproc(name: rest)
    case "": throw error(.noScheme)
    default: throw error(.unknownScheme(String(text[..<colon])))
    }
  }

  private func error(_ problem: EndpointError.Problem) -> EndpointError { EndpointError(text: text, problem: problem) }

  /// Only absolute paths: libzmq's abstract names (`@`) carry no file permissions, and its `*` picks a path by itself.
  private func ipc(path: Substring) throws(EndpointError) -> Endpoint.Address {
    guard let first = path.utf8.first else { throw error(.emptyPath) }
    guard first == UInt8(ascii: "/") else { throw error(.relativePath) }
    guard path.utf8.count <= EndpointError.maximumPathBytes else {
      throw error(.pathTooLong(bytes: path.utf8.count))
    }
    return .ipc(path: String(path))
  }

  private func inproc(name: Substring) throws(EndpointError) -> Endpoint.Address {
    guard !name.isEmpty else { throw error(.emptyName) }
    guard name.utf8.count <= EndpointError.maximumNameBytes else {
      throw error(.nameTooLong(bytes: name.utf8.count))
    }
    return .inproc(name: String(name))
  }

  private func tcp(_ rest: Substring) throws(EndpointError) -> Endpoint.Address {
    // The port stands after the last colon, unless that colon lies inside the brackets of an IPv6 address.
    let colon = rest.utf8.lastIndex(of: UInt8(ascii: ":"))
    let bracket = rest.utf8.lastIndex(of: UInt8(ascii: "]"))
    guard let colon, bracket.map({ $0 < colon }) ?? true else {
      throw error(rest.isEmpty ? .emptyHost : .noPort)
    }
    let host = String(rest[..<colon])
    if host.isEmpty { throw error(.emptyHost) }
    guard host == "*" || Self.isAddressOrName(host) else { throw error(.badHost(host)) }
    let port = rest[rest.utf8.index(after: colon)...]
    if port.isEmpty { throw error(.noPort) }
    if port == "*" { return .tcp(host: host, port: nil) }
    guard port.utf8.count <= 5, port.utf8.allSatisfy(Self.isDigit), let number = UInt16(port), number > 0 else {
      throw error(.badPort(String(port)))
    }
    return .tcp(host: host, port: number)
  }

  private static func isAddressOrName(_ host: String) -> Bool {
    let bytes = Array(host.utf8)
    guard bytes.count <= 255 else { return false }
    if bytes.first == UInt8(ascii: "[") {
      return bytes.count > 3 && bytes.last == UInt8(ascii: "]") && isIPv6(bytes[1..<bytes.count - 1])
    }
    if bytes.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: ".") }) { return octets(host) != nil }
    return bytes.allSatisfy { isDigit($0) || isLetter($0) || ".-_".utf8.contains($0) }
  }

  /// Hexadecimal groups, and an interface after `%`. Whether it is a possible address, the system says at bind.
  private static func isIPv6(_ bytes: ArraySlice<UInt8>) -> Bool {
    let parts = bytes.split(separator: UInt8(ascii: "%"), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts[0].contains(UInt8(ascii: ":")), parts[0].allSatisfy(isIPv6Byte) else { return false }
    return parts.count == 1 || (!parts[1].isEmpty && parts[1].allSatisfy { isDigit($0) || isLetter($0) })
  }

  private static func isIPv6Byte(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20) || ":.".utf8.contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }

  private static func octets(_ host: String) -> [UInt8]? {
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    let octets = numbers.compactMap { $0 }
    return numbers.count == 4 && octets.count == 4 ? octets : nil
  }

  /// 127.0.0.0/8 in dotted form.
  static func isLoopback(ipv4 host: String) -> Bool { octets(host)?.first == 127 }
}
