/// The k keys with the highest scores among rows that come one by one, each with the row that has its highest score; of equal
/// scores the row that came first is the riskier.
///
/// Holds k rows and no more: a row that k keys are ahead of stays behind them, for their scores only rise.
package struct RiskiestKeys<Row> {
  package struct Entry {
    /// nil: a row that is a key by itself.
    package let key: UInt64?
    package let score: Double
    package let row: Row

    package init(key: UInt64?, score: Double, row: Row) {
      self.key = key
      self.score = score
      self.row = row
    }
  }

  package let k: Int
  /// The riskiest first.
  package private(set) var entries: [Entry]

  /// - Parameters:
  ///   - k: 1 or more.
  ///   - entries: those of a saved state, in their order.
  package init(k: Int, _ entries: [Entry] = []) {
    self.k = k
    self.entries = entries
  }

  /// Whether entries are as those of so many keys can be.
  package static func isSound(_ entries: [Entry], k: Int) -> Bool {
    let keys = entries.compactMap(\.key)
    return entries.count <= k && Set(keys).count == keys.count && entries.allSatisfy { !$0.score.isNaN }
      && entries.indices.dropFirst().allSatisfy { entries[$0].score <= entries[$0 - 1].score }
  }

  /// Takes in a row.
  ///
  /// - Parameters:
  ///   - score: a number.
  ///   - row: made when it is kept.
  /// - Returns: whether a row was left out for good, this one or another.
  package mutating func add(key: UInt64?, score: Double, row: () -> Row) -> Bool {
    if entries.count == k, score <= entries[k - 1].score { return true }
    var leavesOut = false
    if let key, let place = entries.firstIndex(where: { $0.key == key }) {
      guard score > entries[place].score else { return true }
      entries.remove(at: place)
      leavesOut = true
    } else if entries.count == k {
      entries.removeLast()
      leavesOut = true
    }
    entries.insert(Entry(key: key, score: score, row: row()), at: place(score))
    return leavesOut
  }

  /// Forgets all rows.
  package mutating func removeAll() { entries.removeAll(keepingCapacity: true) }

  /// Behind all entries of that score.
  private func place(_ score: Double) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].score >= score { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension RiskiestKeys.Entry: Sendable where Row: Sendable {}
