internal import Records

extension Machine {
  // MARK: Floats

  /// A step over two floats; what is not finite is null, so that no result is without a number that JSON can show.
  @inline(__always)
  func floats(_ step: Step, _ value: (Double, Double) -> Double) {
    partialPairs(step) {
      let result = value(Self.float($0), Self.float($1))
      return (Self.bits(result), !result.isFinite)
    }
  }

  @inline(__always)
  private func floatMap(_ step: Step, _ value: (Double) -> Double) {
    partialMap(step) {
      let result = value(Self.float($0))
      return (Self.bits(result), !result.isFinite)
    }
  }

  @inline(__always)
  func floatTest(_ step: Step, _ test: (Double, Double) -> Bool) {
    pairs(step) { test(Self.float($0), Self.float($1)) ? 1 : 0 }
  }

  @inline(__always)
  static func float(_ bits: Int64) -> Double { Double(bitPattern: UInt64(bitPattern: bits)) }
  @inline(__always)
  static func bits(_ value: Double) -> Int64 { Int64(bitPattern: value.bitPattern) }

  func toFloat(_ step: Step) {
    if step.bits == 1 { return map(step) { Self.bits(Double($0)) } }
    let unit = Double(step.bits)
    map(step) { Self.bits(Double($0) / unit) }
  }

  // MARK: Other conversions

  func convert(_ step: Step) {
    let unit = step.bits
    switch step.code {
    case .scaleUp: partialMap(step) { Self.checked($0.multipliedReportingOverflow(by: unit)) }
    case .roundDown, .roundWord: map(step) { Self.quotient($0, unit, .toNearestOrEven) }
    case .floorWord: map(step) { Self.quotient($0, unit, .down) }
    case .ceilWord: map(step) { Self.quotient($0, unit, .up) }
    case .divideWord: map(step) { $0 / unit }
    case .roundFloat:
      let factor = Double(unit)
      partialMap(step) { Self.whole(Self.float($0) * factor, .toNearestOrEven) }
    case .truncateFloat: partialMap(step) { Self.whole(Self.float($0), .towardZero) }
    case .floorFloat: partialMap(step) { Self.whole(Self.float($0), .down) }
    case .ceilFloat: partialMap(step) { Self.whole(Self.float($0), .up) }
    case .nearestFloat: partialMap(step) { Self.whole(Self.float($0), .toNearestOrEven) }
    default: preconditionFailure("\(step.code) converts nothing")
    }
  }

  @inline(__always)
  private static func checked(_ result: (partialValue: Int64, overflow: Bool)) -> (Int64, fails: Bool) {
    (result.partialValue, result.overflow)
  }

  @inline(__always)
  private static func whole(_ value: Double, _ rule: FloatingPointRoundingRule) -> (Int64, fails: Bool) {
    let result = Int64(exactly: value.rounded(rule))
    return (result ?? 0, result == nil)
  }

  /// - Parameter unit: above 0.
  @inline(__always)
  private static func quotient(_ value: Int64, _ unit: Int64, _ rule: FloatingPointRoundingRule) -> Int64 {
    let (whole, rest) = value.quotientAndRemainder(dividingBy: unit)
    switch rule {
    case .down: return rest < 0 ? whole - 1 : whole
    case .up: return rest > 0 ? whole + 1 : whole
    default:
      // Units go up to 10^18, so twice the rest fits.
      let twice = rest.magnitude * 2
      guard twice > unit.magnitude || (twice == unit.magnitude && whole & 1 != 0) else { return whole }
      return value < 0 ? whole - 1 : whole + 1
    }
  }

  /// Exact, whatever the places: the products of 64-bit numbers fit in 128.
  func compareScaled(_ step: Step) {
    let factor = Int128(DecimalText.powerOfTen(Int(step.bits >> 8)))
    guard let comparison = Comparison(rawValue: UInt8(truncatingIfNeeded: step.bits)) else {
      preconditionFailure("a step that compares says how")
    }
    let (leftFactor, rightFactor) = step.code == .compareScaledLeft ? (factor, 1) : (1, factor)
    pairs(step) {
      let (left, right) = (Int128($0) &* leftFactor, Int128($1) &* rightFactor)
      return comparison.truth(isLess: left < right, isGreater: left > right)
    }
  }

  // MARK: Arithmetic

  func compute(_ step: Step, _ input: borrowing Input) {
    switch step.code {
    case .addWord: partialPairs(step) { Self.checked($0.addingReportingOverflow($1)) }
    case .subtractWord: partialPairs(step) { Self.checked($0.subtractingReportingOverflow($1)) }
    case .multiplyWord: partialPairs(step) { Self.checked($0.multipliedReportingOverflow(by: $1)) }
    case .remainderWord: partialPairs(step) { Self.checked($0.remainderReportingOverflow(dividingBy: $1)) }
    case .negateWord: partialMap(step) { Self.checked((0 as Int64).subtractingReportingOverflow($0)) }
    case .negateFloat: map(step) { $0 ^ .min }
    case .absoluteWord: partialMap(step) { ($0 < 0 ? 0 &- $0 : $0, $0 == .min) }
    case .absoluteFloat: map(step) { $0 & .max }
    case .signWord: map(step) { $0.signum() }
    case .signFloat: map(step) { Self.float($0) > 0 ? 1 : Self.float($0) < 0 ? -1 : 0 }
    case .minimumWord: pairs(step) { $0 <= $1 ? $0 : $1 }
    case .maximumWord: pairs(step) { $0 >= $1 ? $0 : $1 }
    case .minimumFloat: pairs(step) { Self.float($0) <= Self.float($1) ? $0 : $1 }
    case .maximumFloat: pairs(step) { Self.float($0) >= Self.float($1) ? $0 : $1 }
    case .squareRoot: floatMap(step) { $0.squareRoot() }
    case .exponential: floatMap(step, Elementary.exp)
    case .logarithm: floatMap(step, Elementary.ln)
    case .power:
      partialPairs(step) {
        let result = Self.power(Self.float($0), $1)
        return (Self.bits(result), !result.isFinite)
      }
    case .haversine: haversine(step)
    case .isMemberWord:
      let set = input.tables.sets[Int(step.bits)]
      map(step) { set.contains($0) ? 1 : 0 }
    case .hashWord: map(step) { Int64(bitPattern: StableHash.of($0)) }
    case .hashFloat: map(step) { Self.hash(float: $0) }
    case .hashNextWord: pairs(step) { Self.hash($0, Int64(bitPattern: StableHash.of($1))) }
    case .hashNextFloat: pairs(step) { Self.hash($0, Self.hash(float: $1)) }
    case .bucket:
      partialPairs(step) {
        let count = UInt64(bitPattern: $1)
        return $1 > 0 ? (Int64(UInt64(bitPattern: $0) % count), false) : (0, true)
      }
    default: preconditionFailure("\(step.code) is no arithmetic")
    }
  }

  /// Both zeros are one number.
  private static func hash(float bits: Int64) -> Int64 {
    Int64(bitPattern: StableHash.of(float(bits) == 0 ? 0 : bits))
  }

  /// The hash of several values, from that of those before and that of the next.
  static func hash(_ before: Int64, _ next: Int64) -> Int64 {
    Int64(bitPattern: StableHash.of(before &* 31 &+ next))
  }

  /// By squaring: the same multiplications in the same order everywhere.
  private static func power(_ base: Double, _ exponent: Int64) -> Double {
    var (result, square, rest) = (1.0, base, exponent.magnitude)
    while rest != 0 {
      if rest & 1 != 0 { result *= square }
      square *= square
      rest >>= 1
    }
    return exponent < 0 ? 1 / result : result
  }

  private func haversine(_ step: Step) {
    let (latitude, longitude) = (lanes.values(step.a), lanes.values(step.b))
    let (otherLatitude, otherLongitude) = (lanes.values(step.c), lanes.values(step.d))
    var target = lanes.target(step.target)
    var failures = 0
    for row in target.indices {
      let distance = GreatCircle.kilometres(
        Self.float(latitude[row]),
        Self.float(longitude[row]),
        Self.float(otherLatitude[row]),
        Self.float(otherLongitude[row])
      )
      target[row] = Self.bits(distance)
      failures |= distance.isFinite ? 0 : 1
    }
    passNulls(step.a, step.b, to: step.target)
    if lanes.hasNulls(step.c) { markNulls(step.target) { lanes.isNull(step.c, $0) } }
    if lanes.hasNulls(step.d) { markNulls(step.target) { lanes.isNull(step.d, $0) } }
    if failures != 0 { markNulls(step.target) { !Self.float(target[$0]).isFinite } }
  }
}

extension Comparison {
  /// Whether it holds, as 1 or 0, by no branch: which side is the greater is not to be predicted.
  @inline(__always)
  func truth(isLess: Bool, isGreater: Bool) -> Int64 {
    let order: Int64 = 1 &+ (isGreater ? 1 : 0) &- (isLess ? 1 : 0)
    return outcomes &>> order & 1
  }

  /// A bit each for a left side that is less, equal and greater.
  private var outcomes: Int64 {
    switch self {
    case .equal: 0b010
    case .notEqual: 0b101
    case .less: 0b001
    case .lessOrEqual: 0b011
    case .greater: 0b100
    case .greaterOrEqual: 0b110
    }
  }
}
