/// Scores as integers that order as they do.
package enum ScoreKey {
  /// The bits of a number in an order that is that of the numbers; the two zeros are one.
  package static func of(_ score: Double) -> UInt64 {
    let bits = (score + 0).bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }

  /// The number that has this key.
  package static func score(_ key: UInt64) -> Double {
    Double(bitPattern: key >> 63 == 1 ? key & ~(1 << 63) : ~key)
  }
}
