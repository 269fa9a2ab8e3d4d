internal import Records

/// A sum of values and one of their weights, both of which halve with each half life since `time`.
struct DecayedSum {
  private var sum: Double
  private var weight: Double
  private var time: Int64

  /// Half lives after which nothing is left.
  static var mostHalfLives: UInt64 { 64 }

  @inline(__always)
  init(_ words: UnitWords, at word: Int) {
    sum = Double(bitPattern: UInt64(bitPattern: words[word]))
    weight = Double(bitPattern: UInt64(bitPattern: words[word &+ 1]))
    time = words[word &+ 2]
  }

  @inline(__always)
  func store(in words: MutableUnitWords, at word: Int) {
    words[word] = Int64(bitPattern: sum.bitPattern)
    words[word &+ 1] = Int64(bitPattern: weight.bitPattern)
    words[word &+ 2] = time
  }

  mutating func add(_ value: Double, at now: Int64, halfLife: Int64) {
    let left = left(at: now, halfLife: halfLife)
    sum = left == 0 ? value : sum * left + value
    weight = left == 0 ? 1 : weight * left + 1
    time = now
  }

  /// The sum and the weight at a time; nil where nothing is left.
  func value(at now: Int64, halfLife: Int64) -> (sum: Double, weight: Double)? {
    let left = left(at: now, halfLife: halfLife)
    return left == 0 ? nil : (sum * left, weight * left)
  }

  /// The share that is left at a time; 0 too before any value.
  private func left(at now: Int64, halfLife: Int64) -> Double {
    let passed = UInt64(bitPattern: now &- time)
    guard weight != 0, passed < Self.mostHalfLives &* UInt64(bitPattern: halfLife) else { return 0 }
    return passed == 0 ? 1 : Elementary.exp2(-(Double(passed) / Double(halfLife)))
  }
}
