/// Sets of Unicode scalars, as ascending ranges that do not touch.
enum PatternCharacters {
  static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
  static let wordParts: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
  static let spaces: [ClosedRange<UInt32>] = [9...13, 32...32]

  private static let last: UInt32 = 0x10FFFF

  static func normalized(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var result: [ClosedRange<UInt32>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let before = result.last, range.lowerBound <= before.upperBound + 1 {
        result[result.count - 1] = before.lowerBound...max(before.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }

  /// All others.
  static func inverted(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    var result: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
      next = range.upperBound + 1
    }
    if next <= last { result.append(next...last) }
    return result
  }

  /// The UTF-8 of a range of scalars: sequences of byte ranges, such that a text is one of the range's scalars where
  /// each of its bytes is in the range at its place. Surrogates have no UTF-8.
  static func utf8(_ range: ClosedRange<UInt32>) -> [[ClosedRange<UInt8>]] {
    var sequences: [[ClosedRange<UInt8>]] = []
    split(range.lowerBound, range.upperBound, &sequences)
    return sequences
  }

  private static func split(_ low: UInt32, _ high: UInt32, _ sequences: inout [[ClosedRange<UInt8>]]) {
    guard low <= high else { return }
    if low <= 0xDFFF, high >= 0xD800 {
      if low < 0xD800 { split(low, 0xD7FF, &sequences) }
      return split(0xE000, high, &sequences)
    }
    // Only scalars whose bytes are as many, and which differ in their last bytes only by all that these can be.
    for longest: UInt32 in [0x7F, 0x7FF, 0xFFFF] where low <= longest && longest < high {
      split(low, longest, &sequences)
      return split(longest + 1, high, &sequences)
    }
    for shift: UInt32 in [6, 12, 18] where high > 0x7F {
      let mask = (1 << shift) - 1 as UInt32
      guard low & ~mask != high & ~mask else { continue }
      if low & mask != 0 {
        split(low, low | mask, &sequences)
        return split((low | mask) + 1, high, &sequences)
      }
      if high & mask != mask {
        split(low, (high & ~mask) - 1, &sequences)
        return split(high & ~mask, high, &sequences)
      }
    }
    sequences.append(zip(bytes(low), bytes(high)).map { $0...$1 })
  }

  private static func bytes(_ scalar: UInt32) -> [UInt8] {
    func rest(_ shift: UInt32) -> UInt8 { UInt8(0x80 | scalar >> shift & 0x3F) }
    return switch scalar {
    case ...0x7F: [UInt8(scalar)]
    case ...0x7FF: [UInt8(0xC0 | scalar >> 6), rest(0)]
    case ...0xFFFF: [UInt8(0xE0 | scalar >> 12), rest(6), rest(0)]
    default: [UInt8(0xF0 | scalar >> 18), rest(12), rest(6), rest(0)]
    }
  }
}
