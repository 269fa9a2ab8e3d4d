internal import CLinux
internal import Records

/// Frames that a peer has got wrong, but whose checksum is right: without it, nothing behind the checksum is ever reached.
package enum FrameDamage {
  /// `frame` with the checksum of what it is now.
  package static func resealed(_ frame: [UInt8]) -> [UInt8] {
    guard frame.count >= FrameHeader.size else { return frame }
    var bytes = frame
    unsafe bytes.withUnsafeMutableBytes { raw in
      guard let base = raw.baseAddress else { return }
      let head = unsafe sluice_crc32c(0, base, 60)
      let whole = unsafe sluice_crc32c(head, base + FrameHeader.size, raw.count - FrameHeader.size)
      unsafe raw.storeBytes(of: whole.littleEndian, toByteOffset: 60, as: UInt32.self)
    }
    return bytes
  }

  /// `frame` with a body length that is true, so that a change of length gets past the header.
  package static func withItsLength(_ frame: [UInt8]) -> [UInt8] {
    guard frame.count >= FrameHeader.size else { return frame }
    var bytes = frame
    store(UInt32(frame.count - FrameHeader.size), &bytes, at: 52)
    return bytes
  }

  /// A few changes to `frame`, of every kind: flipped bits, fields at their edges, cuts, additions, parts of `other`.
  package static func mutated(
    _ frame: [UInt8],
    with other: [UInt8],
    _ random: inout SeededRandom
  ) -> [UInt8] {
    var bytes = frame
    for _ in 0..<Int.random(in: 1...4, using: &random) where bytes.count >= 4 {
      switch Int.random(in: 0..<10, using: &random) {
      case 0...2:
        let at = Int.random(in: bytes.indices, using: &random)
        bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 3...6: setWord(&bytes, &random)
      case 7: bytes.removeLast(Int.random(in: 1...min(bytes.count, 40), using: &random))
      case 8:
        bytes += (0..<Int.random(in: 1...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      default:
        let from = Int.random(in: other.indices, using: &random)
        let length = Int.random(in: 1...min(other.count - from, bytes.count), using: &random)
        let at = Int.random(in: 0...bytes.count - length, using: &random)
        bytes.replaceSubrange(at..<at + length, with: other[from..<from + length])
      }
    }
    return random.chance(oneIn: 8) ? bytes : withItsLength(bytes)
  }

  /// Puts a number that decoders get wrong over an aligned word: mostly of the header's end and the directory, where
  /// lengths and offsets stand.
  private static func setWord(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    let end = random.chance(oneIn: 3) ? bytes.count : min(bytes.count, 320)
    let start = random.chance(oneIn: 6) ? 0 : min(48, end - 4)
    let at = Int.random(in: start / 4...(end / 4 - 1), using: &random) * 4
    let length = UInt32(bytes.count)
    let body = length &- UInt32(FrameHeader.size)
    let old = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }
    let edges = [
      0, 1, .max, .max - 1, 1 << 31, length, length &+ 1, length &- 1, body, body &+ 1, body &- 1, old &+ 1, old &- 1,
      old &+ 8, old &- 8, old &* 2,
    ]
    store(edges.randomElement(using: &random) ?? 0, &bytes, at: at)
  }

  private static func store(_ value: UInt32, _ bytes: inout [UInt8], at: Int) {
    for place in 0..<4 { bytes[at + place] = UInt8(truncatingIfNeeded: value >> UInt32(8 * place)) }
  }
}
