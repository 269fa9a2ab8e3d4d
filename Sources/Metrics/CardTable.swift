/// The cards of a day, in the order in which they came, found by open addressing with linear probing.
package struct CardTable {
  package struct Card {
    /// A stable hash: its lower bits say where the search begins.
    package let key: UInt64
    /// The highest of the day.
    package var score: Double
    /// Whether any row was one.
    package var isFraud: Bool

    package init(key: UInt64, score: Double, isFraud: Bool) {
      self.key = key
      self.score = score
      self.isFraud = isFraud
    }
  }

  /// The cards, all pages but the last one full: somebody who holds them makes a change copy one page, not all.
  private(set) var pages: [[Card]] = []
  private(set) var count = 0
  /// An index of a card + 1; 0 is an empty place. A power of two of them, at most half of them taken.
  private var places: [UInt32] = Array(repeating: 0, count: 1024)

  private static var pageBits: Int { 10 }
  private static var pageMask: Int { 1 << pageBits - 1 }

  mutating func add(_ key: UInt64, _ score: Double, isFraud: Bool) {
    var place = firstPlace(key)
    while places[place] != 0 {
      let index = Int(places[place]) - 1
      let (page, row) = (index &>> Self.pageBits, index & Self.pageMask)
      if pages[page][row].key == key {
        if score > pages[page][row].score { pages[page][row].score = score }
        if isFraud, !pages[page][row].isFraud { pages[page][row].isFraud = true }
        return
      }
      place = (place &+ 1) & (places.count &- 1)
    }
    if count & Self.pageMask == 0 {
      pages.append([])
      pages[pages.count - 1].reserveCapacity(1 << Self.pageBits)
    }
    pages[pages.count - 1].append(Card(key: key, score: score, isFraud: isFraud))
    count += 1
    places[place] = UInt32(count)
    if count * 2 > places.count { grow() }
  }

  mutating func removeAll() {
    pages.removeAll(keepingCapacity: true)
    count = 0
    for place in places.indices { places[place] = 0 }
  }

  private mutating func grow() {
    places = Array(repeating: 0, count: places.count * 2)
    for (index, card) in pages.joined().enumerated() {
      var place = firstPlace(card.key)
      while places[place] != 0 { place = (place + 1) & (places.count - 1) }
      places[place] = UInt32(index + 1)
    }
  }

  @inline(__always)
  private func firstPlace(_ key: UInt64) -> Int { Int(truncatingIfNeeded: key) & (places.count &- 1) }
}
