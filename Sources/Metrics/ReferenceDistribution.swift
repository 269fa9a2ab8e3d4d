internal import Glibc

/// How the values of a column were spread, in bins of about equal counts, to tell later whether they have moved.
package struct ReferenceDistribution: Hashable, Codable {
  /// Between the bins, rising: a bin holds what is above the edge before it, and its own edge.
  package let edges: [Double]
  /// Rows of each bin, one more than edges.
  package let counts: [Int64]
  /// Rows without a value.
  package let missing: Int64

  /// Bins that are asked for; fewer where values repeat.
  private static let bins = 10
  /// What a share counts as at the least, for the logarithm of none.
  private static let leastShare = 1e-4

  /// - Parameter values: numbers, in any order.
  package init(_ values: consuming [Double], missing: Int64) {
    values.sort()
    var edges: [Double] = []
    for part in 1..<Self.bins where !values.isEmpty {
      let edge = values[max(values.count * part / Self.bins - 1, 0)]
      if edges.last.map({ $0 < edge }) ?? true { edges.append(edge) }
    }
    self.edges = edges
    self.missing = missing
    var counts = Array(repeating: Int64(0), count: edges.count + 1)
    for value in values { counts[Self.bin(value, edges)] += 1 }
    self.counts = counts
  }

  /// Whether it is one that values could have left: it may come from a file.
  package var isSound: Bool {
    counts.count == edges.count + 1 && counts.allSatisfy { 0...Int64(1) << 48 ~= $0 }
      && 0...Int64(1) << 48 ~= missing && edges.count < 1000 && rows > 0
      && edges.allSatisfy { !$0.isNaN } && edges.indices.dropFirst().allSatisfy { edges[$0 - 1] < edges[$0] }
  }

  package var rows: Int64 { counts.reduce(missing, +) }

  /// The place of a value's bin among the counts; behind them for a row without a value.
  package func bin(_ value: Double?) -> Int {
    guard let value, !value.isNaN else { return counts.count }
    return Self.bin(value, edges)
  }

  private static func bin(_ value: Double, _ edges: [Double]) -> Int {
    var (low, high) = (0, edges.count)
    while low < high {
      let middle = (low + high) / 2
      if edges[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The population stability index: the sum over bins of (a - e) ln(a / e), for the shares a of other rows and those e of the
  /// reference; nil where there are no rows.
  ///
  /// - Parameter others: rows of each bin, and behind them those without a value.
  package func stabilityIndex(_ others: [Int64]) -> Double? {
    let all = others.reduce(0, +)
    guard all > 0, rows > 0, others.count == counts.count + 1 else { return nil }
    var sum = 0.0
    for (expected, actual) in zip(counts + [missing], others) {
      let share = max(Double(expected) / Double(rows), Self.leastShare)
      let other = max(Double(actual) / Double(all), Self.leastShare)
      sum += (other - share) * log(other / share)
    }
    return sum
  }
}
