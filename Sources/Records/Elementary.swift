/// Elementary functions from + - * / and the square root, each rounded as IEEE 754 says: every machine computes the
/// same bits. A C library's differ from version to version, and from processor to processor within one.
///
/// Each is less than one unit in the last place from the true value, `sin` and `cos` for arguments up to 2^20.
///
/// The algorithms and constants are those of FDLIBM (e_exp, e_log, k_sin, k_cos, e_rem_pio2, e_asin):
///
/// Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved. Developed at SunPro, a Sun Microsystems, Inc.
/// business. Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice
/// is preserved.
package enum Elementary {
  // MARK: Exponentials

  /// e^x.
  package static func exp(_ x: Double) -> Double {
    guard abs(x) <= 750 else { return x.isNaN ? x : x > 0 ? .infinity : 0 }
    // x = n ln 2 + r. The high part of ln 2 ends in zeros, so that its product with n is exact.
    let n = nearestInteger(x * 1.44269504088896338700e+00)
    return scaled(expOfReduced(x - n * ln2High, n * ln2Low), by: Int64(n))
  }

  /// 2^x; exact where x is an integer.
  package static func exp2(_ x: Double) -> Double {
    guard abs(x) <= 1100 else { return x.isNaN ? x : x > 0 ? .infinity : 0 }
    let n = nearestInteger(x)
    // (x - n) ln 2, the product of the upper halves exact, the rest added to its error.
    let rest = x - n
    let high = upperHalf(rest)
    return scaled(expOfReduced(high * ln2Upper, -((rest - high) * ln2Upper + rest * ln2Rest)), by: Int64(n))
  }

  /// e^(high - low) for a difference of at most ln 2 / 2 in magnitude.
  private static func expOfReduced(_ high: Double, _ low: Double) -> Double {
    let r = high - low
    let t = r * r
    var sum = 4.13813679705723846039e-08
    sum = sum * t - 1.65339022054652515390e-06
    sum = sum * t + 6.61375632143793436117e-05
    sum = sum * t - 2.77777777770155933842e-03
    sum = sum * t + 1.66666666666666019037e-01
    let c = r - t * sum
    return 1 - ((low - (r * c) / (2 - c)) - high)
  }

  /// `x` 2^exponent for an exponent of -1200...1200, in two steps, for 2^exponent alone may be no normal number.
  private static func scaled(_ x: Double, by exponent: Int64) -> Double {
    if exponent < -1021 { return x * powerOfTwo(exponent + 200) * powerOfTwo(-200) }
    let half = exponent >> 1
    return x * powerOfTwo(half) * powerOfTwo(exponent - half)
  }

  /// 2^exponent for -1022...1023.
  private static func powerOfTwo(_ exponent: Int64) -> Double {
    Double(bitPattern: UInt64(bitPattern: (exponent &+ 1023) &<< 52))
  }

  // MARK: Logarithm

  /// The natural logarithm; negative infinity for 0, NaN for less.
  package static func ln(_ x: Double) -> Double {
    guard x > 0, x < .infinity else { return x == 0 ? -.infinity : x == .infinity ? x : .nan }
    // x = 2^k (1 + f) with 1 + f from sqrt(1/2) to sqrt(2).
    let isTiny = x < .leastNormalMagnitude
    let bits = (isTiny ? x * 0x1p54 : x).bitPattern
    var k = Double(Int64(bits &>> 52) - (isTiny ? 1023 + 54 : 1023))
    var m = Double(bitPattern: bits & 0x000F_FFFF_FFFF_FFFF | 0x3FF0_0000_0000_0000)
    if m > 1.4142135623730951 {
      m /= 2
      k += 1
    }
    let f = m - 1
    if f == 0 { return k * ln2High + k * ln2Low }
    let s = f / (2 + f)
    let z = s * s
    let w = z * z
    let even = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    let odd =
      z
      * (6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)))
    let half = 0.5 * f * f
    return k * ln2High - ((half - (s * (half + (even + odd)) + k * ln2Low)) - f)
  }

  private static let ln2High = 6.93147180369123816490e-01
  private static let ln2Low = 1.90821492927058770002e-10
  /// ln 2 in 26 bits, and the rest of it.
  private static let ln2Upper = 0x1.62e42f8p-1
  private static let ln2Rest = 0x1.be8e7bcd5e4f2p-27

  /// `x` without the lower half of its digits, so that the product of two such is exact.
  private static func upperHalf(_ x: Double) -> Double { Double(bitPattern: x.bitPattern & 0xFFFF_FFFF_F800_0000) }

  /// For magnitudes below 2^51: adding and taking away 1.5 * 2^52 leaves no fraction.
  private static func nearestInteger(_ x: Double) -> Double { (x + 0x1.8p52) - 0x1.8p52 }

  // MARK: Circle

  /// The sine of an angle in radians; NaN where it is further than 2^20 from 0.
  package static func sin(_ x: Double) -> Double {
    guard abs(x) <= 0x1p20 else { return .nan }
    let (quarter, high, low) = reduced(x)
    let value = quarter & 1 == 0 ? sineOfReduced(high, low) : cosineOfReduced(high, low)
    return quarter & 2 == 0 ? value : -value
  }

  /// The cosine of an angle in radians; NaN where it is further than 2^20 from 0.
  package static func cos(_ x: Double) -> Double {
    guard abs(x) <= 0x1p20 else { return .nan }
    let (quarter, high, low) = reduced(x)
    let value = quarter & 1 == 0 ? cosineOfReduced(high, low) : sineOfReduced(high, low)
    return (quarter &+ 1) & 2 == 0 ? value : -value
  }

  /// `x` less a number of quarter turns, as a sum of at most pi / 4 in magnitude.
  private static func reduced(_ x: Double) -> (quarter: Int64, high: Double, low: Double) {
    guard abs(x) > 0.78539816339744831 else { return (0, x, 0) }
    let n = nearestInteger(x * 6.36619772367581382433e-01)
    // pi / 2 in parts of 33 bits, whose products with n are exact. The more cancels, the more parts are taken.
    var rest = x - n * 1.57079632673412561417e+00
    var error = n * 6.07710050650619224932e-11
    var high = rest - error
    if x.exponent - high.exponent > 16 {
      let before = rest
      error = n * 6.07710050630396597660e-11
      rest = before - error
      error = n * 2.02226624879595063154e-21 - ((before - rest) - error)
      high = rest - error
      if x.exponent - high.exponent > 49 {
        let before = rest
        error = n * 2.02226624871116645580e-21
        rest = before - error
        error = n * 8.47842766036889956997e-32 - ((before - rest) - error)
        high = rest - error
      }
    }
    return (Int64(n), high, (rest - high) - error)
  }

  private static func sineOfReduced(_ x: Double, _ low: Double) -> Double {
    // So near to 0 that the square would only lose digits; -0 stays -0.
    if abs(x) < 0x1p-27 { return low == 0 ? x : x + low }
    let z = x * x
    let v = z * x
    var sum = 1.58969099521155010221e-10
    sum = sum * z - 2.50507602534068634195e-08
    sum = sum * z + 2.75573137070700676789e-06
    sum = sum * z - 1.98412698298579493134e-04
    sum = sum * z + 8.33333333332248946124e-03
    return x - ((z * (0.5 * low - v * sum) - low) - v * -1.66666666666666324348e-01)
  }

  private static func cosineOfReduced(_ x: Double, _ low: Double) -> Double {
    let z = x * x
    var sum = -1.13596475577881948265e-11
    sum = sum * z + 2.08757232129817482790e-09
    sum = sum * z - 2.75573143513906633035e-07
    sum = sum * z + 2.48015872894767294178e-05
    sum = sum * z - 1.38888888888741095749e-03
    sum = sum * z + 4.16666666666666019037e-02
    let half = 0.5 * z
    let w = 1 - half
    return w + (((1 - w) - half) + (z * (z * sum) - x * low))
  }

  /// The angle in radians, -pi / 2 ... pi / 2, whose sine is `x`; NaN where there is none.
  package static func asin(_ x: Double) -> Double {
    let magnitude = abs(x)
    guard magnitude < 1 else {
      return magnitude == 1 ? x * 1.57079632679489655800e+00 + x * 6.12323399573676603587e-17 : .nan
    }
    if magnitude < 0.5 { return magnitude < 0x1p-27 ? x : x + x * arcRatio(x * x) }
    // asin x = pi / 2 - 2 asin sqrt((1 - x) / 2)
    let t = (1 - magnitude) * 0.5
    let ratio = arcRatio(t)
    let s = t.squareRoot()
    var angle: Double
    if magnitude > 0.975 {
      angle = 1.57079632679489655800e+00 - (2 * (s + s * ratio) - 6.12323399573676603587e-17)
    } else {
      let high = Double(bitPattern: s.bitPattern & 0xFFFF_FFFF_0000_0000)
      let low = (t - high * high) / (s + high)
      let p = 2 * s * ratio - (6.12323399573676603587e-17 - 2 * low)
      let q = 7.85398163397448278999e-01 - 2 * high
      angle = 7.85398163397448278999e-01 - (p - q)
    }
    if x < 0 { angle = -angle }
    return angle
  }

  /// (asin x - x) / x for `t` = x^2 of at most 1/4.
  private static func arcRatio(_ t: Double) -> Double {
    var p = 3.47933107596021167570e-05
    p = p * t + 7.91534994289814532176e-04
    p = p * t - 4.00555345006794114027e-02
    p = p * t + 2.01212532134862925881e-01
    p = p * t - 3.25565818622400915405e-01
    p = p * t + 1.66666666666666657415e-01
    var q = 7.70381505559019352791e-02
    q = q * t - 6.88283971605453293030e-01
    q = q * t + 2.02094576023350569471e+00
    q = q * t - 2.40339491173441421878e+00
    return t * p / (q * t + 1)
  }
}
