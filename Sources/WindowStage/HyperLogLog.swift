/// HyperLogLog (Flajolet, Fusy, Gandouet and Meunier 2007): how many different values there are, estimated from the
/// longest run of zeros among the hashes that fall on each of some registers. Its standard error is 1.04 / sqrt(4096),
/// which is 1.6%.
enum HyperLogLog {
  /// Bits of a hash that name its register.
  private static var bits: UInt64 { 12 }
  static var registers: Int { 1 << 12 }
  /// The greatest rank of a hash; 0 is that of a register without any.
  static var mostRank: Int { 53 }
  /// The counts of registers by their rank.
  static var ranks: Int { mostRank + 1 }

  @inline(__always)
  static func register(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash &>> (64 &- bits)) }

  /// The place of the first bit that is set behind those of the register, from 1.
  @inline(__always)
  static func rank(_ hash: UInt64) -> Int { min((hash &<< bits).leadingZeroBitCount, mostRank - 1) + 1 }

  /// The estimate, by Ertl's improved raw estimator (2017, "New cardinality estimation algorithms for HyperLogLog
  /// sketches", algorithm 6), which needs no correction for few values or for many. Sums, products and square roots
  /// alone, so that its bits are the same everywhere.
  ///
  /// - Parameter counts: of registers, from `first` on `ranks` of them.
  static func estimate(_ counts: [Int32], from first: Int) -> Double {
    let registers = Double(Self.registers)
    var sum = registers * tau(1 - Double(counts[first + mostRank]) / registers)
    var rank = mostRank - 1
    while rank > 0 {
      sum = 0.5 * (sum + Double(counts[first + rank]))
      rank -= 1
    }
    sum += registers * sigma(Double(counts[first]) / registers)
    // 1 / (2 ln 2)
    return 0.721347520444481703680 * registers * registers / sum
  }

  /// x + the sum of x^(2^k) 2^(k - 1), k from 1.
  private static func sigma(_ fraction: Double) -> Double {
    guard fraction < 1 else { return .infinity }
    var (power, weight, sum) = (fraction, 1.0, fraction)
    while true {
      power *= power
      let next = sum + power * weight
      if next == sum { return sum }
      sum = next
      weight += weight
    }
  }

  /// (1 - x - the sum of (1 - x^(2^-k))^2 2^-k, k from 1) / 3.
  private static func tau(_ fraction: Double) -> Double {
    guard fraction > 0, fraction < 1 else { return 0 }
    var (root, weight, sum) = (fraction, 1.0, 1 - fraction)
    while true {
      root = root.squareRoot()
      weight *= 0.5
      let next = sum - (1 - root) * (1 - root) * weight
      if next == sum { return sum / 3 }
      sum = next
    }
  }
}
