/// Where the messages of an input end, so that it can be told how many of them are used up.
struct MessageEnds {
  /// Messages whose ends are forgotten, all used up.
  private var before: UInt64
  /// The place in the input behind them.
  private var start: Int
  /// The places behind the others, and how many end there: promises have no bytes, and of a silent input many come.
  private var ends: [(place: Int, messages: UInt64)] = []

  init(before: UInt64 = 0, start: Int = 0) {
    self.before = before
    self.start = start
  }

  /// Notes where the next message ends, and forgets those that end before `place`, to which the input is used up.
  mutating func append(_ end: Int, forgettingBefore place: Int) {
    let used = used(through: place)
    if used > 0 {
      (before, start) = count(through: place)
      ends.removeFirst(used)
    }
    if let last = ends.last, last.place == end {
      ends[ends.count - 1].messages += 1
    } else {
      ends.append((end, 1))
    }
  }

  /// How many messages end before `place`, and where the next one begins.
  func count(through place: Int) -> (messages: UInt64, start: Int) {
    let used = used(through: place)
    return (ends[..<used].reduce(before) { $0 + $1.messages }, used > 0 ? ends[used - 1].place : start)
  }

  private func used(through place: Int) -> Int { ends.firstIndex { $0.place > place } ?? ends.count }
}
