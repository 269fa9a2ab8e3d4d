/// e^x from additions and multiplications, each rounded as IEEE 754 says: every machine computes the same bits, which a C
/// library's `exp` does not promise.
package enum Exponential {
  /// Correct to about 1e-15 of its value; NaN for NaN.
  package static func of(_ x: Double) -> Double {
    // With x = n ln 2 + r and |r| <= ln 2 / 2, it is 2^n e^r.
    guard x >= -746 else { return x.isNaN ? x : 0 }
    guard x <= 710 else { return x.isNaN ? x : .infinity }
    // Adding and taking away 1.5 * 2^52 rounds to the nearest integer.
    let n = (x * 0x1.71547652b82fep0 + 0x1.8p52) - 0x1.8p52
    // The high part of ln 2 ends in zeros, so its product with n is exact.
    let r = (x - n * 0x1.62e42feep-1) - n * 0x1.a39ef35793c76p-33
    let e = 1 + (r + r * r * series(r))
    // In two steps, for 2^n alone may be too small, or too large, for a normal number.
    let half = Int64(n) >> 1
    return e * powerOfTwo(half) * powerOfTwo(Int64(n) - half)
  }

  /// (e^r - 1 - r) / r^2 by its Taylor series; the first term left out is below 1e-17 for |r| <= 0.35.
  private static func series(_ r: Double) -> Double {
    var sum = 1.0 / 6_227_020_800
    sum = sum * r + 1.0 / 479_001_600
    sum = sum * r + 1.0 / 39_916_800
    sum = sum * r + 1.0 / 3_628_800
    sum = sum * r + 1.0 / 362_880
    sum = sum * r + 1.0 / 40320
    sum = sum * r + 1.0 / 5040
    sum = sum * r + 1.0 / 720
    sum = sum * r + 1.0 / 120
    sum = sum * r + 1.0 / 24
    sum = sum * r + 1.0 / 6
    return sum * r + 0.5
  }

  /// 2^exponent for -1022...1023.
  private static func powerOfTwo(_ exponent: Int64) -> Double {
    Double(bitPattern: UInt64(bitPattern: (exponent &+ 1023) &<< 52))
  }
}

/// The logistic function, with the same bits on every machine.
package enum Sigmoid {
  /// 1 / (1 + e^-x), correct to about 1e-15 of its value; NaN for NaN.
  package static func of(_ x: Double) -> Double {
    // The exponential of a number that is not positive never overflows.
    let e = Exponential.of(x < 0 ? x : -x)
    return (x < 0 ? e : 1) / (1 + e)
  }
}
