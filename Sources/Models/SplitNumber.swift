/// The numbers in which trees compare and add, with the conventions of the library that computes in them: XGBoost in
/// single precision, LightGBM in double.
///
/// One comparison of integers decides a split: `Key` holds integers in the order of the numbers that they stand for. A
/// row has a key for each feature and each way in which splits can treat a missing value. A missing value's key is below
/// every threshold or above every one.
protocol SplitNumber: BinaryFloatingPoint, Sendable {
  associatedtype Key: FixedWidthInteger & SignedInteger & Sendable

  /// How many keys a row has for each feature.
  static var slotsPerFeature: Int { get }
  /// Which of them a split with this treatment reads; nil: the library knows no such treatment.
  static func slot(of missing: MissingRule) -> Int?
  /// Writes the `slotsPerFeature` keys of a value of a row, for which there must be room; NaN is a missing value.
  static func storeKeys(of value: Double, at first: Int, in keys: inout MutableSpan<Key>)

  /// The key of a number; -0 and 0, which are equal, have one.
  static func key(of value: Self) -> Key
  /// The number of a key, unless it is that of a missing value.
  static func number(of key: Key) -> Self
  /// A row goes to the right where its key reaches this.
  static func limit(of threshold: Self) -> Key
  /// Numbers above this and below 1 are category 0.
  static var lowestCategory: Self { get }
  /// Whether a row whose category is in the set of a split goes to the right; others go the other way.
  static var memberGoesRight: Bool { get }
  /// No leaves may add up to more, either way.
  static var greatestSum: Double { get }
}

/// What becomes of a row at a split when the split's feature is missing.
package enum MissingRule: UInt8, Sendable {
  case goesLeft, goesRight
  /// Zero counts as missing too.
  case zeroGoesLeft, zeroGoesRight
  /// It counts as zero.
  case isZero
}

extension SplitNumber {
  static var missingGoesLeft: Key { .min }
  /// Above infinity's, yet below the limit of a leaf.
  static var missingGoesRight: Key { .max - 1 }
  /// What no row reaches.
  static var leafLimit: Key { .max }

  /// Limits below that of every number stand for sets of categories: this is that of set 0, the next that of set 1.
  static var firstSetLimit: Key { .min + 1 }
  /// The least limit that is a number's.
  static var leastLimit: Key { key(of: -.greatestFiniteMagnitude) }
}

extension Float: SplitNumber {
  static var slotsPerFeature: Int { 2 }

  static func slot(of missing: MissingRule) -> Int? {
    switch missing {
    case .goesLeft: 0
    case .goesRight: 1
    case .zeroGoesLeft, .zeroGoesRight, .isZero: nil
    }
  }

  @inline(__always)
  static func storeKeys(of value: Double, at first: Int, in keys: inout MutableSpan<Int32>) {
    let key = key(of: Float(value))
    unsafe keys[unchecked: first] = value.isNaN ? missingGoesLeft : key
    unsafe keys[unchecked: first &+ 1] = value.isNaN ? missingGoesRight : key
  }

  static func key(of value: Float) -> Int32 {
    let bits = Int32(bitPattern: (value + 0).bitPattern)
    return bits ^ ((bits >> 31) & .max)
  }

  static func number(of key: Int32) -> Float { Float(bitPattern: UInt32(bitPattern: key ^ ((key >> 31) & .max))) }

  /// A number less than the threshold goes to the left.
  static func limit(of threshold: Float) -> Int32 { key(of: threshold) }

  static var lowestCategory: Float { -.leastNonzeroMagnitude }
  static var memberGoesRight: Bool { true }
  static var greatestSum: Double { 1e38 }
}

extension Double: SplitNumber {
  static var slotsPerFeature: Int { 5 }

  static func slot(of missing: MissingRule) -> Int? { Int(missing.rawValue) }

  @inline(__always)
  static func storeKeys(of value: Double, at first: Int, in keys: inout MutableSpan<Int64>) {
    let key = key(of: value)
    let isMissing = value.isNaN
    let isZero = isMissing || abs(value) <= greatestZero
    unsafe keys[unchecked: first] = isMissing ? missingGoesLeft : key
    unsafe keys[unchecked: first &+ 1] = isMissing ? missingGoesRight : key
    unsafe keys[unchecked: first &+ 2] = isZero ? missingGoesLeft : key
    unsafe keys[unchecked: first &+ 3] = isZero ? missingGoesRight : key
    unsafe keys[unchecked: first &+ 4] = isMissing ? 0 : key
  }

  /// What LightGBM takes as zero, either way.
  private static var greatestZero: Double { Double(Float(1e-35)) }

  static func key(of value: Double) -> Int64 {
    let bits = Int64(bitPattern: (value + 0).bitPattern)
    return bits ^ ((bits >> 63) & .max)
  }

  static func number(of key: Int64) -> Double { Double(bitPattern: UInt64(bitPattern: key ^ ((key >> 63) & .max))) }

  /// A number up to the threshold, itself among them, goes to the left.
  static func limit(of threshold: Double) -> Int64 { key(of: threshold) + 1 }

  /// Numbers are cut to integers, so that -0.5 is category 0.
  static var lowestCategory: Double { -1 }
  static var memberGoesRight: Bool { false }
  static var greatestSum: Double { 1e300 }
}
