internal import CLinux

/// Little-endian integers at fixed places, for what is read by the hundred thousand.
extension Span<UInt8> {
  /// The integer at `offset`, which has to lie within the span.
  func integer<T: FixedWidthInteger>(_ type: T.Type = T.self, at offset: Int) -> T {
    var value: T = 0
    for place in 0..<T.bitWidth / 8 { value |= T(truncatingIfNeeded: self[offset + place]) << T(8 * place) }
    return value
  }
}

extension [UInt8] {
  mutating func put<T: FixedWidthInteger>(_ value: T) {
    for place in 0..<T.bitWidth / 8 { append(UInt8(truncatingIfNeeded: value >> T(8 * place))) }
  }

  mutating func put(_ bytes: Span<UInt8>) {
    unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}

/// The CRC-32C of bytes that come in parts.
package struct Checksum: Hashable, Sendable {
  package private(set) var value: UInt32

  /// - Parameter value: of the parts before; 0 for none.
  package init(_ value: UInt32 = 0) { self.value = value }

  init(of bytes: Span<UInt8>) {
    self.init()
    add(bytes)
  }

  package mutating func add(_ bytes: Span<UInt8>) {
    value = unsafe bytes.withUnsafeBytes { unsafe sluice_crc32c(value, $0.baseAddress, $0.count) }
  }
}
