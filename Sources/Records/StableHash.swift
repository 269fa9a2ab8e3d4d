/// Hashes that are the same in every process, on every machine and in every version: they partition keyed rows, name
/// schemas and find saved state, so Swift's `Hasher`, which is seeded per process, must never stand in for them.
public enum StableHash {
  /// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection, so distinct integers never collide.
  @inlinable
  public static func of(_ value: Int64) -> UInt64 {
    var z = UInt64(bitPattern: value) &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z &>> 31)
  }

  /// Eight bytes a step, each step mixed by the finaliser above; the length is part of the hash.
  @inlinable
  public static func of(_ bytes: Span<UInt8>) -> UInt64 {
    var hash = of(Int64(bytes.count))
    var index = 0
    while index < bytes.count {
      var word: UInt64 = 0
      var shift: UInt64 = 0
      while shift < 64 && index < bytes.count {
        word |= UInt64(bytes[index]) &<< shift
        shift &+= 8
        index &+= 1
      }
      hash = of(Int64(bitPattern: hash ^ word))
    }
    return hash
  }

  package static func of(_ text: String) -> UInt64 {
    let bytes = Array(text.utf8)
    return of(bytes.span)
  }
}
