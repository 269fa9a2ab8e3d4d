import CLinux
import TestSupport
import Testing

@Suite struct ChecksumTests {
  static func both(_ bytes: ArraySlice<UInt8>, from crc: UInt32 = 0) -> (UInt32, UInt32) {
    unsafe bytes.withUnsafeBytes { raw in
      unsafe (
        sluice_crc32c(crc, raw.baseAddress, raw.count), sluice_crc32c_portable(crc, raw.baseAddress, raw.count)
      )
    }
  }

  /// RFC 3720, B.4, and the check value of the CRC catalogue.
  @Test(
    arguments: [
      ([], 0), (Array(repeating: 0, count: 32), 0x8A91_36AA), (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
      (Array(0...31), 0x46DD_794E), (Array((0...31).reversed()), 0x113F_DB5C), (Array("123456789".utf8), 0xE306_9283),
    ] as [([UInt8], UInt32)]
  )
  func knownValues(bytes: [UInt8], checksum: UInt32) { #expect(Self.both(bytes[...]) == (checksum, checksum)) }

  @Test func theInstructionAndTheTableAgree() {
    var random = SeededRandom(seed: 0)
    let bytes = (0..<10_100).map { _ in UInt8.random(in: 0...255, using: &random) }
    // Around the lengths at which the loops of the hardware way begin, and any others.
    var lengths = Array(0...40) + Array(3060...3090) + Array(6130...6160) + [10_000]
    lengths += (0..<500).map { _ in Int.random(in: 0...10_000, using: &random) }
    for length in lengths {
      let start = Int.random(in: 0...64, using: &random)
      let (hardware, table) = Self.both(
        bytes[start..<start + length],
        from: UInt32.random(in: 0...(.max), using: &random)
      )
      #expect(hardware == table, "\(length) bytes")
    }
  }

  @Test func partsMakeTheWhole() {
    var random = SeededRandom(seed: 1)
    let bytes = (0..<8000).map { _ in UInt8.random(in: 0...255, using: &random) }
    let whole = Self.both(bytes[...])
    for _ in 0..<500 {
      let cut = Int.random(in: 0...bytes.count, using: &random)
      #expect(Self.both(bytes[cut...], from: Self.both(bytes[..<cut]).0) == whole, "cut at \(cut)")
    }
  }
}
