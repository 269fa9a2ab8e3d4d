internal import Records

/// The different values of an input, or the buckets that they fall in, among a key's rows.
struct ValueSet {
  let value: Int
  let type: ColumnType
  let isBucketed: Bool
  /// The word of a row with the unit of its value.
  let link: Int
  /// The word of a slot with the first of the key's units; buckets are in their order.
  let head: Int

  var isText: Bool { type == .string }

  // Words of a unit.
  static var next: Int { 0 }
  static var previous: Int { 1 }
  /// The slot of the key, and the number of the set.
  static var slot: Int { 2 }
  static var set: Int { 3 }
  /// The value, the unit of the text, or the number of the bucket.
  static var value: Int { 4 }
  /// The key's rows that have it.
  static var rows: Int { 5 }
  static var hash: Int { 6 }
  /// The rows in each window that is counted.
  static var firstCount: Int { 7 }

  static var none: Int64 { -1 }

  /// The bits that are kept of a value that is no text; nil where it is none.
  func kept(_ bits: Int64) -> Int64? {
    if isBucketed {
      let number = type == .float64 ? Double(bitPattern: UInt64(bitPattern: bits)) : Double(bits) / Double(type.unit)
      return QuantileBuckets.bucket(of: number)
    }
    guard type == .float64 else { return bits }
    let number = Double(bitPattern: UInt64(bitPattern: bits))
    // Numbers that are equal are one value.
    return number == 0 ? 0 : number.isNaN ? Int64(bitPattern: Double.nan.bitPattern) : bits
  }
}

/// What is counted of the values of a window.
struct ValueWindow {
  let newer: Int
  let older: Int
  /// The first of its words in a slot.
  let word: Int
  /// The word of a unit that counts its rows.
  let count: Int

  // Words from the first on.
  /// Values, and different ones.
  static var values: Int { 0 }
  static var different: Int { 1 }
  /// The sum of the scaled c ln c over the counts.
  static var entropy: Int { 2 }
  /// The unit of the most frequent value, or none where it must be looked for.
  static var top: Int { 3 }

  static var initials: [Int64] { [0, 0, 0, ValueSet.none] }
}

/// c ln c in steps of 2^-32: exact integers, whose sums depend on no order and can be taken back.
enum ScaledEntropy {
  static var scale: Double { 4_294_967_296 }

  static func term(_ count: Int64) -> Int64 {
    guard count > 1 else { return 0 }
    let term = (Double(count) * Elementary.ln(Double(count)) * scale).rounded()
    return term < 0x1p62 ? Int64(term) : 1 << 62
  }

  static func entropy(_ terms: Int64, of values: Int64) -> Double {
    Elementary.ln(Double(values)) - Double(terms) / (scale * Double(values))
  }
}

/// Buckets whose bounds grow by a constant factor: each value is within 1% of what its bucket stands for.
enum QuantileBuckets {
  /// A little less than 1%, so that rounding stays within it.
  private static let error = 0.0099
  private static let growth = Elementary.ln((1 + error) / (1 - error))
  /// From a bucket's upper bound to what it stands for.
  private static let shift = Elementary.ln(1 - error)
  /// The number of the bucket of 1, between those of the least double and of the greatest.
  private static let one: Int64 = 1 << 20

  /// In the order of numbers; 0 is 0's. Nil for what is no finite number.
  static func bucket(of number: Double) -> Int64? {
    guard number.isFinite else { return nil }
    guard number != 0 else { return 0 }
    let place = Int64((Elementary.ln(abs(number)) / growth).rounded(.up)) + one
    return number < 0 ? -place : place
  }

  static func value(of bucket: Int64) -> Double {
    guard bucket != 0 else { return 0 }
    let place = Double(abs(bucket) - one)
    // Not beyond the greatest number.
    let value = min(Elementary.exp(place * growth + shift), .greatestFiniteMagnitude)
    return bucket < 0 ? -value : value
  }
}
