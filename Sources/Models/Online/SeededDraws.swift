internal import Records

/// Numbers that look drawn by chance and are the same for the same seed, everywhere: SplitMix64 (Steele, Lea, Flood 2014).
struct SeededDraws {
  private var state: Int64

  /// - Parameters:
  ///   - seed: of the whole.
  ///   - number: which of many sequences of that seed.
  init(seed: Int64, number: UInt64) {
    state = Int64(bitPattern: StableHash.of(seed) ^ StableHash.of(Int64(bitPattern: number &+ 0x5C3A_11D6_9E0B_47F2)))
  }

  private mutating func next() -> UInt64 {
    defer { state = Int64(bitPattern: UInt64(bitPattern: state) &+ 0x9E37_79B9_7F4A_7C15) }
    return StableHash.of(state)
  }

  /// One of 0..<count.
  mutating func index(below count: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(truncatingIfNeeded: count)).high)
  }

  /// From 0 to below 1.
  mutating func fraction() -> Double { Double(next() &>> 11) * 0x1p-53 }
}
