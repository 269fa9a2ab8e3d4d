/// An unsigned integer of three words, modulo 2^192: room for the sums of squares of all rows that a stage can hold.
struct UInt192: Equatable {
  private var low: UInt128
  private var high: UInt64

  init(_ value: UInt128) {
    low = value
    high = 0
  }

  @inline(__always)
  init(_ words: UnitWords, at word: Int) {
    low = UInt128(UInt64(bitPattern: words[word &+ 1])) &<< 64 | UInt128(UInt64(bitPattern: words[word]))
    high = UInt64(bitPattern: words[word &+ 2])
  }

  @inline(__always)
  func store(in words: MutableUnitWords, at word: Int) {
    words[word] = Int64(truncatingIfNeeded: low)
    words[word &+ 1] = Int64(truncatingIfNeeded: low &>> 64)
    words[word &+ 2] = Int64(bitPattern: high)
  }

  /// Adds the square of a number.
  @inline(__always)
  mutating func add(_ number: UInt64) {
    let product = number.multipliedFullWidth(by: number)
    let (sum, carry) = low.addingReportingOverflow(UInt128(product.high) &<< 64 | UInt128(product.low))
    low = sum
    if carry { high &+= 1 }
  }

  static func + (left: UInt192, right: UInt192) -> UInt192 {
    var result = left
    let (low, carry) = left.low.addingReportingOverflow(right.low)
    result.low = low
    result.high = left.high &+ right.high &+ (carry ? 1 : 0)
    return result
  }

  static func - (left: UInt192, right: UInt192) -> UInt192 {
    var result = left
    let (low, borrow) = left.low.subtractingReportingOverflow(right.low)
    result.low = low
    result.high = left.high &- right.high &- (borrow ? 1 : 0)
    return result
  }

  static func * (left: UInt192, right: UInt64) -> UInt192 {
    let lower = UInt128(UInt64(truncatingIfNeeded: left.low)) &* UInt128(right)
    let upper = UInt128(UInt64(truncatingIfNeeded: left.low &>> 64)) &* UInt128(right)
    var result = UInt192(lower)
    let (low, carry) = result.low.addingReportingOverflow(upper &<< 64)
    result.low = low
    result.high = UInt64(truncatingIfNeeded: upper &>> 64) &+ left.high &* right &+ (carry ? 1 : 0)
    return result
  }

  /// The square of a number below 2^96.
  static func square(of number: UInt128) -> UInt192 {
    let low = UInt64(truncatingIfNeeded: number)
    let high = UInt64(truncatingIfNeeded: number &>> 64)
    // number * low + number * high * 2^64
    var result = UInt192(number) * low
    let upper = UInt192(number) * high
    let (sum, carry) = result.low.addingReportingOverflow(upper.low &<< 64)
    result.low = sum
    result.high = result.high &+ UInt64(truncatingIfNeeded: upper.low &>> 64) &+ (carry ? 1 : 0)
    return result
  }

  /// The nearest double.
  var double: Double {
    let shift = high != 0 ? 128 - high.leadingZeroBitCount : max(64 - low.leadingZeroBitCount, 0)
    var top = UInt64(truncatingIfNeeded: low >> UInt128(shift))
    if high != 0 { top |= high &<< UInt64(128 - shift) }
    // The last of the upper 64 bits is set where any below is: that rounds as all bits do.
    if low & ((UInt128(1) << UInt128(shift)) &- 1) != 0 { top |= 1 }
    return Double(top) * Double(sign: .plus, exponent: shift, significand: 1)
  }
}
