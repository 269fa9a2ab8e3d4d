import Glibc

/// A peer that speaks ZMTP 3.0 by hand over TCP, and so can say what libzmq never would.
struct RawPeer: ~Copyable {
  private let descriptor: Int32

  init(port: UInt16) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let descriptor = descriptor
    let code = unsafe withUnsafeBytes(of: &address) { bytes in
      unsafe connect(descriptor, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
    guard code == 0 else { throw TestFailure(reason: "the raw peer could not connect: errno \(errno)") }
  }

  deinit { close(descriptor) }

  func write(_ bytes: [UInt8]) {
    // A refused peer is cut off while it still writes; that is no fault of the test.
    var sent = 0
    while sent < bytes.count {
      let slice = Array(bytes[sent...])
      let count = unsafe Glibc.send(descriptor, slice, slice.count, Int32(MSG_NOSIGNAL))
      if count <= 0 { return }
      sent += count
    }
  }

  /// Greeting and READY command of a socket of the given type, without security.
  func handshake(as type: String) {
    write([0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0x7F, 3, 0])
    write(Array("NULL".utf8) + [UInt8](repeating: 0, count: 48))
    let name = Array("Socket-Type".utf8)
    let body =
      [5] + Array("READY".utf8) + [UInt8(name.count)] + name + [0, 0, 0, UInt8(type.utf8.count)] + Array(type.utf8)
    write([4, UInt8(body.count)] + body)
    // libzmq takes no message before it has sent its own READY: a greeting of 64 bytes, then flags, length, command.
    let head = read(66)
    if let length = head.last, head.count == 66 { _ = read(Int(length)) }
  }

  private func read(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count < count, unsafe Glibc.read(descriptor, &byte, 1) == 1 { bytes.append(byte) }
    return bytes
  }

  /// One message of the given parts, each shorter than 256 bytes.
  func sendMessage(_ parts: [String]) {
    var bytes: [UInt8] = []
    for (index, part) in parts.enumerated() {
      bytes += [index + 1 < parts.count ? 1 : 0, UInt8(part.utf8.count)] + Array(part.utf8)
    }
    write(bytes)
  }

  /// Waits until the other side has hung up.
  func waitForHangUp() {
    var buffer = [UInt8](repeating: 0, count: 256)
    while unsafe Glibc.read(descriptor, &buffer, buffer.count) > 0 {}
  }
}

/// A small seeded generator (SplitMix64).
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 1
    return Self.mix(state)
  }

  /// A number that looks random and follows from `index`.
  static func mix(_ index: UInt64) -> UInt64 {
    var z = index &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
