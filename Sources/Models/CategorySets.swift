/// The sets of categories by which nodes split: a bit for each category.
struct CategorySets: Sendable {
  /// One after the other.
  private(set) var words: [UInt32] = []
  /// Where each begins, and where the last ends.
  private(set) var starts: [Int] = [0]

  /// Fewer than there are keys below those of all numbers in single precision.
  static let mostSets = 1 << 22
  /// XGBoost's categories go up to 2^24.
  static let mostWords = 1 << 19
  /// Of all sets of a model: 64 MB.
  static let mostWordsInAll = 1 << 24

  var count: Int { starts.count - 1 }

  /// Adds a set; its number.
  mutating func append(_ set: [UInt32]) -> Int {
    words += set
    starts.append(words.count)
    return count - 1
  }

  func words(of set: Int) -> [UInt32] { Array(words[starts[set]..<starts[set + 1]]) }
}

/// The sets as a walk reads them.
struct CategorySpans: ~Escapable {
  let words: Span<UInt32>
  let starts: Span<Int>

  @_lifetime(borrow sets)
  init(_ sets: borrowing CategorySets) {
    words = sets.words.span
    starts = sets.starts.span
  }

  /// Whether a row with this key goes to the right where a split's limit stands for a set.
  @inline(__always)
  func sendsRight<Number: SplitNumber>(_ limit: Number.Key, _ key: Number.Key, _: Number.Type) -> Bool {
    if key == Number.missingGoesLeft { return false }
    if key == Number.missingGoesRight { return true }
    let set = Int(limit &- Number.firstSetLimit)
    let (start, end) = (starts[set], starts[set &+ 1])
    let value = Number.number(of: key)
    var isMember = false
    // An empty set has no place for a category 0 from below 0 either.
    if end > start, value > Number.lowestCategory, value < Number((end &- start) &* 32) {
      let category = Int(value)
      isMember = words[start &+ category >> 5] >> UInt32(category & 31) & 1 != 0
    }
    return isMember == Number.memberGoesRight
  }
}
