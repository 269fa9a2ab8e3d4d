internal import Records

/// What a column that the stage adds is read from.
struct WindowResult {
  enum Kind {
    case count, sum, mean
    case valueCount, rate, stddev, extreme, first, last, timeSinceLast
    case decayedSum, decayedMean, decayedCount
    case sequence, speed
    case distinct, top, topShare, entropy, quantile

    var isPlain: Bool {
      switch self {
      case .count, .sum, .mean, .valueCount: true
      default: false
      }
    }
  }

  var kind: Kind
  /// Words of the cursors at the edges where rows enter and leave the window.
  let newer: Int
  let older: Int
  /// Words of the sums there.
  var newerSum = 0
  var olderSum = 0
  /// The value of a row, and for a speed that of the longitude; -1: none.
  var value = -1
  var otherValue = -1
  /// The word of the action at the newer edge, and of that at the older one; of a least or greatest value that of its place;
  /// of a window of a set its first word, and the word of a unit that counts.
  var word = 0
  var otherWord = 0
  /// The word of a row with the link of a least or greatest value.
  var link = 0
  /// The set of values that it is about.
  var set = 0
  var q = 0.0
  let isBool: Bool
  let isText: Bool
  let isFloat: Bool
  /// Of the newer edge; 0 where that is the row before.
  let age: Int64
  let halfLife: Int64
  /// Of a rate.
  let width: Int64
  /// 10^scale of the values.
  let unit: Int64
  /// The same of the other value.
  var otherUnit: Int64 = 1
  var otherIsFloat = false
  /// The result of a window without values; the bits of a double where it is one.
  let otherwise: Int64
  let hasOtherwise: Bool

  init(_ aggregate: WindowAggregate, newer: Int, older: Int, _ type: ColumnType) {
    self.newer = newer
    self.older = older
    isBool = type == .bool
    isText = type == .string
    isFloat = type == .float64
    if case .age(let age) = aggregate.newer { self.age = age } else { age = 0 }
    halfLife = aggregate.halfLife ?? 1
    if case .rate(let width) = aggregate.function { self.width = width } else { width = 1 }
    unit = type.unit
    switch aggregate.otherwise {
    case .integer(let value)?: otherwise = value
    case .float(let value)?: otherwise = Int64(bitPattern: value.bitPattern)
    case nil: otherwise = 0
    }
    hasOtherwise = aggregate.otherwise != nil
    kind =
      switch aggregate.function {
      case .count: .count
      case .sum: .sum
      case .mean: .mean
      case .rate: .rate
      case .stddev: .stddev
      case .min, .max: .extreme
      case .first: .first
      case .last: .last
      case .timeSinceLast: .timeSinceLast
      case .decayedSum: .decayedSum
      case .decayedMean: .decayedMean
      case .decayedCount: .decayedCount
      case .sequence: .sequence
      case .speed: .speed
      case .distinct, .distinctUpTo: .distinct
      case .top: .top
      case .topShare: .topShare
      case .entropy: .entropy
      case .quantile: .quantile
      }
  }
}
